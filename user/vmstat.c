// vmstat [SECONDS]: counts of faults, swap, flushes of the TLB.
#include "user.h"
#include "abi/guest.h"

static const char *const fault_names[] = { VM_FAULT_NAMES };
static const char *const guest_names[] = { GUEST_COUNT_NAMES };

static void
read_counts(struct vminfo *v)
{
	memset(v, 0, sizeof(*v));
	if (vminfo(0, v, sizeof(*v)) < 0)
		err(1, "vminfo");
}

// Only if there has been a guest.
static void
print_guests(const struct vminfo *v)
{
	if (!v->guests[GUESTS_IO] && !v->guests[GUESTS_HIDDEN])
		return;
	printf("guests ");
	for (uint i = 0; i < countof(guest_names); i++)
		printf(" %u %s%s", v->guests[i], guest_names[i],
		       i + 1 == countof(guest_names) ? "\n"
		       : i % 4 == 3		     ? ",\n       "
						     : ",");
}

static void
print_all(void)
{
	struct vminfo v;

	read_counts(&v);
	printf("swap    %9u slots, %u used\n", v.swap_total,
	       v.swap_total - v.swap_free);
	printf("        %9u pages read, %u written, %u left without a write\n",
	       v.swap_in, v.swap_out, v.swap_clean);
	printf("clock   %9u entries looked at, %u spared, %u of files taken\n",
	       v.looked, v.spared, v.file_taken);
	printf("        %9u pages touched on their way out\n", v.touched);
	printf("tlb     %9u flushes, %u interrupts sent\n", v.tlb_flushes,
	       v.tlb_sent);
	print_guests(&v);
	printf("faults ");
	for (uint i = 0; i < countof(fault_names); i++)
		printf(" %u %s%s", v.faults[i], fault_names[i],
		       i + 1 < countof(fault_names) ? "," : "\n");
}

static uint
all_faults(const struct vminfo *v)
{
	uint sum = 0;

	for (uint i = 0; i < VM_FAULTS; i++)
		sum += v->faults[i];
	return sum;
}

// A line for what has happened since *last.
static void
print_step(struct vminfo *last)
{
	struct vminfo v;
	struct meminfo m;

	read_counts(&v);
	if (meminfo(&m) < 0)
		err(1, "meminfo");
	if (printf("%7u %7u %7u %7u %7u %7u %7u %7u\n", m.free, m.cached,
		   v.swap_total - v.swap_free, v.swap_in - last->swap_in,
		   v.swap_out - last->swap_out,
		   all_faults(&v) - all_faults(last),
		   v.tlb_flushes - last->tlb_flushes,
		   v.tlb_sent - last->tlb_sent) < 0)
		err(1, "write");
	*last = v;
}

int
main(int argc, char *argv[])
{
	struct vminfo last = { .looked = 0 };
	int seconds;

	no_options(&argc, &argv, "[SECONDS]");
	if (argc == 1) {
		print_all();
		return 0;
	}
	if (argc > 2 || parse_int(argv[1], &seconds) < 0 || seconds < 1)
		usage("[SECONDS]");
	printf("   free  cached    swap      in     out  faults flushes  "
	       "intrs\n");
	for (;;) {
		print_step(&last);
		sleep(seconds * HZ);
	}
}
