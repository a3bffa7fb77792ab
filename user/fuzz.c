// fuzz [-v] [-o BATCH] SEED COUNT: tries COUNT things that no program would do.
//
// The work is cut into batches. Batch number n of a seed always rolls the same
// dice, so it tries the same, as far as its processes and threads take turns in
// the same order:
//	calls	random system calls with hostile and with half-right
//		arguments, by threads and children (user/fuzzers/calls.c)
//	elf	exec of programs that are damaged at random (user/fuzzers/elf.c)
//	traps	random registers and flags at a trap, and random instructions
//		(user/fuzzers/traps.c)
// Four batches run at a time. One that does not get on is killed. At the end
// nothing of all this may be left: no process, no file, no page. With -o only
// that batch runs, and with -v each attempt is printed before it is made.
//
// The exit status is 1 if pages are missing. A kernel that stops or reports
// something wrong has failed, too.
#include "fuzz.h"
#include "memlayout.h"

enum {
	WORKERS = 4,   // batches at a time
	ATTEMPTS = 1600, // of a batch
	PATIENCE = 50, // ticks without an attempt, after which a batch is stuck
	SOON = 1000,   // most children end while their parent looks so often
	STACK_LOW = 0x7f000000, // our stack is above
	TOLERANCE = 100, // pages that the kernel keeps for small objects
};
static const char *const directory = "/fuzz.tmp";

// A batch at work. `done` is in memory that the batch has, too.
static struct worker {
	int pid; // 0: none
	uint batch;
	uint seen;      // of its attempts
	int since;      // the tick at which `seen` last grew
} workers[WORKERS];
static volatile uint *done; // attempts of each worker's batch
static uint program_end;
static int me;              // in a batch: its worker
static bool verbose;

static uint seed, total, batches, killed, stuck;

// ---- In a batch -------------------------------------------------------------

// Batch n is of kind n, modulo their count.
static batch *const kinds[] = {
	fuzz_calls, fuzz_calls, fuzz_calls, fuzz_calls,
	fuzz_elf,   fuzz_calls, fuzz_traps, fuzz_calls,
};

void
attempt(const char *name, const int *numbers, int n)
{
	char line[120];
	int len;

	__atomic_fetch_add(&done[me], 1, __ATOMIC_RELAXED);
	if (!verbose)
		return;
	len = snprintf(line, sizeof(line), "%d: %s", getpid(), name);
	for (int i = 0; i < n; i++)
		len += snprintf(line + len, sizeof(line) - len, " %x",
				numbers[i]);
	dprintf(NOFILE - 1, "%s\n", line);
}

// A jump or a write to the program itself would make it run wild.
int
hostile(struct dice *d)
{
	static const uint numbers[] = {
		0,	    1,		2,	    3,		4,
		7,	    4095,	4096,	    0x7fff,	0x10000,
		0x7fffffff, 0x7ffff000, 0x7ffffffe, 0x80000000, 0x80000001,
		0x80100000, 0x8dffffff, 0xbffffffc, 0xfd000000, 0xfdff6000,
		0xfe000000, 0xfee00000, 0xfffff000, 0xfffff001, 0xfffffffc,
		0xfffffffe, 0xffffffff, 0x3ffffffe,
	};
	uint n = roll(d, 4) ? ROLL_OF(d, numbers) : roll_any(d);

	if (n >= PAGE - 1 && n < program_end)
		return PAGE - 2;
	if (n >= STACK_LOW && n < KERNBASE)
		return (int)(KERNBASE - 1 - roll(d, 3));
	return (int)n;
}

void
run_bounded(void (*body)(void *arg), void *arg, int ticks)
{
	int end = uptime() + ticks, pid = fork(), looks = 0;

	if (pid == 0) {
		body(arg);
		exit(0);
	}
	if (pid < 0)
		return;
	while (waitpid(pid, NULL, WNOHANG) == 0) {
		if (uptime() > end)
			kill(pid);
		if (++looks < SOON)
			yield();
		else
			sleep(1);
	}
}

// No file is open behind this, but with -v the last number is the terminal.
static void
close_files(void)
{
	for (int fd = 0; fd < NOFILE - verbose; fd++)
		close(fd);
}

static void
be_worker(int number, uint batch_number)
{
	struct dice d = dice_new(seed * 1000003 + batch_number);
	char name[40];

	me = number;
	snprintf(name, sizeof(name), "%s/%u", directory, batch_number);
	if (mkdir(name) < 0 || chdir(name) < 0)
		err(1, "%s", name);
	if (verbose)
		dup2(1, NOFILE - 1);
	close_files();
	kinds[batch_number % countof(kinds)](&d, ATTEMPTS);
	exit(0);
}

// ---- The supervisor ---------------------------------------------------------

