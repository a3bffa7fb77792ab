// ls [-l] [NAME...]: lists directories and files; -l: with a head.
#include "user.h"

struct name {
	char text[NAME_MAX + 1];
};

static int
compare(const void *a, const void *b)
{
	return strcmp(((const struct name *)a)->text,
		      ((const struct name *)b)->text);
}

static void
print_entry(const char *name, const struct stat *st)
{
	static const char kinds[] = "?d-c";
	char kind = (uint)st->type < 4 ? kinds[st->type] : '?';

	if (printf("%-14s %c %5u %10u\n", name, kind, st->ino, st->size) < 0)
		err(1, "write");
}

static int
list_entry_of(const char *dir, const char *name)
{
	char *path = path_join(dir, name);
	struct stat st;
	int result;

	if (!path)
		err(1, "%s", dir);
	result = stat(path, &st);
	if (result < 0)
		warn("%s", path);
	else
		print_entry(name, &st);
	free(path);
	return result;
}

// Reads all names, also . and .., into new memory. Returns the count, or -1.
static int
read_names(int fd, struct name **names)
{
	struct dirent d;
	int count = 0, n, room = 0;

	*names = NULL;
	while ((n = read(fd, &d, sizeof(d))) == (int)sizeof(d)) {
		if (d.inum == 0)
			continue;
		if (count == room) {
			struct name *p;

			room = 2 * room + 64;
			p = realloc(*names, room * sizeof(*p));
			if (!p)
				return -1;
			*names = p;
		}
		memset(&(*names)[count], 0, sizeof(**names));
		memcpy((*names)[count++].text, d.name, NAME_MAX);
	}
	return n < 0 ? -1 : count;
}

static int
list_dir(int fd, const char *dir)
{
	struct name *names;
	int count = read_names(fd, &names), result = 0;

	if (count < 0) {
		warn("%s", dir);
		count = 0;
		result = -1;
	}
	qsort(names, count, sizeof(*names), compare);
	for (int i = 0; i < count; i++)
		if (list_entry_of(dir, names[i].text) < 0)
			result = -1;
	free(names);
	return result;
}

// named: a directory's name stands above what is in it.
static int
list(const char *path, bool named)
{
	struct stat st;
	int fd = open(path, O_RDONLY), result = 0;

	if (fd < 0 || fstat(fd, &st) < 0) {
		warn("%s", path);
		result = -1;
	} else if (st.type == T_DIR) {
		if (named)
			printf("%s:\n", path);
		result = list_dir(fd, path);
	} else {
		print_entry(path, &st);
	}
	if (fd >= 0)
		close(fd);
	return result;
}

int
main(int argc, char *argv[])
{
	int status = 0;

	if (one_option(&argc, &argv, 'l', "[-l] [NAME...]"))
		printf("name           t inode       size\n");
	if (argc < 2)
		return list(".", false) < 0;
	for (int i = 1; i < argc; i++)
		if (list(argv[i], argc > 2) < 0)
			status = 1;
	return status;
}
