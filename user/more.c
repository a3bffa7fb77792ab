// more [FILE...]: prints files a screen at a time.
//
// Space shows the next screen, Enter the next line, q ends it.
#include "user.h"
#include "abi/system.h"

static int console = -1; // for the keys, because file 0 may be a pipe
static struct winsize size = { 24, 80, 0, 0 };
static int room; // lines until the next question

static int
read_key(void)
{
	char c;
	int n;

	consmode(CONS_RAW);
	n = read(console, &c, 1);
	consmode(CONS_LINE);
	return n == 1 ? c : 'q';
}

// Asks for a key. False if it is one that ends the program.
static bool
ask(void)
{
	for (;;) {
		int key;

		printf("--more--");
		key = read_key();
		printf("\r        \r");
		if (key == 'q' || key == 3)
			return false;
		if (key == ' ' || key == '\n' || key == '\r') {
			room = key == ' ' ? size.ws_row - 1 : 1;
			return true;
		}
	}
}

static bool
print_line(const char *line, size_t len)
{
	if (console >= 0 && room <= 0 && !ask())
		exit(0);
	if (printf("%s\n", line) < 0)
		err(1, "write");
	room -= 1 + (len > 0 && size.ws_col > 0 ? (len - 1) / size.ws_col : 0);
	return true;
}

static int
more(int fd, const char *name)
{
	return for_each_line(fd, name, print_line);
}

int
main(int argc, char *argv[])
{
	no_options(&argc, &argv, "[FILE...]");
	if (winsize(1, &size, false) == 0)
		console = open("/console", O_RDONLY);
	room = size.ws_row - 1;
	return for_each_file(argc, argv, more);
}
