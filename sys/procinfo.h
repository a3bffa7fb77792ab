// What can be known about processes: for ps, for Ctrl-P, for a panic's report.
#pragma once
#include "abi/info.h"
#include "lib/types.h"

// Who the running thread of a process is, for messages, in `who`: "sh[5]", or
// "psort[5] thread 7" if the thread is not its process's first. Returns who.
#define WHO_SIZE 48
const char *procinfo_who(char *who);

// A panic's report names the running process from here on.
void procinfo_init(void);
// Starts the kernel thread that lists the processes. 0 or -ENOMEM.
int procinfo_start(void) __must_check;

// Fills in info for the process with the least pid above `after` (0: the
// first), or with PROCINFO_THREADS in `after` for the thread with the least
// number above it. Returns what the next call goes on from, or -ESRCH at the
// end.
int procinfo_next(int after, struct procinfo *info) __must_check;

// Has all processes printed, with their states and where each one sleeps. Any
// context: the printing is done by a thread, soon.
void procinfo_list(void);

// Copies page `index` of pid's recursive window: the table of directory entry
// `index`, or the directory. This is what the process itself could read there.
// Returns how many directories name it (1: no fork shares it), or -ESRCH,
// -ENOENT (no table), -EPERM (a table of the kernel: no U), -EINVAL.
int procinfo_window(int pid, uint index, void *page) __must_check;

// Fills in the memory of process pid: zeros for a zombie. 0 or -ESRCH.
int procinfo_memory(int pid, struct vmproc *v) __must_check;

// Copies to name, AREA_NAME bytes, what belongs at address va of process pid
// (mm_describe). 0 or -ESRCH. Sleeps.
int procinfo_area(int pid, vaddr_t va, char *name) __must_check;
