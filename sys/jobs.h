// Jobs: groups of processes that one key ends together.
#pragma once
#include "lib/types.h"

// From here on Ctrl-C ends the console's foreground group and Ctrl-P lists the
// processes. After procinfo_init.
void jobs_init(void);

// Asks all processes of a group to end, but never the first process. 0 or
// -ESRCH. Any context.
int jobs_kill(int group, int reason);

// Puts process pid (0: the running one; else itself or a child of it) into a
// group (0: the group with the process's own number). 0, -ESRCH, -EINVAL.
int jobs_move(int pid, int group) __must_check;
