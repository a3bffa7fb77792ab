// Directories (POSIX). rewinddir begins again.
#pragma once
#include "user/include/sys/types.h"
#ifndef NAME_MAX
#define NAME_MAX 14
#endif
struct dirent {
	ino_t d_ino;
	char d_name[NAME_MAX + 1];
};
typedef struct libc_dir DIR;
DIR *opendir(const char *path);
DIR *fdopendir(int fd);
struct dirent *readdir(DIR *d); // NULL at the end
void rewinddir(DIR *d);
int dirfd(DIR *d);
int closedir(DIR *d);
