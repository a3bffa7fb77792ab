// A guest: a machine with one processor inside a process. The processor is the
// real one, under SVM (hv/svm.h); its memory is the process's (hv/memory.h);
// its page tables are shadows (hv/shadow.h). Devices are the monitor's
// business: at each access to a port the guest stops, and the monitor answers
// (abi/guest.h).
//
// This module is the machine standing still; hv/run.h makes it go.
//
// One thread at a time runs a guest. What a guest does ends the guest, at
// worst.
#pragma once
#include "abi/guest.h"
#include "hv/decode.h"
#include "hv/shadow.h"
#include "hv/svm.h"

// An access to a port that the monitor has been told of. The next guest_run
// carries it out.
struct port_access {
	bool pending;
	uint32_t info;  // the processor's description: IO_...
	uint32_t next;  // the address of the next instruction
	uint count;     // units that the monitor moves; 0: the register's value
};

// Letters: [I] constant, [b] who has set busy.
struct guest {
	struct guest_memory mem;    // [I]
	struct shadow_space shadow; // [b]
	struct vmcb *v;             // [b]
	struct svm_regs regs;       // [b]
	struct port_access port;    // [b]
	bool busy;                  // [a] a thread is in one of its calls
	int cpu;                    // [b] that it ran on last
};

void guest_init(void); // once

// A guest whose memory is [base, base + size) of mm, the running process's
// space. 0; -ENODEV (no SVM), -EINVAL (not whole pages, more than 768 MB, or no
// user addresses), -EAGAIN (too many guests), -ENOMEM. Sleeps.
int guest_new(struct mm *mm, vaddr_t base, uint size, int flags,
	      struct guest **out) __must_check;
void guest_free(void *guest);

// Take and give back the guest for the running thread, whose space is mm:
// -EBUSY if another thread has it, -EPERM if another space made it.
int guest_take(struct guest *g, const struct mm *mm) __must_check;
void guest_give(struct guest *g);

// ---- With the guest taken ---------------------------------------------------

void guest_get_regs(const struct guest *g, struct guest_regs *r);
// CR0, CR3 and CR4 as the guest's own writes; -EINVAL: values that it could not
// write.
int guest_set_regs(struct guest *g, const struct guest_regs *r) __must_check;
// An interrupt: the guest takes it before its next instruction. -EAGAIN: it
// cannot now; -EINVAL: no vector for interrupts.
int guest_interrupt(struct guest *g, int vector) __must_check;

// Can the guest take an interrupt before its next instruction?
bool guest_ready(const struct guest *g);
// Delivers an exception at the next entry; code < 0: without an error code.
void guest_exception(struct guest *g, uint vector, int code);
void guest_reg_write(struct guest *g, uint reg, uint32_t v);
void guest_reg_list(const struct guest *g, uint32_t regs[REG_COUNT]);
// Writes a control register as an instruction would. False: it may not.
bool guest_cr_write(struct guest *g, uint cr, uint32_t v);

// ---- What an exit leads to --------------------------------------------------

#define EXIT_GO_ON 0 // the guest runs on
#define EXIT_TELL  1 // the struct guest_exit says what the monitor must do

static inline int
guest_tell(struct guest_exit *x, enum guest_why why)
{
	x->why = why;
	return EXIT_TELL;
}

// The guest cannot go on: this machine has not what it wants.
int guest_broken(struct guest *g, struct guest_exit *x);
// The guest gets a page fault, or a double fault if it was about to get another
// exception. EXIT_GO_ON or EXIT_TELL (a triple fault).
int guest_page_fault(struct guest *g, struct guest_exit *x, uint32_t va,
		     uint code);
// Copies up to n bytes of the guest's virtual memory. Returns how many there
// are, up to the end of what the guest has mapped, or an error.
int guest_fetch(struct guest *g, uint32_t va, uint8_t *to, uint n) __must_check;
// The host has carried out the guest's instruction: it goes on at `next`.
void guest_skip_to(struct guest *g, uint32_t next);
