// sort [-rnu] [FILE...]: prints the lines of all files in order.
//
// -r: the last one first; -n: by the number at the beginning; -u: each line
// once.
#include "user.h"

static char **all;
static uint count, room;
static bool reverse, numbers, once;

static bool
add_line(const char *line, size_t len)
{
	if (count == room) {
		room = 2 * room + 64;
		all = realloc(all, room * sizeof(*all));
		if (!all)
			err(1, "%u lines", room);
	}
	all[count] = strdup(line);
	if (!all[count++])
		err(1, "%u lines", count);
	return true;
}

static int
add_lines(int fd, const char *name)
{
	return for_each_line(fd, name, add_line);
}

static int
compare(const void *a, const void *b)
{
	const char *x = *(char *const *)a, *y = *(char *const *)b;
	int r = 0;

	if (numbers) {
		int m = atoi(x), n = atoi(y);

		r = m < n ? -1 : m > n;
	}
	if (r == 0)
		r = strcmp(x, y);
	return reverse ? -r : r;
}

int
main(int argc, char *argv[])
{
	int c, status;

	while ((c = getopt(argc, argv, "rnu")) != -1) {
		if (c == '?')
			usage("[-rnu] [FILE...]");
		reverse |= c == 'r';
		numbers |= c == 'n';
		once |= c == 'u';
	}
	drop_options(&argc, &argv);
	status = for_each_file(argc, argv, add_lines);
	if (count)
		qsort(all, count, sizeof(*all), compare);
	for (uint i = 0; i < count; i++) {
		if (once && i > 0 && strcmp(all[i], all[i - 1]) == 0)
			continue;
		if (puts(all[i]) < 0)
			err(1, "write");
	}
	return status;
}