static void
start_batch(struct worker *w, uint number)
{
	int index = (int)(w - workers);
	int pid = fork();

	if (pid == 0)
		be_worker(index, number);
	if (pid < 0)
		return; // too many are left of others: they are swept away
	*w = (struct worker){ pid, number, done[index], uptime() };
	batches++;
}

// Is this what batches run: this program, or one that they exec?
static bool
named_ours(const char *name)
{
	return strcmp(name, progname) == 0 || strcmp(name, "true") == 0 ||
	       strcmp(name, "e") == 0;
}

// Ends the processes that batches have left behind: the first process is their
// parent. Or all of ours but this one. Returns how many.
static int
sweep(bool all)
{
	struct procinfo info;
	int index = 0, found = 0;

	while ((index = procinfo(index, &info)) > 0) {
		if (info.pid == getpid() || info.state == PROC_ZOMBIE ||
		    !named_ours(info.name) || (info.ppid != 1 && !all))
			continue;
		kill(info.pid);
		found++;
	}
	return found;
}

static void
end_batch(struct worker *w, int status)
{
	char name[40];

	killed += WIFSIGNALED(status);
	w->pid = 0;
	sweep(false);
	snprintf(name, sizeof(name), "%s/%u", directory, w->batch);
	remove_tree(name);
}

// Adds what the batch has done since. A batch may have overwritten its count:
// then nothing is added.
static void
count(struct worker *w)
{
	uint now = done[w - workers], more = now - w->seen;

	if (more == 0)
		return;
	if (more < 1000000)
		total += more;
	w->seen = now;
	w->since = uptime();
}

static void
watch(struct worker *w)
{
	int status = 0;

	count(w);
	if (waitpid(w->pid, &status, WNOHANG) != 0) {
		end_batch(w, status);
	} else if (uptime() > w->since + PATIENCE) {
		kill(w->pid);
		stuck++;
		w->since = uptime();
	}
}

// Is another batch to start? `only`: a batch's number, or -1 for as many as
// make `wanted` attempts.
static bool
more_to_do(uint wanted, int only)
{
	return only < 0 ? total < wanted : batches == 0;
}

// Runs batches until nothing is left to do.
static void
supervise(uint wanted, int only)
{
	uint next = only < 0 ? 0 : (uint)only;
	int running;

	do {
		running = 0;
		for (struct worker *w = workers; w < workers + WORKERS; w++) {
			if (!w->pid && more_to_do(wanted, only))
				start_batch(w, next++);
			if (w->pid)
				watch(w);
			running += w->pid != 0;
		}
		sleep(1);
	} while (running || more_to_do(wanted, only));
	for (int i = 0; i < 10 * HZ && sweep(true); i++)
		sleep(1);
}

// ---- Before and after -------------------------------------------------------

static int
frames_available(void)
{
	struct meminfo m;

	if (meminfo(&m) < 0)
		err(1, "meminfo");
	return m.free + m.cached;
}

static void
do_nothing(void *arg)
{
}

// Every thread's place gets its kernel stack, which stays. The journal gives
// its pages back.
static void
settle(void)
{
	for (int i = 0; i < NTHREAD; i++)
		run_bounded(do_nothing, NULL, HZ);
	sync();
	sleep(5);
}

// The pages that are missing, after a wait for those that are on their way.
static int
missing(int before)
{
	int after = 0;

	sync();
	for (int i = 0; i < 5 * HZ && after < before - TOLERANCE; i++) {
		after = frames_available();
		sleep(1);
	}
	return before - after;
}

static void
prepare(void)
{
	done = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (done == MAP_FAILED)
		err(1, "mmap");
	program_end = (uint)sbrk(0);
	remove_tree(directory); // an earlier run may have left it
	if (mkdir(directory) < 0)
		err(1, "%s", directory);
	settle();
}

static int
number(const char *text)
{
	int n;

	if (parse_int(text, &n) < 0 || n < 0)
		err(2, "%s", text);
	return n;
}

int
main(int argc, char *argv[])
{
	static const char options[] = "[-v] [-o BATCH] SEED COUNT";
	int c, only = -1, before, lost;

	while ((c = getopt(argc, argv, "vo:")) != -1) {
		if (c == '?')
			usage(options);
		if (c == 'o')
			only = number(optarg);
		verbose |= c == 'v';
	}
	drop_options(&argc, &argv);
	if (argc != 3)
		usage(options);
	seed = (uint)number(argv[1]);
	prepare();
	before = frames_available();
	supervise((uint)number(argv[2]), only);
	remove_tree(directory);
	consmode(CONS_LINE);
	lost = missing(before);
	printf("fuzz: seed %u: %u attempts in %u batches, %u of them killed, "
	       "%u stuck, %d pages missing\n",
	       seed, total, batches, killed, stuck, lost > 0 ? lost : 0);
	return lost > TOLERANCE;
}
