// tail [-n LINES] [FILE...]: prints the last lines of files.
#include "user.h"

static int lines; // of each file, at most
static char **kept; // a ring of the last lines
static int room;    // of the ring: grows up to `lines`
static int seen;    // lines of this file

// While the ring grows, no line has been overwritten: seen is below room.
static void
make_room(void)
{
	int more = room < lines / 2 ? 2 * room + 64 : lines;

	more = more < lines ? more : lines;
	kept = realloc(kept, more * sizeof(*kept));
	if (!kept)
		err(1, "%d lines", more);
	memset(kept + room, 0, (more - room) * sizeof(*kept));
	room = more;
}

static bool
keep_line(const char *line, size_t len)
{
	char **slot;

	if (seen == room && room < lines)
		make_room();
	slot = &kept[seen++ % room];
	free(*slot);
	*slot = strdup(line);
	if (!*slot)
		err(1, "a line");
	return true;
}

static int
tail(int fd, const char *name)
{
	int r;

	seen = 0;
	if (lines == 0)
		return 0;
	r = for_each_line(fd, name, keep_line);
	for (int i = seen < room ? 0 : seen - room; i < seen; i++)
		if (puts(kept[i % room]) < 0)
			err(1, "write");
	return r;
}

int
main(int argc, char *argv[])
{
	lines = lines_option(&argc, &argv, 10);
	return for_each_file(argc, argv, tail);
}
