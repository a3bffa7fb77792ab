// The file of an image, on the host: lock it, map it, write it back.
//
// QEMU locks the image that a machine runs on: it holds read locks on some of
// the bytes 100 to 299 of the file. We lock all of them for writing while we
// work, so that the two never work on one image together. The new image is
// written aside, checked, flushed and renamed: the user's disk is whole at
// every moment. This file includes no header of the kernel's: the host has a
// struct stat of its own.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tools/fsput/disk.h"

#ifdef F_OFD_SETLK
enum { TRY_LOCK = F_OFD_SETLK, LOCK_FIRST = 100, LOCK_BYTES = 200 };
#else // then QEMU does not lock, either
enum { TRY_LOCK = F_SETLK, LOCK_FIRST = 100, LOCK_BYTES = 200 };
#endif

static char *temp; // the new image's name until it takes that of the old one

void
die(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "fsput: ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
	if (temp)
		remove(temp);
	exit(1);
}

// ---- Locks ------------------------------------------------------------------

// False if a machine has the open file fd. A file system without locks cannot
// tell, so the answer is true there.
static bool
lock(int fd)
{
	struct flock want = { .l_type = F_WRLCK,
			     .l_whence = SEEK_SET,
			     .l_start = LOCK_FIRST,
			     .l_len = LOCK_BYTES};

	return fcntl(fd, TRY_LOCK, &want) == 0 ||
	       (errno != EAGAIN && errno != EACCES);
}

bool
disk_in_use(const char *path)
{
	int fd = open(path, O_RDWR);
	bool used = fd >= 0 && !lock(fd);

	if (fd >= 0)
		close(fd);
	return used;
}

// ---- Opening ----------------------------------------------------------------

void
disk_open(struct disk *k, const char *path)
{
	int fd = open(path, O_RDWR); // stays open, and so locked, to the end
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		die("%s: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_size < DISK_BLOCK)
		die("%s is no image of a disk", path);
	if (!lock(fd))
		die("a machine runs on %s: power it off first", path);
	k->path = path;
	k->size = (size_t)st.st_size;
	k->bytes =
		mmap(NULL, k->size, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
	if (k->bytes == MAP_FAILED)
		die("%s: %s", path, strerror(errno));
}

// ---- Writing back -----------------------------------------------------------

// Creates `temp` beside the file that path leads to, with its size and rights.
static int
create_temp(const char *path)
{
	size_t n = strlen(path) + 32;
	char *name = malloc(n);
	struct stat st;
	int fd;

	if (!name)
		die("out of memory");
	snprintf(name, n, "%s.%ld.tmp", path, (long)getpid());
	fd = open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		die("%s: %s", name, strerror(errno));
	temp = name;
	if (stat(path, &st) || fchmod(fd, st.st_mode & 0777) ||
	    ftruncate(fd, st.st_size))
		die("%s: %s", temp, strerror(errno));
	return fd;
}

// Blocks of zeros stay holes of the host's file.
static void
write_temp(const struct disk *k, int fd)
{
	static const char zeros[DISK_BLOCK];

	for (size_t at = 0; at < k->size; at += DISK_BLOCK) {
		size_t left = k->size - at;
		size_t n = left < DISK_BLOCK ? left : DISK_BLOCK;

		if (memcmp(k->bytes + at, zeros, n) &&
		    pwrite(fd, k->bytes + at, n, (off_t)at) != (ssize_t)n)
			die("%s: %s", temp, strerror(errno));
	}
	if (fsync(fd) || close(fd))
		die("%s: %s", temp, strerror(errno));
}

// Runs the checker, in silence. Returns its exit status.
static int
run_fsck(const char *fsck)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		if (!freopen("/dev/null", "w", stdout))
			_exit(126);
		execl(fsck, fsck, temp, (char *)NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return 126;
	return WEXITSTATUS(status);
}

void
disk_save(const struct disk *k, const char *fsck)
{
	char *path = realpath(k->path, NULL);
	int status;

	if (!path)
		die("%s: %s", k->path, strerror(errno));
	write_temp(k, create_temp(path));
	status = run_fsck(fsck);
	if (status == 1)
		die("%s is damaged; nothing was changed (`make fsck` says how; "
		    "`make newdisk` makes a new disk)",
		    k->path);
	if (status)
		die("%s cannot be run; nothing was changed", fsck);
	if (rename(temp, path))
		die("%s: %s", path, strerror(errno));
	free(temp);
	temp = NULL;
	free(path);
}
