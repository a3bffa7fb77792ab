// The numbers of processes and threads: one supply for both.
#pragma once
#include "lib/types.h"

// A number that nobody has: never 0, and not given out again soon. -EAGAIN if
// all NTHREAD are in use. No two have the same remainder by NTHREAD.
int id_take(void) __must_check;
void id_give(int id);
