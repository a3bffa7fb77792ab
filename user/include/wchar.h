// Wide characters, as far as the locale "C" has them: each is one byte.
#pragma once
#include "user/include/wctype.h"
#define WEOF ((wint_t)-1)
wint_t btowc(int c);
int wctob(wint_t c);
size_t wcslen(const wchar_t *s);
int wcwidth(wchar_t c); // columns; -1: not printable
