// stat of POSIX, from cr3's (abi/stat.h).
#pragma once
#include "types.h"
struct stat {
	mode_t st_mode;
	int st_dev, st_nlink;
	ino_t st_ino;
	off_t st_size;
	long st_mtime;
};
#define S_IFMT  0170000
#define S_IFDIR 0040000
#define S_IFREG 0100000
#define S_IFCHR 0020000
#define S_ISDIR(m) (((m) & S_IFMT) == S_IFDIR)
#define S_ISREG(m) (((m) & S_IFMT) == S_IFREG)
#define stat(path, st)  libc_stat(path, st)
#define fstat(fd, st)   libc_fstat(fd, st)
#define mkdir(path, mode) libc_mkdir(path)
int libc_stat(const char *path, struct stat *st);
int libc_fstat(int fd, struct stat *st);
int libc_mkdir(const char *path);
