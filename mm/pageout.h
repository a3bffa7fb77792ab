// Which pages leave memory when it is out: the clock (mm/pageout.c).
#pragma once
#include "lib/types.h"

struct mm;
struct vminfo;

// From now on the clock finds the pages of mm. Its pages stay where they are
// before that, and after pageout_leave, which does no harm before.
void pageout_enter(struct mm *mm);
void pageout_leave(struct mm *mm);

// Frees about `want` frames: pages of files that are clean, or become so by a
// commit, and pages of programs that go to swap. Returns how many; 0: there is
// nothing left to free, or the thread is killed. Allocates nothing. Holds
// nothing. Sleeps.
uint pageout_reclaim(uint want);

// Fills in what the clock has done.
void pageout_count(struct vminfo *v);
