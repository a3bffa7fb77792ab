// vmm [-m MB] [-s] KERNEL [DISK]: runs a kernel in a machine of its own.
//
// The kernel is a multiboot one; DISK is a file that becomes the machine's
// disk. Ctrl-A X leaves. The processor is the real one (abi/guest.h); the
// devices are in user/machine. -s: no guest table is ever out of sync
// (hv/shadow.h).
#include "user.h"
#include "user/machine/machine.h"

#define ARGS "[-m MB] [-s] KERNEL [DISK]"
#define MEMORY_MB 32

unsigned char *memory;
unsigned int memory_size = MEMORY_MB << 20;

static char **arguments;
static int guest;

void
machine_off(int status)
{
	uart_end();
	exit(status);
}

// A new program is a new machine. A guest may reset again and again: so that
// Ctrl-A X is seen, there is a pause, and the console stays as it is.
void
machine_reset(void)
{
	uart_flush();
	sleep(HZ / 10);
	exec("/vmm", arguments);
	uart_end();
	err(1, "vmm");
}

// ---- Ports ------------------------------------------------------------------

// A string instruction moves data of the disk; no other device has any.
static void
string_in(const struct guest_exit *x)
{
	unsigned char *to = memory + x->address;
	unsigned int left = x->count * x->size, n = 1;

	for (; x->port == 0x1F0 && left > 0 && n > 0; to += n, left -= n)
		n = ide_take(to, left);
	memset(to, 0xFF, left);
}

static void
string_out(const struct guest_exit *x)
{
	const unsigned char *from = memory + x->address;
	unsigned int left = x->count * x->size, n = 1;

	for (; x->port == 0x1F0 && left > 0 && n > 0; from += n, left -= n)
		n = ide_give(from, left);
}

static void
do_in(struct guest_exit *x)
{
	if (x->count)
		string_in(x);
	else
		x->value = port_read(x->port, x->size);
}

static void
do_out(const struct guest_exit *x)
{
	if (x->count)
		string_out(x);
	else
		port_write(x->port, x->size, x->value);
}

// ---- The machine ------------------------------------------------------------

__noreturn static void
stopped(const struct guest_exit *x)
{
	struct guest_regs r;

	uart_end();
	guest_regs(guest, &r, 0);
	if (x->why == GUEST_MEMORY)
		warnx("no memory at %x", x->address);
	else if (x->why == GUEST_SHUTDOWN)
		warnx("a triple fault: a machine of metal would reset");
	else
		warnx("the processor stopped, code %x", x->value);
	errx(1, "eip %x esp %x eax %x cr0 %x cr2 %x cr3 %x cr4 %x", r.eip,
	     r.esp, r.eax, r.cr0, r.cr2, r.cr3, r.cr4);
}

// An interrupt goes to the guest as soon as it can take one.
static void
interrupt(struct guest_exit *x)
{
	if (x->ready && pic_waiting()) {
		if (guest_inject(guest, pic_acknowledge()) < 0)
			err(1, "interrupt");
		x->ready = 0;
	}
	x->want = pic_waiting();
}

static void
handle(struct guest_exit *x)
{
	switch (x->why) {
	case GUEST_IN: do_in(x); break;
	case GUEST_OUT: do_out(x); break;
	case GUEST_HALT:
		if (!pic_waiting())
			uart_wait();
		break;
	case GUEST_TICK:
	case GUEST_READY: break;
	default: stopped(x);
	}
}

__noreturn static void
run(void)
{
	struct guest_exit x = { .why = GUEST_TICK };

	for (;;) {
		pit_poll();
		if (x.why != GUEST_OUT)
			uart_poll();
		interrupt(&x);
		if (guest_run(guest, &x) < 0)
			err(1, "run");
		handle(&x);
	}
}

// The whole machine, before its first instruction.
static void
build(const char *kernel, const char *disk, int flags)
{
	struct guest_regs regs;

	memory = mmap(NULL, memory_size, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		err(1, "%u MB", memory_size >> 20);
	guest = guest_create(memory, memory_size, flags);
	if (guest < 0 && errno == ENOSYS)
		errx(1, "this kernel was built with HV=0");
	if (guest < 0 && errno == ENODEV)
		errx(1, "this machine has no SVM (make qemu-vm has)");
	if (guest < 0)
		err(1, "guest");
	load_kernel(kernel, &regs);
	if (guest_regs(guest, &regs, 1) < 0)
		err(1, "registers");
	ide_start(disk);
}

int
main(int argc, char *argv[])
{
	int c, mb, flags = 0;

	arguments = argv;
	while ((c = getopt(argc, argv, "m:s")) >= 0) {
		if (c == 's')
			flags = GUEST_STRICT;
		else if (c != 'm' || parse_int(optarg, &mb) < 0 || mb < 1 ||
			 mb > 768)
			usage(ARGS);
		else
			memory_size = (unsigned int)mb << 20;
	}
	drop_options(&argc, &argv);
	if (argc < 2 || argc > 3)
		usage(ARGS);
	build(argv[1], argv[2], flags);
	clock_start();
	uart_start();
	run();
}
