// The table of open files that a process has: numbers to files. The current
// directory stands beside them.
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
#include "kern/lock.h"
#include "lib/types.h"

struct file;
struct inode;

// The threads of a process share its table. So a call takes a reference to the
// file that it works on, under the lock, and works without the lock: another
// thread may close the number meanwhile. Letter: [f] lock.
struct files {
	struct spinlock lock;    // RANK_FILES
	uint32_t open;           // [f] bit n is set: the number n is in use
	uint32_t cloexec;        // [f] bit n is set: exec closes the number n
	struct file *fd[NOFILE]; // [f] NULL: a call under way fills it in
	struct inode *cwd;       // [f] the current directory, or NULL
};

void files_init(void);

// An empty table; NULL if memory is out.
struct files *files_new(void);
// A table whose numbers mean the same open files, with the same current
// directory (fork); NULL if memory is out.
struct files *files_clone(struct files *t);
// Closes all its files and lets the current directory go. The table stays,
// empty: other processes may still count its pages. Sleeps.
void files_close(struct files *t);
// Closes what a new program does not get: numbers that say so, and files that
// stand for an object of one address space. The process has one thread. Sleeps.
void files_close_for_exec(struct files *t);
// files_close, and frees the table. NULL: nothing to do. Sleeps.
void files_put(struct files *t);

// Pages that the pipes of the table occupy. Each open number counts, so a pipe
// counts more than once if it has several numbers.
uint files_pages(struct files *t);

// The current directory, with a reference for the caller (inode_put).
struct inode *files_cwd(struct files *t);
// Takes over the caller's reference to ip. Sleeps.
void files_set_cwd(struct files *t, struct inode *ip);
