// Threads: how they come, end, and are freed.
//
// The kernel keeps a thread that has ended until another thread joins it, and a
// thread cannot unmap the stack on which it runs. So a detached thread enters
// itself in `dead` when it ends, and the next thread that is created or ends
// joins and frees those. Mappings of the usual size are kept for new threads.
#include "user/lib/thread.h"

#define KEEP_MAX    16 // so many mappings are kept
#define THREAD_PAGE 4096

static struct pthread *dead, *kept; // under pthread_lock
static int nkept;
static struct pthread first_thread = { .self = &first_thread };

static size_t
map_length(size_t stack)
{
	return ((stack + THREAD_PAGE - 1) & ~(THREAD_PAGE - 1)) +
	       2 * THREAD_PAGE;
}

pthread_t
pthread_self(void)
{
	struct pthread *self;
	ushort gs;

	asm volatile("movw %%gs, %0" : "=r"(gs));
	if (!gs)
		return &first_thread;
	asm volatile("movl %%gs:4, %0" : "=r"(self));
	return self;
}

// ---- Memory of threads ------------------------------------------------------

static struct pthread *
take_kept(size_t len)
{
	struct pthread *t;

	lock_take(&pthread_lock);
	t = kept && kept->len == len ? kept : NULL;
	if (t) {
		kept = t->next;
		nkept--;
	}
	lock_give(&pthread_lock);
	return t;
}

static struct pthread *
map_thread(size_t len)
{
	char *map =
		mmap(NULL, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct pthread *t;

	if (map == MAP_FAILED)
		return NULL;
	if (mprotect(map + THREAD_PAGE, len - THREAD_PAGE,
		     PROT_READ | PROT_WRITE) < 0) {
		munmap(map, len);
		return NULL;
	}
	t = (struct pthread *)(map + len - THREAD_PAGE);
	t->map = map;
	t->len = len;
	return t;
}

static struct pthread *
new_thread(size_t stack)
{
	size_t len = map_length(stack);
	struct pthread *t = take_kept(len);

	_Static_assert(sizeof(struct pthread) <= THREAD_PAGE, "it has a page");
	if (!t)
		t = map_thread(len);
	if (!t)
		return NULL;
	t->self = t;
	t->error = t->tid = 0;
	memset(t->own, 0, sizeof(t->own));
	return t;
}

static void
free_thread(struct pthread *t)
{
	bool keep;

	if (t == &first_thread)
		return;
	lock_take(&pthread_lock);
	keep = nkept < KEEP_MAX && t->len == map_length(PTHREAD_STACK_DEFAULT);
	if (keep) {
		t->next = kept;
		kept = t;
		nkept++;
	}
	lock_give(&pthread_lock);
	if (!keep)
		munmap(t->map, t->len);
}

// ---- Come and go ------------------------------------------------------------

// t may run before its maker has stored its id.
static int
tid_of(struct pthread *t)
{
	int tid;

	if (t == &first_thread)
		return getpid();
	while (!(tid = __atomic_load_n(&t->tid, __ATOMIC_SEQ_CST)))
		yield();
	return tid;
}

// Frees the detached threads that have ended. Each is at most on its last way
// out of user mode, so that the joins are short.
static void
bury_dead(void)
{
	struct pthread *t, *next;
	int value;

	if (!__atomic_load_n(&dead, __ATOMIC_SEQ_CST))
		return;
	lock_take(&pthread_lock);
	t = dead;
	dead = NULL;
	lock_give(&pthread_lock);
	for (; t; t = next) {
		next = t->next;
		if (thread_join(tid_of(t), &value) == 0)
			free_thread(t);
	}
}

// The caller is the only thread of a child that fork has made. Its id is the
// child's pid.
static void
begin_child(void)
{
	pthread_self()->tid = getpid();
	dead = NULL;
}

static void
thread_main(void *arg)
{
	struct pthread *t = arg;

	pthread_exit(t->start(t->arg));
}

int
pthread_create(pthread_t *out, const pthread_attr_t *attr,
	       void *(*start)(void *), void *arg)
{
	struct pthread *t;
	int tid;

	fork_begin_child = begin_child;
	bury_dead();
	t = new_thread(attr ? attr->stack : PTHREAD_STACK_DEFAULT);
	if (!t)
		return EAGAIN;
	t->start = start;
	t->arg = arg;
	t->state = attr && attr->detached ? PTHREAD_DETACHED : PTHREAD_JOINABLE;
	*out = t;
	tid = thread_create(thread_main, t, t, t);
	if (tid < 0) {
		free_thread(t);
		return EAGAIN;
	}
	// The last access to t: from here on a detached thread may be gone.
	__atomic_store_n(&t->tid, tid, __ATOMIC_SEQ_CST);
	return 0;
}

// Moves t from one state to another; false if t was not in it.
static bool
change_state(struct pthread *t, int from, int to)
{
	return __atomic_compare_exchange_n(&t->state, &from, to, false,
					   __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

void
pthread_exit(void *result)
{
	struct pthread *t = pthread_self();

	thread_values_end();
	bury_dead();
	if (!change_state(t, PTHREAD_JOINABLE, PTHREAD_ENDED)) {
		tid_of(t); // the maker is done with t
		lock_take(&pthread_lock);
		t->next = dead;
		dead = t;
		lock_give(&pthread_lock);
	}
	thread_exit((int)result);
}

int
pthread_join(pthread_t t, void **result)
{
	int value;

	if (t == pthread_self())
		return EDEADLK;
	if (__atomic_load_n(&t->state, __ATOMIC_SEQ_CST) == PTHREAD_DETACHED)
		return EINVAL;
	if (thread_join(tid_of(t), &value) < 0)
		return errno;
	if (result)
		*result = (void *)value;
	free_thread(t);
	return 0;
}

int
pthread_detach(pthread_t t)
{
	if (change_state(t, PTHREAD_JOINABLE, PTHREAD_DETACHED))
		return 0;
	if (__atomic_load_n(&t->state, __ATOMIC_SEQ_CST) == PTHREAD_DETACHED)
		return EINVAL;
	return pthread_join(t, NULL);
}

int
pthread_equal(pthread_t a, pthread_t b)
{
	return a == b;
}

int
sched_yield(void)
{
	return yield();
}

// ---- Attributes -------------------------------------------------------------

int
pthread_attr_init(pthread_attr_t *a)
{
	*a = (pthread_attr_t){ .stack = PTHREAD_STACK_DEFAULT };
	return 0;
}

int
pthread_attr_destroy(pthread_attr_t *a)
{
	return 0;
}

int
pthread_attr_setstacksize(pthread_attr_t *a, size_t size)
{
	if (size < PTHREAD_STACK_MIN || size > INT32_MAX)
		return EINVAL;
	a->stack = size;
	return 0;
}

int
pthread_attr_getstacksize(const pthread_attr_t *a, size_t *size)
{
	*size = a->stack;
	return 0;
}

int
pthread_attr_setdetachstate(pthread_attr_t *a, int state)
{
	if (state != PTHREAD_CREATE_JOINABLE &&
	    state != PTHREAD_CREATE_DETACHED)
		return EINVAL;
	a->detached = state == PTHREAD_CREATE_DETACHED;
	return 0;
}

int
pthread_attr_getdetachstate(const pthread_attr_t *a, int *state)
{
	*state =
		a->detached ? PTHREAD_CREATE_DETACHED : PTHREAD_CREATE_JOINABLE;
	return 0;
}
