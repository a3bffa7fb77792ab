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
	struct vminfo v;

	no_arguments(argc, argv);
	if (meminfo(&m) < 0)
		err(1, "meminfo");
	if (vminfo(0, &v, sizeof(v)) < 0)
		err(1, "vminfo");
	line("total", m.total);
	line("free", m.free);
	line("cached", m.cached);
	line("dirty", m.dirty);
	if (v.swap_total)
		printf("swap     %9u slots  %9u KB, %u KB of them free\n",
		       v.swap_total, v.swap_total * 4, v.swap_free * 4);
	printf("disk     %9u blocks read, %u written, %u waits\n", m.reads,
	       m.writes, m.waits);
	return 0;
}
