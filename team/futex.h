// Futexes: a thread sleeps until another one has changed a word of memory. The
// kernel knows nothing of a lock that a program builds from it. It only
// compares a word, and keeps sleepers by the word's place.
#pragma once
#include "lib/types.h"

struct mm;

void futex_init(void);

// If the word at va of the running process's space is `expected`, sleeps until
// a futex_wake of this word. `ticks`: at most so long; < 0: no limit. 0 when
// woken; -EAGAIN (the word is another), -ETIMEDOUT, -EINTR (killed), -EINVAL
// (va is no multiple of 4), -EFAULT, -ENOMEM, -EIO.
int futex_wait(struct mm *mm, vaddr_t va, int expected, int ticks) __must_check;
// Wakes up to `count` threads that wait for the word, the longest waiters
// first. Returns how many, or -EINVAL, -EFAULT. Sleeps.
int futex_wake(struct mm *mm, vaddr_t va, int count) __must_check;
