// The life of an address space: it is made empty, gets areas from exec and brk,
// and is freed.
//
//	mm_new --> mm_map ... (exec) --> mm_sbrk, mm_mmap ... --> mm_put
//	              \--> mm_fork --> another one
//
// Invariant of struct mm, beside those of mm/area.h: tables is the number of
// page tables that its directory names. Nothing here fills a page: mm/fault.c
// does.
#include "mm/mm.h"
#include "abi/errno.h"
#include "abi/mman.h"
#include "fs/inode.h"
#include "kalloc.h"
#include "kern/slab.h"
#include "lib/assert.h"
#include "mm/area.h"
#include "mm/entries.h"
#include "mm/pageout.h"
#include "mm/ptshare.h"
#include "mm/swap.h"
#include "mm/table.h"
#include "x86/cpu.h"

_Static_assert(AREA_READ == PROT_READ && AREA_WRITE == PROT_WRITE,
	       "the low bits of an area's flags are PROT_");

#define STACK_SLIP 0x100000u // so far below a stack an access means the stack

static struct slab mm_slab;

void
mm_init_spaces(void)
{
	slab_init(&mm_slab, "mm", sizeof(struct mm));
}

// ---- Life ------------------------------------------------------------------

struct mm *
mm_new(void)
{
	struct mm *mm = slab_alloc(&mm_slab);

	if (!mm)
		return NULL;
	mm->pgdir = pgdir_new();
	if (!mm->pgdir) {
		slab_free(&mm_slab, mm);
		return NULL;
	}
	mm->refs = 1;
	list_init(&mm->space_link);
	mutex_init(&mm->lock, "mm", RANK_MM);
	area_list_init(&mm->areas);
	return mm;
}

int
mm_set_program(struct mm *mm, struct inode *ip)
{
	int err = inode_deny_write(ip);

	assert(!mm->program);
	if (err)
		return err;
	mm->program = inode_get(ip);
	return 0;
}

static void
put_program(struct mm *mm)
{
	if (!mm->program)
		return;
	inode_allow_write(mm->program);
	inode_put(mm->program);
}

struct mm *
mm_get(struct mm *mm)
{
	__atomic_fetch_add(&mm->refs, 1, __ATOMIC_RELAXED);
	return mm;
}

static void
assert_runs_nowhere(const struct mm *mm)
{
	for (int i = 0; i < ncpu; i++)
		assertf(!cpu_uses_cr3(&cpus[i], V2P(mm->pgdir)),
			"mm runs on cpu%d", i);
}

