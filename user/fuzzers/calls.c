// fuzz: random system calls.
//
// The table `shapes` says what each argument of each call is for. Of the
// arguments a quarter is hostile. The others are what the call would like: an
// open file, a name, a place in the arena. So a call gets far enough to fail
// late.
//
// A batch that runs wild might kill the shell, or switch the machine off. So no
// call writes to the program, its data and its stack, and each thread has a
// stack of its own.
#include "user/fuzz.h"

enum {
	ARENA = 0x20000000, // where calls find and leave bytes
	ARENA_PAGES = 64,
	STACKS = 0x30000000, // of threads
	STACK = 8192,
	NSTACKS = 64,
	LIFE = 200, // attempts of a process
	CHILD_ATTEMPTS = 30, // of its children and threads
	LIFE_TICKS = 8, // of a life, which may wait for ever
};

// ---- What an argument is for ------------------------------------------------

enum kind {
	ANY,      // a number
	FD,
	OFFSET,
	WHENCE,
	OPEN_FLAGS,
	NAME,     // of a file that may be changed
	PROGRAM,  // or of a program
	BYTES,    // a place in memory
	LENGTH,   // of it
	PID,
	TID,
	STATUS_FLAGS,
	TICKS,
	MAP_AT,
	MAP_LENGTH,
	PROTECTION,
	MAP_FLAGS,
	ENTRY,
	STACK_TOP, // of a thread
	SEED,     // its argument
	WORD,     // a futex
	SMALL,    // a count, an index
	ARGV,
	MAJOR,
	NOT_REBOOT,
};

