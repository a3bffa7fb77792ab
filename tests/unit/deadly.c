// Mistakes that have to end in a panic: with locks, with sleeping, with pages.
// test_deadly.py knows what each panic says.
#include "kalloc.h"
#include "kern/clock.h"
#include "kern/kthread.h"
#include "kern/lock.h"
#include "kern/mutex.h"
#include "kern/sched.h"
#include "kern/unit.h"
#include "kern/wait.h"
#include "mm/uaccess.h"

static struct spinlock early = SPINLOCK("early", RANK_PIPE);
static struct spinlock also_early = SPINLOCK("also early", RANK_PIPE);
static struct spinlock late = SPINLOCK("late", RANK_SLAB);
static struct waitq queue = WAITQ(queue, "queue");
static struct mutex outer = MUTEX(outer, "outer", RANK_MM);
static struct mutex inner = MUTEX(inner, "inner", RANK_INODE);

DEADLY(spinlocks_in_wrong_order)
{
	acquire(&late);
	acquire(&early);
}

DEADLY(two_spinlocks_of_a_rank)
{
	acquire(&early);
	acquire(&also_early);
}

DEADLY(spinlock_twice)
{
	acquire(&early);
	acquire(&early);
}

DEADLY(spinlock_not_held)
{
	release(&early);
}

DEADLY(mutexes_in_wrong_order)
{
	mutex_lock(&inner);
	mutex_lock(&outer);
}

DEADLY(mutex_twice)
{
	mutex_lock(&inner);
	mutex_lock(&inner);
}

DEADLY(mutex_not_held)
{
	mutex_unlock(&inner);
}

DEADLY(mutex_with_spinlock)
{
	acquire(&early);
	mutex_lock(&inner);
}

DEADLY(sleep_with_spinlock)
{
	acquire(&early);
	acquire(&late);
	wait_on(&queue, &late);
}

DEADLY(clock_sleep_with_spinlock)
{
	int err;

	acquire(&early);
	err = clock_sleep(1);
	UNIT_CHECK(!err);
}

DEADLY(wake_without_lock)
{
	queue.lock = &early;
	wake_one(&queue);
}

DEADLY(user_memory_with_spinlock)
{
	char c;
	int err;

	acquire(&early);
	err = copyin(&c, (const void __user *)PGSIZE, 1);
	UNIT_CHECK(err);
}

DEADLY(interrupts_on_too_often)
{
	cpu_irq_off();
	cpu_irq_on();
	cpu_irq_on();
}

DEADLY(page_freed_twice)
{
	void *va = kalloc();

	kfree(va);
	kfree(va);
}

DEADLY(page_written_while_free)
{
	char *va = kalloc();

	kfree(va);
	va[100] = 1;
	for (;;)
		UNIT_CHECK(kalloc());
}

DEADLY(page_of_nobody)
{
	kfree((void *)(KERNBASE + EXTMEM));
}
