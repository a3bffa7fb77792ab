// hexdump [FILE...]: prints files as bytes.
#include "user.h"

enum { WIDTH = 16 };

// Reads until buf is full or the file ends. Returns the count, or -1.
static int
read_full(int fd, uchar *buf)
{
	int n = 0, got;

	do {
		got = read(fd, buf + n, WIDTH - n);
		if (got < 0)
			return -1;
		n += got;
	} while (got > 0 && n < WIDTH);
	return n;
}

static void
print_row(uint offset, const uchar *buf, int n)
{
	char row[100];
	int k = snprintf(row, sizeof(row), "%08x ", offset);

	for (int i = 0; i < WIDTH; i++) {
		if (i == WIDTH / 2)
			row[k++] = ' ';
		k += i < n ? snprintf(row + k, 4, " %02x", buf[i])
			   : (int)strlcpy(row + k, "   ", 4);
	}
	k += strlcpy(row + k, "  |", 4);
	for (int i = 0; i < n; i++)
		row[k++] = isprint(buf[i]) ? buf[i] : '.';
	row[k] = 0;
	if (printf("%s|\n", row) < 0)
		err(1, "write");
}

static int
dump(int fd, const char *name)
{
	uchar buf[WIDTH];
	uint offset = 0;
	int n;

	for (; (n = read_full(fd, buf)) > 0; offset += n)
		print_row(offset, buf, n);
	if (n < 0) {
		warn("%s", name);
		return -1;
	}
	printf("%08x\n", offset);
	return 0;
}

int
main(int argc, char *argv[])
{
	no_options(&argc, &argv, "[FILE...]");
	return for_each_node(argc, argv, dump);
}
