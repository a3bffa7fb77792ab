// The kernel's output: formatted text goes to every sink, one printk at a time.
// What is printed before there is a sink waits in early[].
#include "kern/printk.h"
#include "kern/lock.h"
#include "lib/fmt.h"
#include "lib/string.h"

static struct spinlock console_lock = SPINLOCK("console", RANK_CONSOLE);
static struct printk_sink *sinks;
static char early[4096];
static uint early_len;

// After a panic the lock may be held by a CPU that has been stopped.
static void
lock(void)
{
	if (!panicked)
		acquire(&console_lock);
}

static void
unlock(void)
{
	if (holding(&console_lock))
		release(&console_lock);
}

static void
put(void *ctx, const char *s, size_t n)
{
	if (sinks == NULL) {
		n = min_uint(n, sizeof(early) - early_len);
		memcpy(early + early_len, s, n);
		early_len += n;
	}
	for (struct printk_sink *k = sinks; k != NULL; k = k->next)
		k->write(s, n);
}

void
printk_register(struct printk_sink *sink)
{
	lock();
	if (sinks == NULL)
		sink->write(early, early_len);
	sink->next = sinks;
	sinks = sink;
	unlock();
}

void
printk_raw(const char *s, size_t n)
{
	lock();
	put(NULL, s, n);
	unlock();
}

void
vprintk(const char *fmt, va_list ap)
{
	lock();
	fmt_put(put, NULL, fmt, ap);
	unlock();
}

void
printk(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintk(fmt, ap);
	va_end(ap);
}
