// free: says how much memory there is, and its use.
#include "user.h"

static void
line(const char *what, uint frames)
{
	printf("%-8s %9u frames %9u KB\n", what, frames, frames * 4);
}

int
main(int argc, char *argv[])
{
	struct meminfo m;

	no_arguments(argc, argv);
	if (meminfo(&m) < 0)
		err(1, "meminfo");
	line("total", m.total);
	line("free", m.free);
	line("cached", m.cached);
	line("dirty", m.dirty);
	printf("disk     %9u blocks read, %u written, %u waits\n", m.reads,
	       m.writes, m.waits);
	return 0;
}