static const struct shape {
	const char *name;
	uchar args, weight; // weight 0: not tried
	uchar kind[6];
} shapes[SYS_COUNT] = {
	[SYS_fork] = { "fork", 0, 1, { 0 } },
	[SYS_exit] = { "exit", 1, 1, { ANY } },
	[SYS_wait] = { "wait", 0, 1, { 0 } },
	[SYS_pipe] = { "pipe", 1, 1, { BYTES } },
	[SYS_read] = { "read", 3, 20, { FD, BYTES, LENGTH } },
	[SYS_kill] = { "kill", 1, 1, { PID } },
	[SYS_exec] = { "exec", 2, 1, { PROGRAM, ARGV } },
	[SYS_fstat] = { "fstat", 2, 6, { FD, BYTES } },
	[SYS_chdir] = { "chdir", 1, 4, { NAME } },
	[SYS_dup] = { "dup", 1, 5, { FD } },
	[SYS_getpid] = { "getpid", 0, 2, { 0 } },
	[SYS_sbrk] = { "sbrk", 1, 10, { OFFSET } },
	[SYS_sleep] = { "sleep", 1, 1, { TICKS } },
	[SYS_uptime] = { "uptime", 0, 1, { 0 } },
	[SYS_open] = { "open", 2, 30, { NAME, OPEN_FLAGS } },
	[SYS_write] = { "write", 3, 25, { FD, BYTES, LENGTH } },
	[SYS_mknod] = { "mknod", 3, 3, { NAME, MAJOR, ANY } },
	[SYS_unlink] = { "unlink", 1, 15, { NAME } },
	[SYS_link] = { "link", 2, 8, { NAME, NAME } },
	[SYS_mkdir] = { "mkdir", 1, 10, { NAME } },
	[SYS_close] = { "close", 1, 25, { FD } },
	[SYS_waitpid] = { "waitpid", 3, 10, { PID, BYTES, STATUS_FLAGS } },
	[SYS_lseek] = { "lseek", 3, 10, { FD, OFFSET, WHENCE } },
	[SYS_fsync] = { "fsync", 1, 1, { FD } },
	[SYS_sync] = { "sync", 0, 1, { 0 } },
	[SYS_reboot] = { "reboot", 1, 1, { NOT_REBOOT } },
	[SYS_setpgid] = { "setpgid", 2, 2, { PID, PID } },
	[SYS_setfg] = { "setfg", 1, 1, { PID } },
	[SYS_consmode] = { "consmode", 1, 1, { ANY } },
	[SYS_mmap] = {"mmap",
		      6,
		      25,
		      {MAP_AT, MAP_LENGTH, PROTECTION, MAP_FLAGS, FD,
		       MAP_LENGTH}},
	[SYS_munmap] = { "munmap", 2, 15, { MAP_AT, MAP_LENGTH } },
	[SYS_mprotect] = {"mprotect", 3, 15, {MAP_AT, MAP_LENGTH, PROTECTION}},
	[SYS_msync] = { "msync", 3, 3, { MAP_AT, MAP_LENGTH, SMALL } },
	[SYS_thread_create] = {"thread_create",
			       4,
			       3,
			       {ENTRY, SEED, STACK_TOP, BYTES}},
	[SYS_thread_exit] = { "thread_exit", 1, 1, { ANY } },
	[SYS_thread_join] = { "thread_join", 2, 2, { TID, BYTES } },
	[SYS_futex_wait] = { "futex_wait", 3, 4, { WORD, SMALL, TICKS } },
	[SYS_futex_wake] = { "futex_wake", 2, 8, { WORD, SMALL } },
	[SYS_gettid] = { "gettid", 0, 1, { 0 } },
	[SYS_yield] = { "yield", 0, 4, { 0 } },
	[SYS_ftruncate] = { "ftruncate", 2, 10, { FD, OFFSET } },
	[SYS_rename] = { "rename", 2, 12, { NAME, NAME } },
	[SYS_procinfo] = { "procinfo", 2, 4, { SMALL, BYTES } },
	[SYS_meminfo] = { "meminfo", 1, 2, { BYTES } },
	[SYS_swapon] = { "swapon", 1, 1, { BYTES } },
	[SYS_ptwindow] = { "ptwindow", 3, 6, { PID, SMALL, BYTES } },
	[SYS_areaname] = { "areaname", 3, 4, { PID, MAP_AT, BYTES } },
	[SYS_vminfo] = { "vminfo", 3, 4, { PID, BYTES, LENGTH } },
	[SYS_guest_create] = {"guest_create",
			      3,
			      4,
			      {MAP_AT, MAP_LENGTH, SMALL}},
	[SYS_guest_run] = { "guest_run", 2, 4, { FD, BYTES } },
	[SYS_guest_regs] = { "guest_regs", 3, 4, { FD, BYTES, SMALL } },
	[SYS_guest_inject] = { "guest_inject", 2, 2, { FD, ANY } },
	[SYS_execve] = { "execve", 3, 1, { PROGRAM, ARGV, ARGV } },
	[SYS_getppid] = { "getppid", 0, 1, { 0 } },
	[SYS_gettime] = { "gettime", 1, 2, { BYTES } },
	[SYS_fcntl] = { "fcntl", 3, 12, { FD, SMALL, SMALL } },
	[SYS_winsize] = { "winsize", 3, 2, { FD, BYTES, SMALL } },
};

// Names of this directory and below. None leads out of the directory of all
// batches.
static const char *const names[] = {
	"a",
	"b",
	"c",
	"d",
	"d/a",
	"d/b",
	"d/d",
	"d/d/a",
	"d/.",
	".",
	"d/../a",
	"./a",
	"a/",
	"",
	"d//a",
	"d/d/..",
	"a/x",
	"e",
	"e/a",
	"../x",
	"/a/b",
	"longer than 14 bytes",
	"\x80\xff/\x01",
};

// In each NAME_ROOM bytes of the arena is a name.
enum { NAME_ROOM = 64, NAME_AT = 16 };

// A name in the arena, which other calls overwrite and unmap; or in the
// program's own data, where it stays.
static int
some_name(struct dice *d)
{
	uint n = roll(d, ARENA_PAGES * PAGE / NAME_ROOM);

	if (roll(d, 2))
		return (int)ROLL_OF(d, names);
	return (int)(ARENA + n * NAME_ROOM + NAME_AT);
}

