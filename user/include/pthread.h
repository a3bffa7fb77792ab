// Threads of POSIX: user/pthread.h says what there is.
#pragma once
#include "user/pthread.h"
int sched_yield(void);
