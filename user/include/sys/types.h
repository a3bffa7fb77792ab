// Types of POSIX.
#pragma once
#include <stddef.h>
typedef int ssize_t;
typedef int pid_t;
typedef int off_t;
typedef unsigned int mode_t;
typedef unsigned int ino_t;
