// Regular expressions of POSIX: basic ones, and extended ones (REG_EXTENDED).
// Of the matches that begin first, the longest counts. A back reference (\1) is
// tried a bounded number of times.
#pragma once
#include <stddef.h>

typedef int regoff_t;
typedef struct {
	regoff_t rm_so, rm_eo; // -1: this group took no part
} regmatch_t;
typedef struct {
	size_t re_nsub; // groups
	struct libc_regex *program;
} regex_t;

enum { REG_EXTENDED = 1, REG_ICASE = 2, REG_NOSUB = 4, REG_NEWLINE = 8 };
enum { REG_NOTBOL = 1, REG_NOTEOL = 2 };
enum { REG_NOMATCH = 1, REG_BADPAT, REG_ECOLLATE, REG_ECTYPE, REG_EESCAPE,
       REG_ESUBREG, REG_EBRACK, REG_EPAREN, REG_EBRACE, REG_BADBR, REG_ERANGE,
       REG_ESPACE, REG_BADRPT };

// 0 or one of the numbers above.
int regcomp(regex_t *r, const char *pattern, int flags);
int regexec(const regex_t *r, const char *text, size_t n, regmatch_t found[],
	    int flags);
// A message; the bytes that it needs.
size_t regerror(int error, const regex_t *r, char *buf, size_t size);
void regfree(regex_t *r);
