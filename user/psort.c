// psort [NUMBERS [THREADS]]: sorts numbers with threads.
//
// The threads share one address space. Each thread fills and sorts a part of
// the array. Its first access to a page is a fault, and the fault path puts a
// frame into the one page table that all threads use. Then the first thread
// merges the parts without a copy of them.
#include "memlayout.h"
#include "mmu.h"
#include "pthread.h"
#include "user.h"

enum { MANY = 200000, THREADS = 4, THREADS_MAX = 32 };

static int *numbers;

struct part {
	pthread_t thread;
	int tid;
	uint begin, end; // of `numbers`
	uint frame; // of its first number, as its thread saw it
};

static int
compare(const void *a, const void *b)
{
	int x = *(const int *)a, y = *(const int *)b;

	return x < y ? -1 : x > y;
}

// The number of the frame at p, from the process's own page table, which it may
// read in the window (docs/page-tables.md).
static uint
frame_of(const void *p)
{
	const volatile uint *window = (const uint *)PTWINDOW;

	return window[(uint)p / PGSIZE] / PGSIZE;
}

// What a thread does. The numbers follow from their places, so that any two
// runs sort the same ones.
static void *
sort_part(void *arg)
{
	struct part *p = arg;

	p->tid = gettid();
	for (uint i = p->begin; i < p->end; i++)
		numbers[i] = i * 2654435761u >> 1;
	qsort(numbers + p->begin, p->end - p->begin, sizeof(int), compare);
	p->frame = frame_of(&numbers[p->begin]);
	return NULL;
}

// The part whose next number is the smallest; NULL: all parts are empty.
static struct part *
smallest(struct part *part, uint n)
{
	struct part *best = NULL;

	for (uint i = 0; i < n; i++)
		if (part[i].begin < part[i].end &&
		    (!best || numbers[part[i].begin] < numbers[best->begin]))
			best = &part[i];
	return best;
}

// Walks the parts in order of their numbers. Returns how many numbers there
// are, or -1 if one is smaller than the one before.
static int
merge(struct part *part, uint n)
{
	struct part *p;
	int count = 0, last = 0;

	while ((p = smallest(part, n))) {
		if (numbers[p->begin] < last)
			return -1;
		last = numbers[p->begin++];
		count++;
	}
	return count;
}

static uint
pages_now(void)
{
	struct procinfo info;
	int index = 0;

	while ((index = procinfo(index, &info)) > 0)
		if (info.pid == getpid())
			return info.pages;
	err(1, "procinfo");
}

// Where part i of n begins, if `count` numbers are shared evenly.
static uint
share(uint count, uint i, uint n)
{
	return count / n * i + count % n * i / n;
}

static void
start_all(struct part *part, uint threads, uint count)
{
	for (uint i = 0; i < threads; i++) {
		part[i].begin = share(count, i, threads);
		part[i].end = share(count, i + 1, threads);
		errno = pthread_create(&part[i].thread, NULL, sort_part,
				       &part[i]);
		if (errno)
			err(1, "pthread_create");
	}
}

static void
join_all(struct part *part, uint threads)
{
	for (uint i = 0; i < threads; i++) {
		errno = pthread_join(part[i].thread, NULL);
		if (errno)
			err(1, "pthread_join");
		printf("thread %d: %u numbers; frame %05x, as process %d: "
		       "%05x\n",
		       part[i].tid, part[i].end - part[i].begin, part[i].frame,
		       getpid(), frame_of(&numbers[part[i].begin]));
	}
}

int
main(int argc, char *argv[])
{
	struct part part[THREADS_MAX];
	uint before, start = uptime();
	int count = MANY, threads = THREADS, sorted;

	no_options(&argc, &argv, "[NUMBERS [THREADS]]");
	if (argc > 3 || (argc > 1 && parse_int(argv[1], &count) < 0) ||
	    (argc > 2 && parse_int(argv[2], &threads) < 0) || count < 1 ||
	    count > 1 << 28 || threads < 1 || threads > THREADS_MAX)
		usage("[NUMBERS [THREADS]]");
	numbers = mmap(NULL, count * sizeof(int), PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (numbers == MAP_FAILED)
		err(1, "mmap");
	before = pages_now();
	start_all(part, threads, count);
	join_all(part, threads);
	printf("pages: %u before, %u after; the numbers fill %u\n", before,
	       pages_now(), (count * (uint)sizeof(int) + PGSIZE - 1) / PGSIZE);
	sorted = merge(part, threads);
	printf("%d of %d numbers are in order, after %u ticks\n", sorted, count,
	       uptime() - start);
	return sorted == count ? 0 : 1;
}
