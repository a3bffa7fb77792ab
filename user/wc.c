// wc [-lwc] [FILE...]: counts lines, words and bytes.
#include "user.h"

struct counts {
	uint lines, words, bytes;
};

static struct counts total;
static bool lines, words, bytes; // which to print

static void
print_counts(const struct counts *c, const char *name)
{
	bool named = strcmp(name, "-") != 0;
	struct {
		bool print;
		uint n;
	} columns[] = {{lines, c->lines}, {words, c->words}, {bytes, c->bytes}};
	const char *blank = "";

	for (uint i = 0; i < countof(columns); i++)
		if (columns[i].print) {
			printf("%s%u", blank, columns[i].n);
			blank = " ";
		}
	if (printf("%s%s\n", named ? blank : "", named ? name : "") < 0)
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
	int status, c;

	while ((c = getopt(argc, argv, "lwc")) != -1) {
		if (c == '?')
			usage("[-lwc] [FILE...]");
		lines |= c == 'l';
		words |= c == 'w';
		bytes |= c == 'c';
	}
	if (!lines && !words && !bytes)
		lines = words = bytes = true;
	drop_options(&argc, &argv);
	status = for_each_file(argc, argv, wc);
	if (argc > 2)
		print_counts(&total, "total");
	return status;
}
