// What the calls guest_create, guest_run, guest_regs and guest_inject exchange
// with the kernel: a guest is a machine inside a process, its monitor.
//
//	int guest_create(void *mem, uint size, int flags)
//	int guest_run(int fd, struct guest_exit *exit)
//	int guest_regs(int fd, struct guest_regs *regs, int set)
//	int guest_inject(int fd, int vector)
//
// The guest's physical memory is the monitor's [mem, mem + size). The guest
// belongs to the process that made it: a fork's child does not get the
// descriptor, and exec closes it. The FPU's registers are the calling thread's.
#pragma once

// Flags of guest_create.
#define GUEST_STRICT 1 // a guest table is "out of sync" (hv/shadow.h) only
                       // until the next page fault

// A guest's registers. guest_create gives a flat 32-bit machine in protected
// mode without paging, as a multiboot kernel expects it.
struct guest_regs {
	unsigned int eax, ecx, edx, ebx, esp, ebp, esi, edi;
	unsigned int eip, eflags;
	unsigned int cr0, cr2, cr3, cr4;
};

// Why guest_run came back.
enum guest_why {
	GUEST_TICK,     // an interrupt of the host: time may have passed
	GUEST_READY,    // the guest can take an interrupt (want was set)
	GUEST_IN,       // it reads a port: answer in `value`, or in its memory
	GUEST_OUT,      // it writes `value`, or bytes of its memory, to a port
	GUEST_HALT,     // hlt: it waits for an interrupt
	GUEST_MEMORY,   // there is no memory at physical address `address`
	GUEST_SHUTDOWN, // a triple fault: the processor can only be reset
	GUEST_BROKEN,   // it did what this machine has not: `value` is the
	// processor's exit code
};

// guest_run reads `want` and, after GUEST_IN, `value`; the rest it writes. A
// string instruction moves `count` units of `size` bytes from or to the guest's
// physical `address`, within one page: the monitor moves all of them before the
// next guest_run. count is 0 for in and out of a register.
struct guest_exit {
	int why;             // enum guest_why
	int want;            // come back when the guest can take an interrupt
	int ready;           // it can take one now
	unsigned int port;
	unsigned int size;   // 1, 2, 4
	unsigned int count;
	unsigned int address;
	unsigned int value;
};

// What made a guest's processor stop, for vmstat: counts of struct vminfo, in
// this order.
enum guest_count {
	GUESTS_HIDDEN,   // a page fault that the guest never sees
	GUESTS_TRUE,     // a page fault of the guest's own
	GUESTS_TABLE,    // a write to a page that is a guest's table
	GUESTS_CR3,      // a load of CR3
	GUESTS_INVLPG,
	GUESTS_CR,       // another access to a control register
	GUESTS_IO,
	GUESTS_HLT,
	GUESTS_HOST,     // an interrupt of the host
	GUESTS_OTHER,
	GUESTS_SYNCED,   // tables compared again, at CR3 loads and invlpg
	GUESTS_DROPPED,  // times that all shadows of a guest were dropped
	GUESTS_COUNT
};
#define GUEST_COUNT_NAMES                                                      \
	"hidden faults", "true faults", "table writes", "CR3 loads", "invlpg", \
		"CR accesses", "ports", "halts", "host interrupts", "others",  \
		"tables synced", "shadows dropped"
