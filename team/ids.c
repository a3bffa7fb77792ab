// The numbers of processes and threads. They grow, and begin again after
// ID_MAX, so that a number that was given back means nobody for a long time.
#include "team/ids.h"
#include "abi/errno.h"
#include "abi/limits.h"
#include "kern/lock.h"

#define ID_MAX 0x3FFFFFFF

static struct spinlock id_lock = SPINLOCK("ids", RANK_IDS);
static bool used[NTHREAD]; // id_lock: by number % NTHREAD
static int last_id;	   // id_lock

int
id_take(void)
{
	int id = -EAGAIN;

	acquire(&id_lock);
	for (int i = 0; i < NTHREAD && id < 0; i++) {
		last_id = last_id < ID_MAX ? last_id + 1 : 2;
		if (!used[last_id % NTHREAD])
			id = last_id;
	}
	if (id > 0)
		used[id % NTHREAD] = true;
	release(&id_lock);
	return id;
}

void
id_give(int id)
{
	acquire(&id_lock);
	used[id % NTHREAD] = false;
	release(&id_lock);
}
