// panic and assert: the proof shows that neither is reached.
#pragma once
void panic(const char *fmt, ...);
#define assert(c) prove_assert(c)
#define assertf(c, ...) prove_assert(c)
void prove_assert(int c);