// Tables go first, then their areas. A hook that still finds an area of ours in
// its file's list may take pages out of its table at the same time, under the
// table's lock.
void
mm_put(struct mm *mm)
{
	if (__atomic_sub_fetch(&mm->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	pageout_leave(mm);
	tlb_evict(mm);
	assert_runs_nowhere(mm);
	list_for_each_safe (a, n, &mm->areas.list, struct area, link) {
		table_leave(mm, a->start, a->end);
		area_remove(&mm->areas, a);
		area_free(a);
	}
	if (mm->tables) { // some that munmap has left
		assertf(!mm_pages(mm), "%u pages outside of areas",
			mm_pages(mm));
		table_leave(mm, 0, USER_TOP);
	}
	put_program(mm);
	assert(!mm->tables);
	kfree(mm->pgdir);
	slab_free(&mm_slab, mm);
}

uint
mm_cost(const struct mm *mm)
{
	return max_uint(table_cost(mm), mm->areas.charge + mm->tables) + 1;
}

uint
mm_pages(const struct mm *mm)
{
	return table_pages(mm);
}

uint
mm_swapped(const struct mm *mm)
{
	return table_swap_pages(mm);
}

// ---- Areas of a space ------------------------------------------------------

int
mm_area_flags(int prot)
{
	int flags = prot & PROT_WRITE ? AREA_WRITE : 0;

	return prot ? flags | AREA_READ : flags;
}

bool
mm_may_promise(const struct mm *mm, uint len)
{
	uint all = (kalloc_total() + swap_total()) * PGSIZE;

	return mm->areas.promised <= all && len <= all - mm->areas.promised;
}

int
mm_remove(struct mm *mm, vaddr_t start, vaddr_t end)
{
	int err = table_own_range(mm, start, end);

	if (!err)
		err = area_prepare_cut(&mm->areas, start, end);
	if (err)
		return err;
	entry_unmap(mm, start, end);
	area_cut(&mm->areas, start, end);
	entry_free_tables(mm, start, end);
	return 0;
}

// Is the range the user's, and do the object's bytes fit into it?
static bool
range_ok(const struct map_request *r)
{
	return r->len > 0 && r->addr < USER_TOP &&
	       r->len <= USER_TOP - r->addr && r->filelen <= r->len &&
	       r->off + r->filelen >= r->off;
}

int
mm_map(struct mm *mm, const struct map_request *r)
{
	vaddr_t start = PGROUNDDOWN(r->addr), end;
	int flags = r->flags | mm_area_flags(r->prot);
	struct area *a;

	if (!range_ok(r))
		return -EINVAL;
	end = PGROUNDUP(r->addr + r->len);
	if (!mm_may_promise(mm, end - start))
		return -ENOMEM;
	a = area_new(mm, start, end, flags);
	if (!a)
		return -ENOMEM;
	if (r->ip && r->filelen)
		area_set_file(a, r->ip, r->addr, r->off, r->filelen);
	mutex_lock(&mm->lock);
	if (area_overlaps(&mm->areas, start, end)) {
		mutex_unlock(&mm->lock);
		area_free(a);
		return -EEXIST;
	}
	area_insert(&mm->areas, a, NULL);
	mutex_unlock(&mm->lock);
	return 0;
}

// ---- The heap --------------------------------------------------------------

void
mm_brk_start(struct mm *mm, vaddr_t start)
{
	mutex_lock(&mm->lock);
	mm->brk_start = mm->brk = PGROUNDUP(start);
	mutex_unlock(&mm->lock);
}

// Enters an area for [start, end), which joins the heap's.
static int
heap_add(struct mm *mm, vaddr_t start, vaddr_t end)
{
	struct area *a;

	if (mm->areas.count >= AREA_MAX || !mm_may_promise(mm, end - start) ||
	    area_overlaps(&mm->areas, start, end))
		return -ENOMEM;
	a = area_new(mm, start, end, AREA_READ | AREA_WRITE | AREA_HEAP);
	if (!a)
		return -ENOMEM;
	area_insert(&mm->areas, a, NULL);
	area_merge(&mm->areas, a);
	return 0;
}

// The heap's last page may have room for the n bytes: then no area is needed.
static int
heap_grow(struct mm *mm, uint n)
{
	vaddr_t start = PGROUNDUP(mm->brk), end;
	int err = 0;

	if (mm->brk >= BRK_MAX || n > BRK_MAX - mm->brk)
		return -ENOMEM;
	end = PGROUNDUP(mm->brk + n);
	if (end > start)
		err = heap_add(mm, start, end);
	if (!err)
		mm->brk += n;
	return err;
}

static int
heap_shrink(struct mm *mm, uint n)
{
	vaddr_t start, end = PGROUNDUP(mm->brk);
	int err = 0;

	if (n > mm->brk - mm->brk_start)
		return -EINVAL;
	start = PGROUNDUP(mm->brk - n);
	if (start < end)
		err = mm_remove(mm, start, end);
	if (!err)
		mm->brk -= n;
	return err;
}

int
mm_sbrk(struct mm *mm, int n, vaddr_t *old)
{
	int err = 0;

	mutex_lock(&mm->lock);
	*old = mm->brk;
	if (n > 0)
		err = heap_grow(mm, n);
	else if (n < 0)
		err = heap_shrink(mm, 0u - (uint)n); // -INT_MIN is no int
	mutex_unlock(&mm->lock);
	return err;
}

// ---- Questions about an address --------------------------------------------

// Holds mm->lock.
static const char *
area_name(const struct area *a)
{
	if (a->flags & AREA_STACK)
		return "stack";
	if (a->flags & AREA_HEAP)
		return "heap";
	if (a->start >= BRK_MAX)
		return "mapping";
	return a->flags & AREA_WRITE ? "data" : "text";
}

const char *
mm_describe(struct mm *mm, vaddr_t va)
{
	const char *what = "nothing";
	struct area *a;

	if (va >= USER_TOP)
		return "kernel";
	mutex_lock(&mm->lock);
	a = area_above(&mm->areas, va);
	if (a && a->start <= va)
		what = area_name(a);
	else if (a && a->flags & AREA_STACK && a->start - va <= STACK_SLIP)
		what = "stack overflow";
	mutex_unlock(&mm->lock);
	return what;
}

bool
mm_has(struct mm *mm, vaddr_t va)
{
	bool has;

	mutex_lock(&mm->lock);
	has = area_find(&mm->areas, va);
	mutex_unlock(&mm->lock);
	return has;
}

void
mm_find_place(struct mm *mm, vaddr_t va, struct mm_place *place)
{
	const struct area *a;

	*place = (struct mm_place){ mm, va };
	if (!mm->shares)
		return;
	mutex_lock(&mm->lock);
	a = area_find(&mm->areas, va);
	if (a && a->flags & AREA_SHARED) {
		place->object = a->ip ? (void *)a->ip : (void *)a->shm;
		place->off = a->off + (va - a->data);
	}
	mutex_unlock(&mm->lock);
}
