// Unit tests of what touches user addresses: mm/uaccess.c, and mm/tlb.c between
// CPUs. The running process is the first one, before its /init: its space is
// empty.
#include "abi/errno.h"
#include "abi/mman.h"
#include "kalloc.h"
#include "kern/clock.h"
#include "kern/kthread.h"
#include "kern/pagecheck.h"
#include "kern/sched.h"
#include "kern/unit.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "mm/tlb.h"
#include "mm/uaccess.h"
#include "proc.h"

// A request for anonymous memory.
#define ZEROS(at, bytes, protection, bits)                                     \
	((struct map_request){ .addr = (at),                                   \
			       .len = (bytes),                                 \
			       .prot = (protection),                           \
			       .flags = (bits) })
#define AT 0x400000u

static void __user *
user(vaddr_t va)
{
	return (__force void __user *)va;
}

// Goes into the process's space, with two pages at AT, the second read-only.
static struct mm *
enter_space(void)
{
	struct mm *mm = proc_this()->mm;

	UNIT_CHECK(mm_map(mm, &ZEROS(AT, PGSIZE, 0, AREA_READ | AREA_WRITE)) ==
		   0);
	UNIT_CHECK(mm_map(mm, &ZEROS(AT + PGSIZE, PGSIZE, 0, AREA_READ)) == 0);
	switchuvm(mm->pgdir);
	return mm;
}

static void
leave_space(struct mm *mm)
{
	UNIT_CHECK(mm_munmap(mm, AT, 2 * PGSIZE) == 0);
	UNIT_CHECK(mm_pages(mm) == 0 && mm->areas.size == 0);
	switchkvm();
}

// Catches: a copy is wrong at some length or alignment, does not bring in an
// absent page, or writes to a read-only page.
UNIT(copies_fault_pages_in)
{
	struct mm *mm = enter_space();
	char in[40], out[40];
	uint32_t word;

	for (uint i = 0; i < sizeof(out); i++)
		out[i] = 'a' + i;
	UNIT_CHECK(copyin_word(&word, user(AT + 1)) == 0 && word == 0);
	for (uint n = 0; n <= 20; n++)
		for (uint skew = 0; skew < 4; skew++) {
			vaddr_t to = AT + 100 + skew;

			memset(in, 0, sizeof(in));
			UNIT_CHECK(copyout(user(to), out + 1, n) == 0);
			UNIT_CHECK(copyin(in, user(to), n) == 0);
			UNIT_CHECK(memcmp(in, out + 1, n) == 0 && in[n] == 0);
		}
	UNIT_CHECK(copyout(user(AT + PGSIZE - 2), out, 2) == 0);
	UNIT_CHECK(copyout(user(AT + PGSIZE - 2), out, 3) == -EFAULT);
	UNIT_CHECK(copyout(user(AT + PGSIZE), out, 1) == -EFAULT);
	UNIT_CHECK(copyin_word(&word, user(AT + PGSIZE - 2)) == 0);
	UNIT_CHECK(word == ('a' | 'b' << 8));
	leave_space(mm);
}

// Catches: the kernel follows a pointer that the process may not use, or
// accepts a length that wraps around at the end of all addresses.
UNIT(copies_refuse_bad_pointers)
{
	struct mm *mm = enter_space();
	char buf[8];
	uint32_t word;

	UNIT_CHECK(copyin(buf, user(0), 1) == -EFAULT);
	UNIT_CHECK(copyin(buf, user(AT + 2 * PGSIZE - 1), 2) == -EFAULT);
	UNIT_CHECK(copyin(buf, user(KERNBASE), 1) == -EFAULT);
	UNIT_CHECK(copyin(buf, user(KERNBASE - 1), 8) == -EFAULT);
	UNIT_CHECK(copyin(buf, user(AT), 0xFFFFFFFF) == -EFAULT);
	UNIT_CHECK(copyout(user((vaddr_t)buf), buf, 4) == -EFAULT);
	UNIT_CHECK(copyout(user(0xFFFFFFFC), buf, 8) == -EFAULT);
	UNIT_CHECK(copyin_word(&word, user(KERNBASE - 3)) == -EFAULT);
	UNIT_CHECK(copyin_word(&word, user(0x1000)) == -EFAULT);
	UNIT_CHECK(copyin(buf, user(KERNBASE), 0) == 0);
	leave_space(mm);
}

