// SYS_fork and so on: 1 to 21 are the same.
#pragma once
#include "abi/syscalls.h"
