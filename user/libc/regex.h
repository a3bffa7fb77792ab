// A regular expression, compiled: instructions for regexec.c, which tries the
// ways through them.
//
//	a*b    0: SPLIT 1 3    1: CHAR a    2: JUMP 0    3: CHAR b    4: MATCH
#pragma once
#include <stdbool.h>
#include "user/include/regex.h"

enum op {
	CHAR,  // the character x
	ANY,   // each but the final 0
	SET,   // one of sets[x]
	SPLIT, // first x, then y
	JUMP,  // x
	SAVE,  // this place is number x of the groups' ends
	BACK,  // what group x has matched
	BEGIN, // of the text, or with REG_NEWLINE of a line
	END,
	CHECK, // number x is not this place: a loop must move on
	MATCH,
};

struct instruction {
	unsigned char op;
	int x, y;
};

typedef unsigned char set_t[32]; // a bit for each character

#define CODE_MAX 8000 // instructions
#define GROUPS   32
#define MARKS    64   // loops that may be empty

struct libc_regex {
	struct instruction *code;
	int n, size;
	set_t *sets;
	int nsets;
	int marks;    // SAVE and CHECK use the numbers above the groups'
	bool back;    // there are back references
	bool icase, newline;
};

static inline bool
in_set(const set_t s, unsigned char c)
{
	return s[c / 8] >> c % 8 & 1;
}

// regset.c: adds the members of the set behind the [ at p. What follows the
// set's ], or NULL and an error number.
const char *libc_read_set(const char *p, set_t set, bool newline, int *error);
