// Whole words only: vm.c fills and copies parts of directories.
#pragma once
void *memset(void *to, int c, unsigned n);
void *memcpy(void *to, const void *from, unsigned n);
