// There is one locale, "C" (ISO C 7.11).
#pragma once
#include <stddef.h>
enum { LC_ALL, LC_COLLATE, LC_CTYPE, LC_MONETARY, LC_NUMERIC, LC_TIME };
struct lconv { char *decimal_point, *thousands_sep, *grouping; };
char *setlocale(int category, const char *locale);
struct lconv *localeconv(void);
