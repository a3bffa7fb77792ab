// kern/slab for host tests: the host's memory, and a count of what lives.
#pragma once
#include "kern/slab.h"
#include <stdlib.h>

static int objects; // given out

void
slab_init(struct slab *s, const char *name, uint size)
{
	s->size = size;
}

void *
slab_alloc(struct slab *s)
{
	objects++;
	return calloc(1, s->size);
}

void
slab_free(struct slab *s, void *obj)
{
	objects -= !!obj;
	free(obj);
}
