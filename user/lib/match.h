// Patterns of grep: pure, tested on the host.
//
//	c     itself          .     any byte
//	^ $   start, end      [abc] [a-z] [^a-z] one of, none of
//	\c    c as it is      x* x+ x?  none or more, one or more, none or one
#pragma once
#include "lib/types.h"

// Does the pattern occur in the text? No pattern is wrong: a [ without its end,
// and a * without an item before it, stand for themselves.
bool match(const char *pattern, const char *text);
