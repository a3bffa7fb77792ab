// Values of a thread by key. A key's generation is odd while the key is in use.
// A value counts only if it was set in the same generation: so a new key under
// an old number begins with NULL in every thread.
#include "user/lib/thread.h"

static int keys_lock;
static struct key {
	uint generation;
	void (*destroy)(void *);
} keys[PTHREAD_KEYS_MAX];

// Is k a key, now? Its generation then stands in *g.
static bool
key_used(pthread_key_t k, uint *g)
{
	*g = k < PTHREAD_KEYS_MAX ? keys[k].generation : 0;
	return *g & 1;
}

int
pthread_key_create(pthread_key_t *out, void (*destroy)(void *))
{
	int err = EAGAIN;

	lock_take(&keys_lock);
	for (pthread_key_t k = 0; k < PTHREAD_KEYS_MAX && err; k++) {
		if (keys[k].generation & 1)
			continue;
		keys[k].destroy = destroy;
		keys[k].generation++;
		*out = k;
		err = 0;
	}
	lock_give(&keys_lock);
	return err;
}

int
pthread_key_delete(pthread_key_t k)
{
	uint g;
	bool used;

	lock_take(&keys_lock);
	used = key_used(k, &g);
	if (used)
		keys[k].generation++;
	lock_give(&keys_lock);
	return used ? 0 : EINVAL;
}

int
pthread_setspecific(pthread_key_t k, const void *value)
{
	struct pthread *t = pthread_self();
	uint g;

	if (!key_used(k, &g))
		return EINVAL;
	t->own[k].generation = g;
	t->own[k].value = (void *)value;
	return 0;
}

void *
pthread_getspecific(pthread_key_t k)
{
	struct pthread *t = pthread_self();
	uint g;

	return key_used(k, &g) && t->own[k].generation == g ? t->own[k].value
							    : NULL;
}

// Takes the value of k, for its destructor; NULL if there is none to call.
static void *
take_value(pthread_key_t k, void (**destroy)(void *))
{
	void *value = pthread_getspecific(k);

	*destroy = keys[k].destroy;
	if (!value || !*destroy)
		return NULL;
	pthread_setspecific(k, NULL);
	return value;
}

// A destructor may set values again, so there are several rounds.
void
thread_values_end(void)
{
	void (*destroy)(void *);
	bool called = true;

	for (int i = 0; called && i < PTHREAD_DESTRUCTOR_ITERATIONS; i++) {
		called = false;
		for (pthread_key_t k = 0; k < PTHREAD_KEYS_MAX; k++) {
			void *value = take_value(k, &destroy);

			if (value) {
				destroy(value);
				called = true;
			}
		}
	}
}