static int
some_place(struct dice *d)
{
	uint at = ARENA + roll(d, ARENA_PAGES) * PAGE;

	switch (roll(d, 4)) {
	case 0: return (int)at;
	case 1: return (int)(at + PAGE - 1 - roll(d, 16));
	default: return (int)(at + roll(d, PAGE));
	}
}

static int
some_length(struct dice *d)
{
	return (int)(roll(d, 3) ? roll(d, 64) : roll(d, 3 * PAGE));
}

// An address to map at: of the arena, near other borders, or none.
static int
some_page(struct dice *d)
{
	static const uint far[] = { 0,		0,	    0x00400000,
				   0x1ffff000, 0x2003f000, 0x203ff000,
				   0x40000000, 0x7f000000, 0x7fff0000};

	if (roll(d, 3))
		return (int)(ARENA + roll(d, ARENA_PAGES) * PAGE);
	return (int)ROLL_OF(d, far);
}

static int
some_pid(struct dice *d)
{
	switch (roll(d, 5)) {
	case 0: return 0;
	case 1: return -1;
	case 2: return 1;
	default: return getpid() + (int)roll(d, 3); // perhaps a child
	}
}

// The top of a stack that no thread has yet, or 0.
static int
some_stack(void)
{
	static int used;
	int n = __atomic_add_fetch(&used, 1, __ATOMIC_RELAXED);

	return n <= NSTACKS ? STACKS + n * STACK : 0;
}

static void run_thread(void *arg);

static int
wanted_number(struct dice *d, enum kind kind)
{
	switch (kind) {
	case FD: return (int)roll(d, roll(d, 8) ? 14 : NOFILE);
	case OFFSET: return (int)roll(d, roll(d, 8) ? 9 * PAGE : 5000000);
	case WHENCE: return (int)roll(d, 3);
	case LENGTH: return some_length(d);
	case PID: return some_pid(d);
	case TID: return getpid() + 1 + (int)roll(d, 4);
	case STATUS_FLAGS: return roll(d, 8) ? WNOHANG : 0;
	case TICKS: return (int)roll(d, 2);
	case MAP_LENGTH: return (int)((1 + roll(d, 8)) * PAGE);
	case SEED: return (int)roll_any(d);
	case MAJOR: return (int)(40 + roll(d, 100));
	case NOT_REBOOT: return (int)(2 + roll(d, 100));
	default: return (int)roll(d, 16);
	}
}

static int
wanted(struct dice *d, enum kind kind)
{
	static const int prot[] = {PROT_READ | PROT_WRITE, PROT_READ, PROT_NONE,
				   PROT_READ | PROT_WRITE};
	static const int map[] = { MAP_PRIVATE | MAP_ANONYMOUS, MAP_SHARED,
				  MAP_SHARED | MAP_ANONYMOUS, MAP_PRIVATE};
	static const int open_flags[] = { O_RDWR | O_CREATE, O_RDONLY, O_RDWR,
					 O_RDWR | O_CREATE | O_TRUNC,
					 O_WRONLY | O_CREATE | O_APPEND};

	switch (kind) {
	case OPEN_FLAGS: return ROLL_OF(d, open_flags);
	case NAME: return some_name(d);
	case PROGRAM: return roll(d, 2) ? (int)"/true" : some_name(d);
	case BYTES: return some_place(d);
	case MAP_AT: return some_page(d);
	case PROTECTION: return ROLL_OF(d, prot);
	case MAP_FLAGS: return ROLL_OF(d, map) | (roll(d, 2) ? MAP_FIXED : 0);
	case ENTRY: return (int)run_thread;
	case STACK_TOP: return some_stack();
	case WORD: return (int)(ARENA + roll(d, 8) * 1024);
	case ARGV: return ARENA;
	default: return wanted_number(d, kind);
	}
}

