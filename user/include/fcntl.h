// open and fcntl: abi/fcntl.h.
#pragma once
#include "abi/fcntl.h"
int open(const char *path, int flags, ...); // a mode is ignored
int fcntl(int fd, int command, ...);
int creat(const char *path, ...);
