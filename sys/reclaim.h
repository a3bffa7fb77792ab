// What the kernel does when memory is out: the one policy for faults, system
// calls and promises.
//
//	1. pages go: clean ones of files, others to swap (mm/pageout.h);
//	2. the process whose end frees most is killed.
//
// A killed process frees its memory at its next way out of the kernel. So all
// functions here sleep, and the caller holds nothing: the process that is
// chosen could be waiting for it.
#pragma once
#include "lib/types.h"

// A fault found no memory, and without it the process must die. Makes room.
// tries: how often it has for this fault already. True: try again.
bool reclaim_for_fault(int tries) __must_check;

// A system call found no memory. It can be refused, so only a process that
// holds a good part of the memory is killed, and never the caller. False at
// once if memory is not short: then the call was refused for another reason.
bool reclaim_for_call(int tries) __must_check;

// May more memory be promised (sbrk, mmap)? Only while at least 1/64 of all
// frames are free, after a reclaim. Kills nobody.
bool reclaim_can_promise(void) __must_check;
