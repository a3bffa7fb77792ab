// Giving memory back, in two steps: clean pages that nobody uses; dirty pages,
// after a commit. Programs give up the pages that they have mapped by the clock
// (mm/pageout.c).
#include "fs/cache.h"
#include "fs/cache_private.h"
#include "fs/fs.h"
#include "fs/itable.h"
#include "fs/log.h"

// Frees clean pages, in rounds: the first look at a page may only clear
// PG_USED.
static uint
reclaim_clean(uint n)
{
	uint freed = 0;

	for (uint left = cache_count() / 16 + 2; left && freed < n; left--)
		freed += cache_shrink(min_uint(n - freed, 32));
	return freed;
}

uint
fs_reclaim(uint n)
{
	uint freed;

	if (!fs_disk)
		return 0;
	freed = reclaim_clean(n);
	if (freed < n && cache_dirty_count() && !log_failed() &&
	    !log_commit(false))
		freed += reclaim_clean(n - freed);
	itable_shrink();
	return freed;
}
