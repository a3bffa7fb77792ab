// Counts of what guests did, since the start (hv/count.h).
#include "hv/count.h"
#include "lib/string.h"

static uint counts[GUESTS_COUNT];

void
guest_count(enum guest_count what)
{
	__atomic_fetch_add(&counts[what], 1, __ATOMIC_RELAXED);
}

void
guest_counts(uint to[GUESTS_COUNT])
{
	memcpy(to, counts, sizeof(counts));
}
