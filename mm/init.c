// The start of mm/: each part once, before the first address space.
#include "mm/area.h"
#include "mm/mm.h"
#include "mm/shm.h"

void
mm_init(void)
{
	mm_init_spaces();
	area_init();
	shm_init();
	mm_hooks_init();
}
