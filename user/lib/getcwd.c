// The path of the current directory: from directory to directory upwards. The
// name of a directory is in its parent, in the entry with the directory's inode
// number. The root is its own parent.
#include "user/user.h"

// Puts the name of inode ino, which is in directory `up` (../..), before *at.
static int
put_name(const char *up, uint ino, const char *start, char **at)
{
	int fd = open(up, O_RDONLY), found;
	struct dir_entry e;
	size_t n;

	if (fd < 0)
		return -1;
	while ((found = dir_next(fd, &e)) > 0 && e.ino != ino)
		;
	close(fd);
	n = found > 0 ? strlen(e.name) : 0;
	if (found == 0)
		errno = ENOENT; // the directory has been removed
	else if ((size_t)(*at - start) < n + 1)
		errno = ERANGE;
	if (n == 0 || (size_t)(*at - start) < n + 1)
		return -1;
	*at -= n + 1;
	**at = '/';
	memcpy(*at + 1, e.name, n);
	return 0;
}

// Puts the path before *at, not before start.
static int
put_path(const char *start, char **at)
{
	char up[PATH_MAX] = ".";
	struct stat st, parent;

	if (stat(up, &st) < 0)
		return -1;
	for (;; st = parent) {
		if (strlen(up) + 4 > sizeof(up)) {
			errno = ENAMETOOLONG;
			return -1;
		}
		strcat(up, "/..");
		if (stat(up, &parent) < 0)
			return -1;
		if (parent.ino == st.ino)
			return 0;
		if (put_name(up, st.ino, start, at) < 0)
			return -1;
	}
}

char *
getcwd(char *buf, size_t size)
{
	char *own = buf ? NULL : malloc(size = PATH_MAX);
	char *start = buf ? buf : own, *at;

	if (!start || size < 2) {
		errno = start ? ERANGE : ENOMEM;
		return NULL;
	}
	at = start + size - 1;
	*at = 0;
	if (put_path(start, &at) < 0) {
		free(own);
		return NULL;
	}
	if (!*at)
		*--at = '/';
	memmove(start, at, strlen(at) + 1);
	return start;
}
