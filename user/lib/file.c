// Files, names and directories: what many programs do with them.
#include "abi/system.h"
#include "user/user.h"

int
dup2(int from, int to)
{
	int now = fcntl(from, F_GETFD);

	if (now < 0 || from == to)
		return now < 0 ? -1 : to;
	if (to < 0 || to >= NOFILE) {
		errno = EBADF;
		return -1;
	}
	close(to);
	return fcntl(from, F_DUPFD, to);
}

int
isatty(int fd)
{
	struct winsize size;

	return winsize(fd, &size, false) == 0;
}

int
stat(const char *path, struct stat *st)
{
	int fd = open(path, O_RDONLY), result, saved;

	if (fd < 0)
		return -1;
	result = fstat(fd, st);
	saved = errno;
	close(fd);
	errno = saved;
	return result;
}

bool
is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.type == T_DIR;
}

char *
strdup(const char *s)
{
	size_t n = strlen(s) + 1;
	char *p = malloc(n);

	return p ? memcpy(p, s, n) : NULL;
}

char *
strcat(char *dst, const char *src)
{
	strcpy(dst + strlen(dst), src);
	return dst;
}

char *
path_join(const char *dir, const char *name)
{
	size_t n = strlen(dir);
	char *path = malloc(n + strlen(name) + 2);

	if (!path)
		return NULL;
	strcpy(path, dir);
	if (n > 0 && dir[n - 1] != '/')
		path[n++] = '/';
	strcpy(path + n, name);
	return path;
}

const char *
path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return !slash || slash[1] == 0 ? path : slash + 1;
}

int
dir_next(int fd, struct dir_entry *entry)
{
	struct dirent d;
	int n;

	while ((n = read(fd, &d, sizeof(d))) == (int)sizeof(d)) {
		if (d.inum == 0)
			continue;
		memcpy(entry->name, d.name, NAME_MAX);
		entry->name[NAME_MAX] = 0;
		entry->ino = d.inum;
		if (strcmp(entry->name, ".") != 0 &&
		    strcmp(entry->name, "..") != 0)
			return 1;
	}
	return n < 0 ? -1 : 0;
}

int
copy_fd(int from, int to, bool *writing)
{
	static char buf[4096];
	int n;

	for (;;) {
		if (writing)
			*writing = false;
		n = read(from, buf, sizeof(buf));
		if (n <= 0)
			return n;
		if (writing)
			*writing = true;
		if (write_all(to, buf, n) < 0)
			return -1;
	}
}

// Removes everything in a directory. It opens the directory again for each
// entry, because a removal changes what the next read would find.
static int
remove_entries(const char *dir)
{
	for (;;) {
		struct dir_entry entry;
		int fd = open(dir, O_RDONLY), found;
		char *path;

		if (fd < 0)
			return -1;
		found = dir_next(fd, &entry);
		close(fd);
		if (found <= 0)
			return found;
		path = path_join(dir, entry.name);
		found = path ? remove_tree(path) : -1;
		free(path);
		if (found < 0)
			return -1;
	}
}

int
remove_tree(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && st.type == T_DIR &&
	    remove_entries(path) < 0)
		return -1;
	return unlink(path);
}
