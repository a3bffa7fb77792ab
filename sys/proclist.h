// All processes at once: for ps, Ctrl-P, Ctrl-C, and when memory is out.
#pragma once
#include "abi/info.h"
#include "lib/types.h"

// Lets panic name the running process, Ctrl-C and Ctrl-P reach the processes.
void proclist_init(void);

// Fills info for the process with the least pid above `after` (0: the first).
// Returns its pid, to ask on from, or -ESRCH when there are no more.
int proc_info(int after, struct procinfo *info) __must_check;

// Copies page `index` of pid's recursive window, what that process itself could
// read there: the table of directory entry `index`, or the directory. 0,
// -ESRCH, -ENOENT (no table), -EPERM (a kernel's table: no U), -EINVAL.
int proc_ptwindow(int pid, uint index, void *page) __must_check;

// Asks all processes of a group to end, but never the first. 0 or -ESRCH.
int proc_kill_group(int group, int reason);

// Puts pid (0: the caller; else itself or a child) in group (0: its own pid).
// 0, -ESRCH, -EINVAL.
int proc_setpgid(int pid, int group) __must_check;

// Memory is out: kills the process with most resident pages, SIGKILL, with a
// message. True if there was one (waiting and trying again then makes sense).
bool proc_kill_biggest(void);

// Prints all processes with state and where each sleeps. Any context.
void proc_dump(void);
