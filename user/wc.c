// wc [FILE...]: counts lines, words and bytes.
#include "user.h"

struct counts {
	uint lines, words, bytes;
};

static struct counts total;

static void
print_counts(const struct counts *c, const char *name)
{
	bool named = strcmp(name, "-") != 0;
	int n = printf("%u %u %u%s%s\n", c->lines, c->words, c->bytes,
		       named ? " " : "", named ? name : "");

	if (n < 0)
		err(1, "write");
}

static void
count(struct counts *c, const char *buf, int n, bool *in_word)
{
	for (int i = 0; i < n; i++) {
		if (buf[i] == '\n')
			c->lines++;
		if (isspace(buf[i]))
			*in_word = false;
		else if (!*in_word) {
			*in_word = true;
			c->words++;
		}
	}
	c->bytes += n;
}

static int
wc(int fd, const char *name)
{
	static char buf[4096];
	struct counts c = { 0 };
	bool in_word = false;
	int n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		count(&c, buf, n, &in_word);
	if (n < 0) {
		warn("%s", name);
		return -1;
	}
	print_counts(&c, name);
	total.lines += c.lines;
	total.words += c.words;
	total.bytes += c.bytes;
	return 0;
}

int
main(int argc, char *argv[])
{
	int status;

	no_options(&argc, &argv, "[FILE...]");
	status = for_each_file(argc, argv, wc);
	if (argc > 2)
		print_counts(&total, "total");
	return status;
}
