// An address space's life: made empty, given areas by exec and brk, let go.
//
//	mm_new --> mm_map ... (exec) --> mm_sbrk, mm_mmap ... --> mm_put
//	              \--> mm_fork --> another one
//
// Invariants of struct mm, beside those of mm/area.h: size is the sum of the
// areas; pages is the number of entries that are not absent. Nothing here fills
// a page: that is mm/fault.c's.
#include "mm/mm.h"
#include "abi/errno.h"
#include "abi/mman.h"
#include "fs/fs.h"
#include "fs/inode.h"
#include "kalloc.h"
#include "kern/slab.h"
#include "lib/assert.h"
#include "mm/area.h"
#include "mm/entry.h"
#include "mm/shm.h"
#include "x86/cpu.h"

_Static_assert(AREA_READ == PROT_READ && AREA_WRITE == PROT_WRITE,
	       "the low bits of an area's flags are PROT_");

static struct slab mm_slab;

void
mm_init(void)
{
	slab_init(&mm_slab, "mm", sizeof(struct mm));
	area_init();
	shm_init();
	mm_hooks_init();
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
	mutex_init(&mm->lock, "mm", RANK_MM);
	lock_init(&mm->table_lock, "page table", RANK_PAGE_TABLE);
	list_init(&mm->areas);
	return mm;
}

struct mm *
mm_get(struct mm *mm)
{
	__atomic_fetch_add(&mm->refs, 1, __ATOMIC_RELAXED);
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

static void
assert_runs_nowhere(const struct mm *mm)
{
	for (int i = 0; i < ncpu; i++)
		assertf(cpus[i].cr3 != V2P(mm->pgdir), "mm runs on cpu%d", i);
}

// Areas go one by one, pages first: a hook that still finds an area of ours in
// its file's list may take pages out of it, too; the page-table lock is between
// us.
void
mm_put(struct mm *mm)
{
	if (__atomic_sub_fetch(&mm->refs, 1, __ATOMIC_ACQ_REL) > 0)
		return;
	assert_runs_nowhere(mm);
	list_for_each_safe (a, n, &mm->areas, struct area, link) {
		entry_unmap(mm, a->start, a->end);
		area_remove(a);
		area_free(a);
	}
	assertf(mm->pages == 0, "%u pages outside of areas", mm->pages);
	put_program(mm);
	pgdir_free(mm->pgdir);
	slab_free(&mm_slab, mm);
}

// ---- Areas of a space ------------------------------------------------------

int
mm_area_flags(int prot)
{
	int flags = prot & PROT_WRITE ? AREA_WRITE : 0;

	return prot ? flags | AREA_READ : flags;
}

void
mm_add(struct mm *mm, struct area *a)
{
	mm->size += a->end - a->start;
	area_insert(&mm->areas, a);
}

int
mm_remove(struct mm *mm, vaddr_t start, vaddr_t end)
{
	int err = area_prepare_cut(&mm->areas, start, end);

	if (err)
		return err;
	entry_unmap(mm, start, end);
	mm->size -= area_cut(&mm->areas, start, end);
	return 0;
}

// Is [start, start + len) the user's, and do the object's bytes fit into it?
static bool
range_ok(vaddr_t start, uint len, uint off, uint filelen)
{
	return len > 0 && start < USER_TOP && len <= USER_TOP - start &&
	       filelen <= len && off + filelen >= off;
}

int
mm_map(struct mm *mm, vaddr_t start, uint len, int flags, struct inode *ip,
       uint off, uint filelen)
{
	vaddr_t first = PGROUNDDOWN(start), end;
	struct area *a;

	if (!range_ok(start, len, off, filelen))
		return -EINVAL;
	if (flags & AREA_SHARED && PGOFFSET(start - off))
		return -EINVAL; // such pages are copies: nothing to share
	end = PGROUNDUP(start + len);
	a = area_new(mm, first, end, (flags & ~3) | mm_area_flags(flags & 3));
	if (!a)
		return -ENOMEM;
	if (ip && filelen)
		area_set_file(a, ip, start, off, filelen);
	mutex_lock(&mm->lock);
	if (area_overlaps(&mm->areas, first, end)) {
		mutex_unlock(&mm->lock);
		area_free(a);
		return -EEXIST;
	}
	mm_add(mm, a);
	mutex_unlock(&mm->lock);
	return 0;
}

// ---- The heap --------------------------------------------------------------

bool
mm_can_promise(void)
{
	uint reserve = kalloc_total() / 64, free = kalloc_free();

	if (free < reserve)
		fs_reclaim(reserve - free);
	return kalloc_free() >= reserve;
}

void
mm_brk_start(struct mm *mm, vaddr_t start)
{
	mutex_lock(&mm->lock);
	mm->brk_start = mm->brk = PGROUNDUP(start);
	mutex_unlock(&mm->lock);
}

// Only whole new pages need an area; it joins the heap's.
static int
heap_grow(struct mm *mm, uint n)
{
	vaddr_t start = PGROUNDUP(mm->brk), end;
	struct area *a;

	if (mm->brk >= BRK_MAX || n > BRK_MAX - mm->brk)
		return -ENOMEM;
	end = PGROUNDUP(mm->brk + n);
	if (end > start) {
		if (area_overlaps(&mm->areas, start, end))
			return -ENOMEM;
		a = area_new(mm, start, end,
			     AREA_READ | AREA_WRITE | AREA_HEAP);
		if (!a)
			return -ENOMEM;
		mm_add(mm, a);
		area_merge(&mm->areas, a);
	}
	mm->brk += n;
	return 0;
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

	if (n > 0 && !mm_can_promise())
		return -ENOMEM;
	mutex_lock(&mm->lock);
	*old = mm->brk;
	if (n > 0)
		err = heap_grow(mm, n);
	else if (n < 0)
		err = heap_shrink(mm, 0u - (uint)n); // -INT_MIN is no int
	mutex_unlock(&mm->lock);
	return err;
}
