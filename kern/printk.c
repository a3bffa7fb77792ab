// The kernel's output. Formatted text goes to every sink, one printk at a time.
// Text that is printed before there is a sink waits in early_text[].
#include "kern/printk.h"
#include "kern/lock.h"
#include "lib/fmt.h"
#include "lib/string.h"

static struct spinlock console_lock = SPINLOCK("console", RANK_CONSOLE);
static struct printk_sink *sinks;
static char early_text[4096];
static uint early_len;

// After a panic a CPU that has been stopped may hold the lock.
static void
printk_lock(void)
{
	if (!panicked)
		acquire(&console_lock);
}

static void
printk_unlock(void)
{
	if (holding(&console_lock))
		release(&console_lock);
}

static void
put_to_sinks(void *ctx, const char *s, size_t n)
{
	if (!sinks) {
		n = min_uint(n, sizeof(early_text) - early_len);
		memcpy(early_text + early_len, s, n);
		early_len += n;
	}
	for (struct printk_sink *k = sinks; k; k = k->next)
		k->write(s, n);
}

void
printk_register(struct printk_sink *sink)
{
	printk_lock();
	if (!sinks)
		sink->write(early_text, early_len);
	sink->next = sinks;
	sinks = sink;
	printk_unlock();
}

void
printk_raw(const char *s, size_t n)
{
	printk_lock();
	put_to_sinks(NULL, s, n);
	printk_unlock();
}

void
vprintk(const char *fmt, va_list ap)
{
	printk_lock();
	fmt_put(put_to_sinks, NULL, fmt, ap);
	printk_unlock();
}

void
printk(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintk(fmt, ap);
	va_end(ap);
}
