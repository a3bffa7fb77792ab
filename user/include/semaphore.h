// Semaphores of POSIX: pthread.h has them.
#pragma once
#include "pthread.h"
