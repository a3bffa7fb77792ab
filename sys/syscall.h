// System calls: from int $T_SYSCALL to a function of sys/call.h and back.
#pragma once
#include "x86/trapframe.h"

// Runs the call in tf->eax for the running process; sets tf->eax and, on
// failure, tf->edx. -ENOMEM is tried again after sys/reclaim has made room.
// Sleeps.
void syscall(struct trapframe *tf);