// Catches: the end of a string is missed, a long string is cut without an
// error, or the copy reads beyond the string's page.
UNIT(copies_strings)
{
	struct mm *mm = enter_space();
	char buf[8];
	vaddr_t last = AT + 2 * PGSIZE - 4;

	UNIT_CHECK(copyout(user(AT), "seven77", 8) == 0);
	UNIT_CHECK(copyin_string(buf, user(AT), 8) == 7);
	UNIT_CHECK(strcmp(buf, "seven77") == 0);
	UNIT_CHECK(copyin_string(buf, user(AT), 7) == -ENAMETOOLONG);
	UNIT_CHECK(copyin_string(buf, user(AT + 7), 8) == 0 && buf[0] == 0);
	UNIT_CHECK(copyin_string(buf, user(last), 8) == 0);
	UNIT_CHECK(copyin_string(buf, user(0), 8) == -EFAULT);
	UNIT_CHECK(copyin_string(buf, user(KERNBASE), 8) == -EFAULT);
	UNIT_CHECK(copyout(user(AT + PGSIZE - 4), "abcd", 4) == 0);
	UNIT_CHECK(mm_munmap(mm, AT + PGSIZE, PGSIZE) == 0);
	UNIT_CHECK(copyin_string(buf, user(AT + PGSIZE - 4), 8) == -EFAULT);
	UNIT_CHECK(copyin_string(buf, user(AT + PGSIZE - 4), 4) ==
		   -ENAMETOOLONG);
	leave_space(mm);
}

// Catches: a copy waits for memory while its caller holds a mutex. The process
// that is chosen to be killed may wait for this mutex, so that neither of them
// would ever end.
UNIT(copies_with_a_mutex_do_not_wait)
{
	struct mm *mm = enter_space();
	struct mutex m;
	uint32_t word;

	mutex_init(&m, "copy", RANK_OFFSET);
	mutex_lock(&m);
	kalloc_fail_at(1);
	UNIT_CHECK(copyout(user(AT), "abcd", 4) == -ENOMEM);
	UNIT_CHECK(copyin(&word, user(AT), 4) == -ENOMEM);
	UNIT_CHECK(copyin_word(&word, user(AT)) == -ENOMEM);
	UNIT_CHECK(copyin_string((char *)&word, user(AT), 4) == -ENOMEM);
	UNIT_CHECK(copyout(user(AT + 2 * PGSIZE), "abcd", 4) == -EFAULT);
	kalloc_fail_at(0);
	mutex_unlock(&m);
	leave_space(mm);
}

// Catches: the fault of a copy that holds a spinlock, which ends in a switch to
// another thread, because one is wanted.
static volatile bool other_ran;

static void
run_and_sleep(void)
{
	other_ran = true;
	for (;;)
		UNIT_CHECK(!clock_sleep(1000));
}

UNIT(copies_with_a_spinlock_do_not_switch)
{
	struct spinlock lk = SPINLOCK("copy", RANK_PIPE);
	struct mm *mm = enter_space();
	uint32_t word;

	UNIT_CHECK(!kthread_start("other", run_and_sleep));
	acquire(&lk);
	this_cpu->resched = true;
	UNIT_CHECK(copyin_word_now(&word, user(AT)) == -EFAULT);
	UNIT_CHECK(holding(&lk));
	release(&lk);
	while (!other_ran)
		thread_yield();
	leave_space(mm);
}

// ---- Two CPUs in one space --------------------------------------------------

static struct mm *shared;
static volatile uint32_t seen;
static volatile uint rounds; // of reading it
static volatile enum { READING = 1, STOP, GONE } watch;

static void
wait_ticks(uint n)
{
	UNIT_CHECK(clock_sleep(n) == 0);
}

