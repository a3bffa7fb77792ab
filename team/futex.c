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
// fault is not possible under a spinlock. So the page is faulted in before, and
// if it is gone again when the lock is held, the waiter begins again.
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
compare(struct mm *mm, vaddr_t va, int expected)
{
	struct page *pg = user_page_present(mm, va, ACCESS_READ);
	int word;

	if (!pg)
		return PAGE_GONE;
	word = *(volatile int *)((char *)page_va(pg) + PGOFFSET(va));
	swap_page_put(pg);
	return word == expected ? 0 : -EAGAIN;
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

// The page of va, and the word's place. 0, -EINVAL, -EFAULT, -ENOMEM, -EIO.
static int
find_word(struct mm *mm, vaddr_t va, struct mm_place *place)
{
	struct page *pg;
	int err;

	if (va % sizeof(int))
		return -EINVAL;
	err = user_page(mm, va, ACCESS_READ, &pg);
	if (err)
		return err;
	swap_page_put(pg);
	return mm_find_place(mm, va, place);
}

int
futex_wait(struct mm *mm, vaddr_t va, int expected, int ticks)
{
	struct waiter w;
	struct bucket *b;
	int err;

	do {
		err = find_word(mm, va, &w.place);
		if (err)
			return err;
		b = bucket_of(&w.place);
		acquire(&b->lock);
		err = compare(mm, va, expected);
		if (!err)
			err = sleep_as(&w, b, ticks);
		release(&b->lock);
	} while (err == PAGE_GONE);
	return err;
}

static bool
same_place(const struct mm_place *a, const struct mm_place *b)
{
	return a->object == b->object && a->off == b->off;
}

// A waiter that was woken is gone when the lock is.
int
futex_wake(struct mm *mm, vaddr_t va, int count)
{
	struct mm_place place;
	struct bucket *b;
	int woken = 0, err;

	if (va % sizeof(int) || count < 0)
		return -EINVAL;
	err = mm_find_place(mm, va, &place);
	if (err)
		return err;
	b = bucket_of(&place);
	acquire(&b->lock);
	list_for_each_safe (w, next, &b->waiters, struct waiter, link) {
		if (woken == count)
			break;
		if (!same_place(&w->place, &place))
			continue;
		list_remove(&w->link);
		w->woken = true;
		wake_one(&w->queue);
		woken++;
	}
	release(&b->lock);
	return woken;
}
