// fuzz: what its files share. The head of user/fuzz.c tells the whole.
#pragma once
#include "user.h"

enum { PAGE = 4096 };

// ---- Dice: a row of numbers that depends on nothing but its seed ------------
struct dice {
	uint state; // not 0
};

static inline struct dice
dice_new(uint seed)
{
	seed = (seed + 1) * 0x9E3779B1;
	return (struct dice){ seed ? seed : 1 };
}

// Any number.
static inline uint
roll_any(struct dice *d)
{
	d->state ^= d->state << 13;
	d->state ^= d->state >> 17;
	d->state ^= d->state << 5;
	return d->state * 0x2545F491;
}

// A number below n.
static inline uint
roll(struct dice *d, uint n)
{
	return (roll_any(d) >> 4) % n;
}

// A number of an array.
#define ROLL_OF(d, array) ((array)[roll(d, countof(array))])

// ---- Batches ----------------------------------------------------------------
// What a batch does. It runs in a process of its own, in an empty directory,
// with no open file. Each attempt is counted by attempt(). It may end in any
// way: by its return, killed, or stuck, and is killed then.
typedef void batch(struct dice *d, int attempts);
batch fuzz_calls, fuzz_elf, fuzz_traps;

// Counts an attempt, and with -v tells what is tried: a name and n numbers.
void attempt(const char *name, const int *numbers, int n);

// Runs body(arg) in a child for at most `ticks`, and waits for its end.
void run_bounded(void (*body)(void *arg), void *arg, int ticks);

// An address, a length or a number that no program means. It is no address in
// the program, its data or its stack.
int hostile(struct dice *d);
