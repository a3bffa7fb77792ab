// rm: removes files and empty directories, with -r whole trees.
#include "user.h"

static int remove_tree(const char *path);

// Removes what is in a directory. It is opened anew for each entry, because
// removing one changes what reading on would find.
static int
remove_entries(const char *dir)
{
	for (;;) {
		struct dir_entry entry;
		int fd = open(dir, O_RDONLY), found;
		char *path;

		if (fd < 0) {
			warn("%s", dir);
			return -1;
		}
		found = dir_next(fd, &entry);
		close(fd);
		if (found <= 0)
			return found;
		path = path_join(dir, entry.name);
		if (path == NULL)
			err(1, "%s", dir);
		found = remove_tree(path);
		free(path);
		if (found < 0)
			return -1;
	}
}

static int
remove_tree(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && st.type == T_DIR &&
	    remove_entries(path) < 0)
		return -1;
	if (unlink(path) < 0) {
		warn("%s", path);
		return -1;
	}
	return 0;
}

int
main(int argc, char *argv[])
{
	bool trees = argc > 1 && strcmp(argv[1], "-r") == 0;
	int status = 0;

	if (argc < 2 + trees)
		usage("[-r] NAME...");
	for (int i = 1 + trees; i < argc; i++) {
		if (trees) {
			if (remove_tree(argv[i]) < 0)
				status = 1;
		} else if (unlink(argv[i]) < 0) {
			warn("%s", argv[i]);
			status = 1;
		}
	}
	return status;
}
