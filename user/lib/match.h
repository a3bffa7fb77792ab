// Patterns of grep: pure, tested on the host.
//
//	c     itself          .     any byte
//	^ $   begin, end      [abc] [a-z] [^a-z] one of, none of
//	\c    c as it is      x* x+ x?  none or more, one or more, none or one
#pragma once
#include "lib/types.h"

// Does the pattern occur in the text? Every pattern means something: what is
// not closed or has nothing before it stands for itself.
bool match(const char *pattern, const char *text);
