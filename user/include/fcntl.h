// open: abi/fcntl.h.
#pragma once
#include "abi/fcntl.h"
#define O_CREAT O_CREATE
int open(const char *path, int flags, ...); // a mode is ignored
