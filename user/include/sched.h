// Lets other threads run first.
#pragma once
int sched_yield(void);
