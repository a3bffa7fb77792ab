// ps [-l | -t]: processes; -l: memory, time; -t: threads.
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
print_short(const struct procinfo *p)
{
	printf("%5d %5d %-8s %s\n", p->pid, p->ppid, state_name(p->state),
	       p->name);
}

static void
print_long(const struct procinfo *p)
{
	struct vmproc mem = { .swapped = 0 };

	(void)!vminfo(p->pid, &mem, sizeof(mem)); // it may have ended
	printf("%5d %5d %-8s %5d %6u %6u %7u %3d %5d.%02d %-12s %s\n", p->pid,
	       p->ppid, state_name(p->state), p->group, p->pages, mem.swapped,
	       p->size / 1024, p->threads, p->ticks / HZ, p->ticks % HZ,
	       p->wait, p->name);
}

static void
print_thread(const struct procinfo *p)
{
	printf("%5d %5d %-8s %5d.%02d %-12s %s\n", p->pid, p->tid,
	       state_name(p->state), p->ticks / HZ, p->ticks % HZ, p->wait,
	       p->name);
}

// What an option shows.
static const struct listing {
	const char *option, *title;
	void (*print)(const struct procinfo *p);
	int index; // where procinfo begins
} listings[] = {
	{ NULL, "  PID  PPID STATE    NAME", print_short, 0 },
	{ "-l",
	 "  PID  PPID STATE    GROUP  PAGES  SWAPD    SIZE THR     TIME WAITS "
	 "IN     "
	 "NAME",
	 print_long, 0},
	{ "-t", "  PID   TID STATE        TIME WAITS IN     NAME", print_thread,
	 PROCINFO_THREADS},
};

static const struct listing *
find_listing(const char *option)
{
	for (uint i = 1; i < countof(listings); i++)
		if (strcmp(option, listings[i].option) == 0)
			return &listings[i];
	usage("[-l | -t]");
}

int
main(int argc, char *argv[])
{
	const struct listing *how = listings;
	struct procinfo info;
	int index;

	if (argc > 2)
		usage("[-l | -t]");
	if (argc == 2)
		how = find_listing(argv[1]);
	puts(how->title);
	index = how->index;
	while ((index = procinfo(index, &info)) > 0)
		how->print(&info);
	if (errno != ESRCH)
		err(1, "procinfo");
	return 0;
}
