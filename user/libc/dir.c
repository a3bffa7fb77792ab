// Directories, read in the kernel's entries (abi/stat.h).
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct entry {
	unsigned short inum;
	char name[NAME_MAX];
};

struct libc_dir {
	int fd, at, count;
	struct entry entries[32];
	struct dirent found;
};

DIR *
fdopendir(int fd)
{
	struct stat st;
	DIR *d;

	if (fstat(fd, &st) < 0)
		return NULL;
	if (!S_ISDIR(st.st_mode)) {
		errno = ENOTDIR;
		return NULL;
	}
	d = malloc(sizeof(*d));
	if (d) {
		d->fd = fd;
		d->at = d->count = 0;
	}
	return d;
}

DIR *
opendir(const char *path)
{
	int fd = open(path, O_RDONLY);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);

	if (fd >= 0 && !d)
		close(fd);
	return d;
}

static const struct entry *
next_entry(DIR *d)
{
	int n;

	if (d->at == d->count) {
		n = read(d->fd, d->entries, sizeof(d->entries));
		if (n <= 0)
			return NULL;
		d->at = 0;
		d->count = n / (int)sizeof(d->entries[0]);
	}
	return &d->entries[d->at++];
}

struct dirent *
readdir(DIR *d)
{
	const struct entry *e;

	while ((e = next_entry(d))) {
		if (!e->inum)
			continue;
		d->found.d_ino = e->inum;
		memcpy(d->found.d_name, e->name, NAME_MAX);
		d->found.d_name[NAME_MAX] = 0;
		return &d->found;
	}
	return NULL;
}

void
rewinddir(DIR *d)
{
	lseek(d->fd, 0, SEEK_SET);
	d->at = d->count = 0;
}

int
dirfd(DIR *d)
{
	return d->fd;
}

int
closedir(DIR *d)
{
	int r = close(d->fd);

	free(d);
	return r;
}
