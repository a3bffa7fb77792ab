// The console's size, the only thing that ioctl knows here.
#pragma once
#include "abi/system.h"
#define TIOCGWINSZ 0x5413
#define TIOCSWINSZ 0x5414
int ioctl(int fd, unsigned long request, ...); // EINVAL: another request
