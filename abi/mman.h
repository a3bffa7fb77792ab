// mmap, mprotect, msync. i386 paging has no execute bit: PROT_EXEC is
// PROT_READ. A shared map that may write to a file counts as an open for
// writing (exec of the file is ETXTBSY) until it is gone; a private map or one
// that may only read keeps nobody from writing to the file.
//
// A process has at most 4,096 areas. Its memory without a file (heap, stack,
// anonymous mappings) may not be more than the machine has, all together. sbrk
// and mmap fail with ENOMEM beyond that, and while fewer than 1/64 of all
// frames are free.
#pragma once

#define PROT_NONE  0
#define PROT_READ  1
#define PROT_WRITE 2
#define PROT_EXEC  4

#define MAP_SHARED    0x01
#define MAP_PRIVATE   0x02
#define MAP_FIXED     0x10
#define MAP_ANONYMOUS 0x20
#define MAP_FAILED    ((void *)-1)

#define MS_ASYNC 1
#define MS_SYNC  4
