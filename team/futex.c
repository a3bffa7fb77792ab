// Futexes. A word is known by its place (mm_place): in shared memory the object
// and the offset in it, else the space and the address. The frame would be no
// good name: copy-on-write, truncate and swap put another frame in its place.
//
//	bucket -> waiter <-> waiter <-> waiter      of all words with this hash
//	           |          |          |
//	         thread     thread     thread       each in a queue of its own
//
// No wakeup is lost. The waiter compares the word and goes to sleep under the
// bucket's lock. Who changes the word calls futex_wake afterwards, which takes
// the lock too: it finds the waiter, or the waiter finds the new value. A page
// fault is not possible under a spinlock: if the word's page is not there, the
// waiter releases the lock, faults the page in, and begins again.
//
// Most wakes find nobody. A waker reads b->coming without the lock, and returns
// if it is 0. This needs an order on both sides:
//
//	waiter                       waker
//	coming++                     change the word
//	barrier                      barrier
//	read the word                read coming
//
// Whichever comes first, the waiter sees the change or the waker the waiter.
#include "team/futex.h"
#include "abi/errno.h"
#include "kalloc.h"
#include "kern/clock.h"
#include "kern/wait.h"
#include "lib/list.h"
#include "mm/access.h"
#include "mm/mm.h"
#include "mm/swap.h"
#include "mm/uaccess.h"

#define BUCKETS 256
#define PAGE_GONE 1 // a result, beside 0 and -E...

static struct bucket {
	struct spinlock lock; // RANK_FUTEX
	struct list waiters;  // those that came first stand first
	volatile uint coming; // [a] waiters, from before they look at the word
} futex_table[BUCKETS];

// Letter: [b] the bucket's lock.
struct waiter {
	struct list link;      // [b]
	struct mm_place place; // [I]
	bool woken;            // [b]
	struct waitq queue;    // only its thread sleeps here
};

void
futex_init(void)
{
	for (struct bucket *b = futex_table; b < &futex_table[BUCKETS]; b++) {
		lock_init(&b->lock, "futex", RANK_FUTEX);
		list_init(&b->waiters);
	}
}

// The words of an object, and objects of one size, differ in bits 2 to 11.
static struct bucket *
bucket_of(const struct mm_place *p)
{
	uint32_t h = (uint32_t)(vaddr_t)p->object + p->off;

	return &futex_table[(h * 0x9E3779B1u) >> 24];
}

// Is the word still `expected`? 0, -EAGAIN, PAGE_GONE. Holds the bucket's lock.
static int
compare(const void __user *va, int expected)
{
	uint32_t word;

	if (copyin_word_now(&word, va))
		return PAGE_GONE;
	return (int)word == expected ? 0 : -EAGAIN;
}

// Holds the bucket's lock.
static int
sleep_as(struct waiter *w, struct bucket *b, int ticks)
{
	uint64_t end = clock_ticks() + ticks;
	int err = 0;

	waitq_init(&w->queue, "futex");
	w->woken = false;
	list_append(&b->waiters, &w->link);
	while (!w->woken && !err)
		err = ticks < 0 ? wait_killable(&w->queue, &b->lock)
				: wait_until(&w->queue, &b->lock, end);
	list_remove(&w->link);
	return w->woken ? 0 : err;
}

// 0 when woken, or an error, or PAGE_GONE.
static int
wait_if(struct mm *mm, vaddr_t va, int expected, int ticks)
{
	struct waiter w;
	struct bucket *b;
	int err;

	mm_find_place(mm, va, &w.place);
	b = bucket_of(&w.place);
	acquire(&b->lock);
	__atomic_fetch_add(&b->coming, 1, __ATOMIC_SEQ_CST);
	err = compare((const void __user *)va, expected);
	if (!err)
		err = sleep_as(&w, b, ticks);
	__atomic_fetch_sub(&b->coming, 1, __ATOMIC_RELAXED);
	release(&b->lock);
	return err;
}

int
futex_wait(struct mm *mm, vaddr_t va, int expected, int ticks)
{
	uint32_t word;
	int err;

	if (va % sizeof(word))
		return -EINVAL;
	while ((err = wait_if(mm, va, expected, ticks)) == PAGE_GONE) {
		err = copyin_word(&word, (const void __user *)va);
		if (err)
			return err;
	}
	return err;
}

static bool
same_place(const struct mm_place *a, const struct mm_place *b)
{
	return a->object == b->object && a->off == b->off;
}

// A waiter that was woken is gone when the lock is.
static int
wake_waiters(struct bucket *b, const struct mm_place *place, int count)
{
	int woken = 0;

	acquire(&b->lock);
	list_for_each_safe (w, next, &b->waiters, struct waiter, link) {
		if (woken == count)
			break;
		if (!same_place(&w->place, place))
			continue;
		list_remove(&w->link);
		w->woken = true;
		wake_one(&w->queue);
		woken++;
	}
	release(&b->lock);
	return woken;
}

// The word is read only to find a bad address.
int
futex_wake(struct mm *mm, vaddr_t va, int count)
{
	struct mm_place place;
	struct bucket *b;
	uint32_t word;
	int err;

	if (va % sizeof(word) || count < 0)
		return -EINVAL;
	err = copyin_word(&word, (const void __user *)va);
	if (err)
		return err;
	mm_find_place(mm, va, &place);
	b = bucket_of(&place);
	__sync_synchronize(); // the barrier of the drawing above
	return b->coming ? wake_waiters(b, &place, count) : 0;
}
