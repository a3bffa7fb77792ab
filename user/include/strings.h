// Strings of BSD.
#pragma once
#include "user/include/string.h"
#define index(s, c)   strchr(s, c)
#define rindex(s, c)  strrchr(s, c)
#define bzero(p, n)   memset(p, 0, n)
#define bcopy(a, b, n) memmove(b, a, n)
#define bcmp(a, b, n) memcmp(a, b, n)