// Reads the word at AT over and over. The thread never sleeps, so that it stays
// on its CPU, and the CPU keeps its TLB.
static void
watcher(void)
{
	uint32_t word;

	switchuvm(shared->pgdir);
	watch = READING;
	while (watch != STOP) {
		seen = copyin_word(&word, user(AT)) == 0 ? word : 0xDEAD;
		rounds++;
	}
	switchkvm();
	watch = GONE;
	for (;;)
		wait_ticks(1000);
}

// Catches: a CPU reads a page through an old translation, after another CPU has
// replaced the entry (copy on write). The old frame may have a new owner by
// then.
UNIT(flush_reaches_other_cpus)
{
	struct mm *child;
	uint32_t word;
	uint before;

	shared = mm_new();
	UNIT_CHECK(mm_map(shared,
			  &ZEROS(AT, PGSIZE, 0, AREA_READ | AREA_WRITE)) == 0);
	word = 1;
	UNIT_CHECK(mm_poke(shared, AT, &word, 4) == 0);
	UNIT_CHECK(kthread_start("watcher", watcher) == 0);
	while (watch != READING)
		wait_ticks(1);
	for (word = 2; word < 20; word++) {
		UNIT_CHECK(mm_fork(shared, USER_TOP - 4, &child) == 0);
		wait_ticks(1);
		UNIT_CHECK(mm_poke(shared, AT, &word, 4) == 0);
		mm_put(child);
		// The second round after this point has begun after the write.
		for (before = rounds; rounds - before < 2;)
			wait_ticks(1);
		UNIT_CHECK(seen == word);
	}
	watch = STOP;
	while (watch != GONE)
		wait_ticks(1);
	mm_put(shared);
}

// Catches: a space is freed while an idle CPU, or one that runs a kernel
// thread, still has it loaded; and an idle CPU that keeps a space is
// interrupted by every flush of it.
static struct mm *kept;
static struct thread *keeper;
static struct spinlock keeper_lock = SPINLOCK("keeper", RANK_PIPE);
static struct waitq keeper_queue = WAITQ(keeper_queue, "keeper");

// Its CPU has `kept` loaded when it falls asleep, but it does not need it.
static void
keep_space(void)
{
	acquire(&keeper_lock);
	for (;;) {
		if (kept) {
			thread_load_cr3(V2P(kept->pgdir));
			thread_this()->cr3 = 0;
		}
		keeper = thread_this();
		wait_on(&keeper_queue, &keeper_lock);
	}
}

// Another CPU that has mm loaded, or -1.
static int
keeping_cpu(const struct mm *mm)
{
	for (int i = 0; i < ncpu; i++)
		if (i != cpu_this()->index &&
		    cpu_uses_cr3(&cpus[i], V2P(mm->pgdir)))
			return i;
	return -1;
}

// A space that another CPU keeps, if there is a CPU that gets to it.
static struct mm *
kept_space(void)
{
	kept = mm_new();
	UNIT_CHECK(kept);
	acquire(&keeper_lock);
	wake_one(&keeper_queue);
	release(&keeper_lock);
	for (int i = 0; i < 1000000 && keeping_cpu(kept) < 0; i++)
		cpu_pause();
	return kept;
}

UNIT(spaces_leave_every_cpu)
{
	int freed = 0, flushed = 0;
	struct tlb_batch batch;

	UNIT_CHECK(kthread_start("keeper", keep_space) == 0);
	while (!keeper || keeper->state != THREAD_SLEEPING)
		thread_yield();
	for (int i = 0; i < 50; i++) {
		struct mm *mm = kept_space();

		if (i % 2 && keeping_cpu(mm) >= 0) {
			tlb_begin(&batch, mm);
			batch.all = true;
			tlb_flush(&batch);
			flushed++;
			UNIT_CHECK(keeping_cpu(mm) < 0);
		}
		freed += keeping_cpu(mm) >= 0;
		kept = NULL;
		mm_put(mm);
	}
	if (ncpu > 1)
		UNIT_CHECK(freed > 0 && flushed > 0);
}
