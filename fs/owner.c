// The hooks that mm has registered.
#include "fs/owner.h"

static const struct map_hooks *map_hooks; // [I] from mm_init on

void
owner_set_hooks(const struct map_hooks *h)
{
	map_hooks = h;
}

void
owner_unmap(struct page_owner *owner, uint first, uint last)
{
	if (map_hooks)
		map_hooks->unmap(owner->ip, first, last);
}

void
owner_clean(struct page_owner *owner, uint index)
{
	// Whether a map had written does not matter here: the page is on its
	// way to the disk in any case.
	if (map_hooks)
		map_hooks->clean(owner->ip, index);
}