static int
argument(struct dice *d, enum kind kind)
{
	// Other numbers would end the machine, make a second console, or sleep
	// for long.
	if (kind == MAJOR || kind == NOT_REBOOT || roll(d, 4))
		return wanted(d, kind);
	if (kind == TICKS)
		return -(int)roll(d, 3);
	if (kind == STACK_TOP)
		return hostile(d) & ~0x7fffffff; // the kernel's, or 0
	if (kind == PID) // of no process, also not of the shell
		return hostile(d) | (roll(d, 2) ? -0x7fffffff - 1 : 1 << 29);
	return hostile(d);
}

// ---- A call -----------------------------------------------------------------

// The call as the ABI has it: number in %eax, a word and the arguments on the
// stack. Returns %eax. It leaves errno alone: a thread with a wild %gs has
// none.
int fuzz_call(int number, const int args[6]);
asm(".text\n"
    ".globl fuzz_call\n"
    "fuzz_call:\n"
    "	pushl %ebp\n"
    "	movl %esp, %ebp\n"
    "	movl 8(%ebp), %eax\n"
    "	movl 12(%ebp), %ecx\n"
    "	pushl 20(%ecx)\n"
    "	pushl 16(%ecx)\n"
    "	pushl 12(%ecx)\n"
    "	pushl 8(%ecx)\n"
    "	pushl 4(%ecx)\n"
    "	pushl (%ecx)\n"
    "	pushl $0\n"
    "	int $0x40\n"
    "	leave\n"
    "	ret\n");

static int
some_call(struct dice *d)
{
	static uint weights;
	uint sum = 0, at;

	if (!weights) {
		for (int n = 0; n < SYS_COUNT; n++)
			sum += shapes[n].weight;
		weights = sum;
	}
	at = roll(d, weights);
	for (int n = 0; n < SYS_COUNT; n++) {
		if (at < shapes[n].weight)
			return n;
		at -= shapes[n].weight;
	}
	return SYS_getpid;
}

static void
run(struct dice *d, int attempts)
{
	while (attempts-- > 0) {
		int number = some_call(d), args[6] = { 0 }, result;
		const struct shape *s = &shapes[number];

		for (int i = 0; i < s->args; i++)
			args[i] = argument(d, s->kind[i]);
		attempt(s->name, args, s->args);
		result = fuzz_call(number, args);
		if (number != SYS_fork || result != 0)
			continue;
		*d = dice_new(roll_any(d)); // the child goes its own way
		attempts = min_uint((uint)attempts, CHILD_ATTEMPTS);
	}
}

static void
run_thread(void *arg)
{
	struct dice d = dice_new((uint)arg);

	run(&d, CHILD_ATTEMPTS);
	thread_exit(0);
}

static void
prepare(struct dice *d)
{
	const int how = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
	int *words = mmap((void *)ARENA, ARENA_PAGES * PAGE,
			  PROT_READ | PROT_WRITE, how, -1, 0);

	mmap((void *)STACKS, NSTACKS * STACK, PROT_READ | PROT_WRITE, how, -1,
	     0);
	words[0] = (int)"x"; // an argv
	for (uint i = 0; i < ARENA_PAGES * PAGE / NAME_ROOM; i++)
		strcpy((char *)words + i * NAME_ROOM + NAME_AT,
		       ROLL_OF(d, names));
	open("a", O_RDWR | O_CREATE);
	open("b", O_RDWR | O_CREATE);
	mkdir("d");
	open("d", O_RDONLY);
}

static void
live(void *arg)
{
	struct dice d = dice_new((uint)arg);

	setpgid(0, 0);
	run(&d, LIFE);
}

void
fuzz_calls(struct dice *d, int attempts)
{
	prepare(d);
	for (; attempts > 0; attempts -= LIFE)
		run_bounded(live, (void *)roll_any(d), LIFE_TICKS);
}
