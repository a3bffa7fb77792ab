// ps [-l]: lists processes; -l: memory, time, waits.
#include "user.h"

static const char *
state_name(int state)
{
	static const char *const names[] = {
		[PROC_RUNNING] = "running",
		[PROC_READY] = "ready",
		[PROC_SLEEPING] = "sleeping",
		[PROC_ZOMBIE] = "zombie",
	};

	if (state < 1 || state >= (int)countof(names))
		return "?";
	return names[state];
}

static void
print_info(const struct procinfo *p, bool all)
{
	printf("%5d %5d %-8s ", p->pid, p->ppid, state_name(p->state));
	if (all)
		printf("%5d %6u %7u %5d.%02d %-12s ", p->group, p->pages,
		       p->size / 1024, p->ticks / HZ, p->ticks % HZ, p->wait);
	if (printf("%s\n", p->name) < 0)
		err(1, "write");
}

int
main(int argc, char *argv[])
{
	bool all = one_option(&argc, &argv, 'l', "[-l]");
	struct procinfo info;
	int index = 0;

	if (argc > 1)
		usage("[-l]");
	printf("  PID  PPID STATE    ");
	if (all)
		printf("GROUP  PAGES    SIZE     TIME WAITS IN     ");
	printf("NAME\n");
	while ((index = procinfo(index, &info)) > 0)
		print_info(&info, all);
	if (errno != ESRCH)
		err(1, "procinfo");
	return 0;
}
