// What file/pipe.c stands on, made of what the host has: spinlocks are one
// pthread mutex, wait queues are condition variables, and user memory is memory
// in which a range can be made to fail. Included by pipe_test.c behind
// file/pipe.c.
#pragma once
#include "file/pipe.h"
#include "abi/errno.h"
#include "kalloc.h"
#include "kern/wait.h"
#include "mm/uaccess.h"
#include "slabs.h"
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static pthread_mutex_t big_lock = PTHREAD_MUTEX_INITIALIZER;
static __thread bool killed, locked;
static int frames; // given out
static char *bad;          // the first user address that fails, or NULL
static bool away; // no user page is in memory: a copy has to fetch it
static void (*during_copy)(void); // called once, by the next copy out

void
lock_init(struct spinlock *lk, const char *name, enum lock_rank rank)
{
	lk->bit = 1u << rank;
}

void
acquire(struct spinlock *lk)
{
	pthread_mutex_lock(&big_lock);
	locked = true;
}

void
release(struct spinlock *lk)
{
	locked = false;
	pthread_mutex_unlock(&big_lock);
}

// A condition variable for each queue: a wakeup of the wrong one must not help.
static pthread_cond_t *
cond_of(struct waitq *q)
{
	static struct waitq *queue[64];
	static pthread_cond_t cond[64];
	int i = 0;

	while (queue[i] && queue[i] != q)
		i++;
	if (!queue[i])
		pthread_cond_init(&cond[i], NULL);
	queue[i] = q;
	return &cond[i];
}

void
waitq_init(struct waitq *q, const char *name)
{
	q->name = name;
}

int
wait_killable(struct waitq *q, struct spinlock *lk)
{
	if (killed)
		return -EINTR;
	pthread_cond_wait(cond_of(q), &big_lock);
	return 0;
}

void
wake_all(struct waitq *q)
{
	pthread_cond_broadcast(cond_of(q));
}

void *
kalloc(void)
{
	__atomic_add_fetch(&frames, 1, __ATOMIC_SEQ_CST);
	return malloc(PGSIZE);
}

void
kfree(void *va)
{
	__atomic_sub_fetch(&frames, 1, __ATOMIC_SEQ_CST);
	free(va);
}

static bool
fails(const char *user, uint n)
{
	return bad && user + n > bad;
}

// May a copy fail under a lock, since it must not fetch pages there?
static bool
must_not_wait(void)
{
	return locked && away;
}

int
copyin_now(void *dst, const void __user *src, uint n)
{
	if (must_not_wait() || fails(src, n))
		return -EFAULT;
	memcpy(dst, src, n);
	return 0;
}

int
copyout_now(void __user *dst, const void *src, uint n)
{
	void (*hook)(void) = during_copy;

	if (must_not_wait())
		return -EFAULT;
	during_copy = NULL;
	if (hook)
		hook();
	if (fails(dst, n))
		return -EFAULT;
	memcpy(dst, src, n);
	return 0;
}
