// cmp FILE FILE: says where two files differ.
#include "user.h"

static int
next_byte(struct reader *r, const char *name)
{
	if (r->pos == r->len) {
		r->pos = 0;
		r->len = read(r->fd, r->buf, sizeof(r->buf));
		if (r->len < 0)
			err(2, "%s", name);
		if (r->len == 0)
			return -1;
	}
	return (uchar)r->buf[r->pos++];
}

static void
open_file(struct reader *r, const char *name)
{
	int fd = open(name, O_RDONLY);

	if (fd < 0)
		err(2, "%s", name);
	reader_init(r, fd);
}

int
main(int argc, char *argv[])
{
	static struct reader a, b;
	uint at = 0, line = 1;
	int x, y;

	no_options(&argc, &argv, "FILE FILE");
	if (argc != 3)
		usage("FILE FILE");
	open_file(&a, argv[1]);
	open_file(&b, argv[2]);
	do {
		x = next_byte(&a, argv[1]);
		y = next_byte(&b, argv[2]);
		at++;
		if (x != y)
			break;
		line += x == '\n';
	} while (x >= 0);
	if (x == y)
		return 0;
	if (x < 0 || y < 0)
		printf("cmp: %s ends after %u bytes\n", argv[x < 0 ? 1 : 2],
		       at - 1);
	else
		printf("%s %s differ: byte %u, line %u\n", argv[1], argv[2], at,
		       line);
	return 1;
}
