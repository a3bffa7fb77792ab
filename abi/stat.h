// What fstat returns, and what read of a directory returns.
#pragma once

#define T_DIR  1
#define T_FILE 2
#define T_DEV  3

#define DEV_CONSOLE 1 // the console's major number
#define DEV_DISK    2 // a disk's; minor: which one, from 0 on
#define DEV_NULL    3 // takes everything, has nothing
#define DEV_ZERO    4 // takes everything, has zeros without end

struct stat {
	short type;        // T_DIR, T_FILE or T_DEV
	int dev;           // the disk
	unsigned int ino;  // inode number
	short nlink;       // names that refer to it
	unsigned int size; // bytes
};

// The name fills all 14 bytes or ends with a 0. inum 0 marks a free entry.
struct dirent {
	unsigned short inum;
	char name[14];
};
