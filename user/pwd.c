// pwd: prints the path of the current directory.
//
// It goes up from directory to directory. The name of a directory is in its
// parent, in the entry with the directory's inode number. The root is its own
// parent.
#include "user.h"

// Finds the entry with inode number ino in directory `up`, a path like ../..
static bool
find_name(const char *up, uint ino, struct dir_entry *entry)
{
	int fd = open(up, O_RDONLY), found;

	if (fd < 0)
		err(1, "%s", up);
	while ((found = dir_next(fd, entry)) > 0 && entry->ino != ino)
		;
	if (found < 0)
		err(1, "%s", up);
	close(fd);
	return found > 0;
}

int
main(int argc, char *argv[])
{
	char path[PATH_MAX + NAME_MAX + 2], here[PATH_MAX] = ".";
	struct stat st, parent;
	struct dir_entry entry;
	size_t at = sizeof(path) - 1;

	no_arguments(argc, argv);
	path[at] = 0;
	if (stat(here, &st) < 0)
		err(1, "%s", here);
	for (;; st = parent) {
		strcat(here, "/..");
		if (stat(here, &parent) < 0)
			err(1, "%s", here);
		if (parent.ino == st.ino)
			break;
		if (!find_name(here, st.ino, &entry))
			errx(1, "the directory has been removed");
		if (strlen(here) + 4 > sizeof(here) || at < NAME_MAX + 2)
			errx(1, "the path is too long");
		at -= strlen(entry.name);
		memcpy(path + at, entry.name, strlen(entry.name));
		path[--at] = '/';
	}
	return puts(path[at] ? path + at : "/") < 0;
}
