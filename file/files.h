// The table of open files that a process has: numbers to files.
//
//	struct proc -> struct files            struct file
//	               0 |   o---|------------> console, read and write, 2 refs
//	               1 |   o---|------------/
//	               2 |       |
//	               3 |   o---|------------> an inode, at offset 512
//
// dup and fork make more arrows to one struct file, so that they share its
// offset. open makes a new struct file.
#pragma once
#include "abi/limits.h"
#include "lib/types.h"

struct file;

// A process has one thread, and only this thread uses the table: no lock. A
// call still takes a reference to the file that it works on.
struct files {
	uint32_t open;           // bit n is set: fd[n] is in use
	struct file *fd[NOFILE];
};

void files_init(void);

// An empty table; NULL if memory is out.
struct files *files_new(void);
// A table whose numbers mean the same open files (fork); NULL if memory is out.
struct files *files_clone(const struct files *t);
// Closes all its files and frees the table. NULL: nothing to do. Sleeps.
void files_put(struct files *t);
