// Open files and the table of them that a process has.
//
//	struct proc -> struct files            struct file
//	               0 |   o---|------------> console, read and write, 2 refs
//	               1 |   o---|------------/
//	               2 |       |
//	               3 |   o---|------------> an inode, at offset 512
//
// dup and fork make more arrows to one struct file, so they share its offset;
// open makes a new struct file.
#pragma once
#include "kern/mutex.h"
#include "lib/types.h"

struct chardev;
struct files;
struct inode;
struct pipe;
struct stat;

// Letters: [I] constant once others can see it, [a] atomic.
struct file {
	volatile int refs;         // [a]
	bool readable, writable;   // [I] writable: a T_FILE counts us as writer
	bool append;               // [I] each write goes to the end
	struct inode *ip;          // [I] file, directory, device node, or NULL
	short type;                // [I] T_FILE, T_DIR, T_DEV; 0 if ip is NULL
	const struct chardev *dev; // [I] its driver, NULL if there is none
	struct pipe *pipe;         // [I] or this side of a pipe
	struct mutex turn;         // RANK_OFFSET; held for a whole read, write
	uint off;                  // turn; of a file or directory
};

void file_init(void);

// ---- Tables -----------------------------------------------------------------

// An empty table; NULL if memory is out.
struct files *files_new(void);
// fork: a table whose entries refer to the same open files. NULL: no memory.
struct files *files_clone(struct files *f);
// exit: closes everything. Sleeps.
void files_put(struct files *f);

// These use the running process's table. fd may be any number.

// The open file, with a reference for the caller (file_put); NULL if there is
// none.
struct file *fd_get(int fd);
// Are n numbers free? Checked before the first change that open or pipe makes.
bool fd_room(uint n);
// Enters f under the lowest free number and returns it; the table takes over
// the caller's reference. -EMFILE leaves everything as it was.
int fd_install(struct file *f) __must_check;
// Takes fd out of the table. The reference becomes the caller's; NULL as above.
struct file *fd_remove(int fd);

// ---- Open files -------------------------------------------------------------

// A file of nothing yet, with one reference; NULL if memory is out.
struct file *file_new(void);
// Drops a reference; the last one lets inode or pipe go. Sleeps.
void file_put(struct file *f);

// Moves up to n bytes. Return the count; at an error after some bytes the count
// too; else 0 (end of file) or a negative errno: -EBADF (not open for it),
// -EINVAL (n < 0), -EFAULT, -EIO, -EINTR, -ENOSPC, -EPIPE, ... Sleep.
int file_read(struct file *f, void __user *dst, int n) __must_check;
int file_write(struct file *f, const void __user *src, int n) __must_check;

// lseek. The new offset; -ESPIPE, -EINVAL, -EOVERFLOW. Sleeps.
int file_seek(struct file *f, int off, int whence) __must_check;
