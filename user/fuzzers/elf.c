// fuzz: exec of programs that are damaged at random.
//
// The program is /true, which does nothing, so that it does nothing bad either.
// Most damages are in the headers, which exec believes.
#include "user/fuzz.h"

enum { HEADERS = 180, LONGEST = 40000, TICKS = 10 };
static char program[LONGEST], damaged[LONGEST];
static int size;

static void
damage(struct dice *d)
{
	for (uint n = 1 + roll(d, 4); n > 0; n--) {
		uint at = roll(d, roll(d, 8) ? HEADERS : (uint)size);
		int number = hostile(d);

		switch (roll(d, 3)) {
		case 0: damaged[at] ^= 1 << roll(d, 8); break;
		case 1: damaged[at] = (char)number; break;
		default: memcpy(damaged + (at & ~3u), &number, sizeof(number));
		}
	}
}

static void
exec_it(void *arg)
{
	char *const argv[] = { "e", NULL };

	exec("e", argv);
}

void
fuzz_elf(struct dice *d, int attempts)
{
	int fd = open("/true", O_RDONLY);

	size = read(fd, program, LONGEST);
	close(fd);
	if (size < HEADERS)
		return;
	for (attempts /= 8; attempts > 0; attempts--) { // each costs much
		int length = roll(d, 8) ? size : (int)roll(d, (uint)size);

		memcpy(damaged, program, (uint)size);
		damage(d);
		fd = open("e", O_WRONLY | O_CREATE | O_TRUNC);
		write(fd, damaged, length);
		close(fd);
		attempt("exec", &length, 1);
		run_bounded(exec_it, NULL, TICKS);
	}
}
