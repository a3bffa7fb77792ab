// What programs need of the file system's format: entries of a directory, and
// the size of the largest file that xv6 can have. Ours may be larger.
#pragma once
#include "abi/stat.h" // struct dirent

#define ROOTINO   1
#define DIRSIZ    14
#define BSIZE     512
#define NDIRECT   12
#define NINDIRECT (BSIZE / sizeof(unsigned int))
#define MAXFILE   (NDIRECT + NINDIRECT)
