// Children: abi/wait.h.
#pragma once
#include "types.h"
#include "abi/wait.h"
#define wait libc_wait // cr3's own has no argument
pid_t wait(int *status);
pid_t waitpid(pid_t pid, int *status, int options);
