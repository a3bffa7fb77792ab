// Start-up, as a list of calls. entry.S comes here with paging on, in
// entrypgdir. The other CPUs begin in ap_main when the first one calls them.
//
// This file, kalloc.c, proc.c and trap.c are compiled for GDB: with -Og and
// without inlining, so that it can step through them line by line.
#include "dev/console.h"
#include "dev/ideprobe.h"
#include "file/file.h"
#include "file/files.h"
#include "fs/fs.h"
#include "kalloc.h"
#include "kern/clock.h"
#include "kern/kthread.h"
#include "kern/printk.h"
#include "kern/sched.h"
#include "mm/mm.h"
#include "mm/tlb.h"
#include "proc.h"
#include "sys/init.h"
#include "sys/jobs.h"
#include "sys/procinfo.h"
#include "team/kstack.h"
#include "trap.h"
#include "vm.h"
#include "x86/cpu.h"
#include "x86/e820.h"
#include "x86/irq.h"
#include "x86/smp.h"
#include "x86/timer.h"

static struct thread idle_threads[NCPU];
static struct cpu *starting; // the CPU that is being started

__noreturn void main(uint32_t magic, paddr_t info);
static void print_kmap(void);
static void start_others(void);

void
main(uint32_t magic, paddr_t info)
{
	cpu_init(&cpus[0]);     // segments; this CPU has a name
	console_init_early();   // messages can be seen
	printk("cr3: the kernel to learn virtual memory with\n");
	ram_find(magic, info);  // where is RAM?
	kinit_early();          // pages, as far as entrypgdir maps them
	smp_find();             // CPUs and interrupt controllers
	kvmalloc();             // the kernel's page tables
	print_kmap();           // ... as a table
	kinit();                // all pages
	trap_init();            // ways into the kernel
	timer_calibrate();      // time
	proc_init();            // processes
	procinfo_init();        // ... that a panic names
	jobs_init();            // ... and Ctrl-C ends
	mm_init();              // address spaces
	tlb_init();             // and their changes on other CPUs
	fs_init();              // files
	files_init();           // tables of open files
	file_init();            // open files
	console_init();         // what is typed
	ide_init();             // disks
	kthread_init(kstack_get);
	start_others();         // the other CPUs
	userinit(init_start);   // the first process
	clock_start();          // ticks
	scheduler(&idle_threads[0]); // runs what is ready; never returns
}

// Prints the address space just built: a line for each row of kmap[]. A table
// that two rows share is counted with the first.
static void
print_kmap(void)
{
	uint last = 0;

	printk("%-17s  %-17s    %-17s  perm entries  tables\n", "kmap",
	       "virtual", "physical");
	for (const struct kmap *k = kmap; k < &kmap[NKMAP]; k++) {
		uint size = k->end - k->pa;
		uint first = PDX(k->va), to = PDX((char *)k->va + size - 1);

		printk("%-17s  %08x-%08x -> %08x-%08x  %-4s %7u  %6u\n",
		       k->name, (uint)k->va, (uint)k->va + size - 1, k->pa,
		       k->end - 1, k->perm & PTE_W ? "rw" : "r-", size / PGSIZE,
		       to - first + (first != last));
		last = to;
	}
}

// ---- The other CPUs --------------------------------------------------------

static void
ap_main(void)
{
	struct cpu *c = starting;

	cpu_init(c);
	idt_load();
	irq_init_cpu();
	clock_start();
	scheduler(&idle_threads[c->index]);
}

static void
start_others(void)
{
	int started = 1;
	vaddr_t stack;

	for (int i = 1; i < ncpu; i++) {
		starting = &cpus[i];
		stack = kstack_get();
		if (!stack || smp_start(starting, V2P(kpgdir), stack, ap_main))
			printk("cpu %d (APIC id %u) does not start\n", i,
			       cpus[i].apic_id);
		else
			started++;
	}
	printk("CPUs: %d of %d\n", started, ncpu_listed);
}
