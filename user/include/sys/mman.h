// Mappings: abi/mman.h.
#pragma once
#include <stddef.h>
#include "abi/mman.h"
void *mmap(void *at, unsigned int len, int prot, int flags, int fd,
	   unsigned int off);
int munmap(void *at, unsigned int len);
int mprotect(void *at, unsigned int len, int prot);
int msync(void *at, unsigned int len, int flags);
