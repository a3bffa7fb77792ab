// Kinds of wide characters: in the locale "C" they are bytes.
#pragma once
#include <stddef.h>
typedef unsigned int wint_t;
int iswalpha(wint_t c), iswdigit(wint_t c), iswalnum(wint_t c);
int iswspace(wint_t c), iswprint(wint_t c), iswupper(wint_t c);
int iswlower(wint_t c), iswpunct(wint_t c);
wint_t towupper(wint_t c), towlower(wint_t c);
