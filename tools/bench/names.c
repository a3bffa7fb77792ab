// The names of the guest's functions, and which program an instruction is of.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/bench/names.h"

static struct symbol {
	uint64_t va;
	const char *name;
} * symbols;
static size_t nsymbols;
static char *program;
static size_t program_size;

// The bytes of a file, with a 0 behind them.
static char *
read_whole(const char *name, size_t *size)
{
	FILE *f = fopen(name, "rb");
	char *text = NULL;

	*size = 0;
	if (f && fseek(f, 0, SEEK_END) == 0) {
		*size = ftell(f);
		rewind(f);
		text = calloc(1, *size + 1);
	}
	if (!text || fread(text, 1, *size, f) != *size) {
		perror(name);
		exit(1);
	}
	fclose(f);
	return text;
}

void
names_read_symbols(const char *name)
{
	size_t size;
	char *text = read_whole(name, &size), *line;

	symbols = calloc(size / 4 + 1, sizeof(*symbols));
	if (!symbols)
		abort();
	for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {
		char *end;

		symbols[nsymbols].va = strtoull(line, &end, 16);
		symbols[nsymbols++].name = end + 1;
	}
}

void
names_read_program(const char *file)
{
	program = read_whole(file, &program_size);
}

bool
names_in_program(uint64_t va, const void *bytes, size_t size)
{
	return va + size <= program_size &&
	       memcmp(program + va, bytes, size) == 0;
}

const char *
names_function_at(uint64_t va)
{
	size_t low = 0, high = nsymbols;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (symbols[middle].va <= va)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 ? symbols[low - 1].name : "unknown";
}
