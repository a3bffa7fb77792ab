// Open files: an inode with an offset, a device, one side of a pipe, or an
// object of another floor.
#pragma once
#include "kern/mutex.h"
#include "lib/types.h"

struct chardev;
struct inode;
struct mm;
struct pipe;

// Letters: [I] constant once others can see it, [a] atomic, [o] offset_lock.
struct file {
	volatile int refs;         // [a]
	bool readable, writable;   // [I] writable: a T_FILE counts us as writer
	bool append;               // [I] each write goes to the end
	struct inode *ip;          // [I] file, directory, device node, or NULL
	short type;                // [I] T_FILE, T_DIR, T_DEV; 0 if ip is NULL
	const struct chardev *dev; // [I] the driver of a T_DEV, or NULL
	struct pipe *pipe;         // [I] or this side of a pipe
	void *object;              // [I] or what another floor keeps by a
	void (*object_end)(void *); //   descriptor, and how it ends
	struct mutex offset_lock;  // RANK_OFFSET; for a whole read or write
	uint off;                  // [o] of a file or directory
};

void file_init(void);

// An open file of ip, as open's flags (abi/fcntl.h) ask for it, with one
// reference in *out. Takes over the caller's reference to ip, on failure too.
// O_TRUNC empties the file. 0; -EISDIR (a directory, for writing), -ETXTBSY (a
// program that runs, for writing), -ENOMEM, or an error of inode_truncate.
int file_open(struct inode *ip, int flags, struct file **out) __must_check;
// The read side and the write side of a new pipe in out[0] and out[1], with one
// reference each. 0 or -ENOMEM.
int file_open_pipe(struct file *out[2]) __must_check;

// An open file that stands for an object of another floor, with one reference.
// It can be neither read nor written. The last reference calls end(object). It
// belongs to one address space: a fork's child does not get it, and exec closes
// it. 0 or -ENOMEM.
int file_open_object(void *object, void (*end)(void *), struct file **out)
	__must_check;

// Adds a reference. Returns f.
static inline struct file *
file_get(struct file *f)
{
	__atomic_add_fetch(&f->refs, 1, __ATOMIC_RELAXED);
	return f;
}

// Drops a reference; the last one lets the inode or the pipe go. Sleeps.
void file_put(struct file *f);

// Move up to n bytes between f and the running process, whose space is mm.
// Return the count, also if an error comes after some bytes; 0 at the end of
// the file; or a negative errno: -EBADF (not open for it), -EINVAL (n < 0),
// -EFAULT,
// -EIO, -EINTR, -ENOMEM, -ENOSPC, -ENXIO, -EPIPE. Sleep.
int file_read(struct file *f, struct mm *mm, void __user *dst, int n)
	__must_check;
int file_write(struct file *f, struct mm *mm, const void __user *src, int n)
	__must_check;

// lseek. The new offset; -ESPIPE, -EINVAL, -EOVERFLOW. Sleeps.
int file_seek(struct file *f, int off, int whence) __must_check;
