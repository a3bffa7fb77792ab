// T_DIVIDE and the other exceptions, and T_SYSCALL, the vector of system calls.
#pragma once
#include "abi/syscalls.h"
#include "abi/traps.h"
