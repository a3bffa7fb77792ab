// mmap, munmap, mprotect, msync. Each checks its arguments, gets the memory
// that it needs, and then edits areas, which cannot fail. Pages come by faults.
#include "abi/errno.h"
#include "abi/mman.h"
#include "fs/inode.h"
#include "lib/assert.h"
#include "mm/area.h"
#include "mm/entries.h"
#include "mm/mm.h"
#include "mm/ptshare.h"
#include "mm/shm.h"

#define MAP_LOW  BRK_MAX                // mmap looks for room from here ...
#define MAP_HIGH (USER_TOP - STACK_MAX) // ... to the lowest end of a stack

// Is [addr, addr + len) a range of the user's, with addr a page's start? Rounds
// *len up to whole pages.
static bool
pages_ok(vaddr_t addr, uint *len)
{
	if (PGOFFSET(addr) || !*len || *len > USER_TOP)
		return false;
	*len = PGROUNDUP(*len);
	return addr < USER_TOP && *len <= USER_TOP - addr;
}

// ---- mmap ------------------------------------------------------------------

// Checks what needs no look at the space.
static int
check_mmap(const struct map_request *r)
{
	bool fixed = r->flags & MAP_FIXED;
	uint len = r->len;

	if (!(r->flags & MAP_SHARED) == !(r->flags & MAP_PRIVATE))
		return -EINVAL;
	if (!len || (fixed && (PGOFFSET(r->addr) || r->addr < USER_MIN)))
		return -EINVAL;
	if (!pages_ok(fixed ? r->addr : 0, &len))
		return -ENOMEM; // POSIX's word for beyond the space
	if (!r->ip)
		return 0;
	if (PGOFFSET(r->off))
		return -EINVAL;
	if (r->ip->type != T_FILE)
		return -ENODEV;
	return r->off + len - 1 < r->off ? -EOVERFLOW : 0;
}

// Puts the object behind a: a file, shared memory, or nothing. 0 or -ENOMEM.
static int
set_object(struct area *a, const struct map_request *r)
{
	uint len = a->end - a->start;

	if (r->ip) {
		area_set_file(a, r->ip, a->start, r->off, len);
	} else if (a->flags & AREA_SHARED) {
		a->shm = shm_new(len);
		if (!a->shm)
			return -ENOMEM;
		a->filelen = len;
	}
	return 0;
}

// A new area for the request, still without a place: it begins at 0. NULL if
// memory is out.
static struct area *
requested_area(struct mm *mm, const struct map_request *r)
{
	int flags = mm_area_flags(r->prot);
	struct area *a;

	if (r->flags & MAP_SHARED) {
		flags |= AREA_SHARED;
		mm->shares = true;
	}
	if (r->flags & MM_NO_WRITE)
		flags |= AREA_NO_WRITE;
	a = area_new(mm, 0, PGROUNDUP(r->len), flags);
	if (a && set_object(a, r)) {
		area_free(a);
		a = NULL;
	}
	return a;
}

// Chooses a place for len bytes and empties it. 0 with *at, or -ENOMEM.
static int
choose_place(struct mm *mm, const struct map_request *r, uint len, vaddr_t *at)
{
	vaddr_t addr = r->addr;

	*at = addr;
	if (r->flags & MAP_FIXED)
		return mm_remove(mm, addr, addr + len);
	if (!PGOFFSET(addr) && addr >= USER_MIN && addr < MAP_HIGH &&
	    len <= MAP_HIGH - addr &&
	    !area_overlaps(&mm->areas, addr, addr + len))
		return 0;
	*at = area_find_free(&mm->areas, MAP_LOW, MAP_HIGH, len);
	return *at ? 0 : -ENOMEM;
}

// Gives the new area its place. Making room may split an area, so two places in
// the list must be left. Holds mm->lock.
static int
enter_area(struct mm *mm, struct area *a, const struct map_request *r)
{
	uint len = a->end - a->start;
	vaddr_t at;
	int err;

	if (mm->areas.count > AREA_MAX - 2 ||
	    (!a->ip && !mm_may_promise(mm, len)))
		return -ENOMEM;
	err = choose_place(mm, r, len, &at);
	if (err)
		return err;
	a->start += at;
	a->end += at;
	a->data += at;
	area_insert(&mm->areas, a, NULL);
	return 0;
}

int
mm_mmap(struct mm *mm, const struct map_request *r, vaddr_t *out)
{
	struct area *a;
	int err = check_mmap(r);

	if (err)
		return err;
	a = requested_area(mm, r);
	if (!a)
		return -ENOMEM;
	mutex_lock(&mm->lock);
	err = enter_area(mm, a, r);
	if (!err) {
		*out = a->start;
		if (!a->ip && !a->shm)
			area_merge(&mm->areas, a);
	}
	mutex_unlock(&mm->lock);
	if (err)
		area_free(a);
	return err;
}

// ---- munmap, mprotect, msync -----------------------------------------------

int
mm_munmap(struct mm *mm, vaddr_t addr, uint len)
{
	int err;

	if (!pages_ok(addr, &len))
		return -EINVAL;
	mutex_lock(&mm->lock);
	err = mm_remove(mm, addr, addr + len);
	mutex_unlock(&mm->lock);
	return err;
}

// May all of [start, end) become `flags`? Then makes its ends borders of areas.
static int
prepare_protect(struct mm *mm, vaddr_t start, vaddr_t end, int flags)
{
	vaddr_t covered = start;
	int err;

	area_for_range (a, &mm->areas, start, end) {
		if (a->start > covered)
			break;
		if (flags & AREA_WRITE && a->flags & AREA_NO_WRITE)
			return -EACCES;
		covered = a->end;
	}
	if (covered < end)
		return -ENOMEM;
	err = covered > end ? area_split(&mm->areas, end) : 0;
	return err ? err : area_split(&mm->areas, start);
}

// Gives the areas of [start, end), whose ends are borders, new rights. Faults
// add rights to the entries; rights that are lost go out of the entries now.
static void
set_protection(struct mm *mm, vaddr_t start, vaddr_t end, int flags)
{
	const int prot = AREA_READ | AREA_WRITE;

	area_for_range (a, &mm->areas, start, end)
		a->flags = (a->flags & ~prot) | flags;
	if (!(flags & AREA_WRITE))
		entry_protect(mm, start, end, !(flags & AREA_READ));
}

int
mm_mprotect(struct mm *mm, vaddr_t addr, uint len, int prot)
{
	int flags = mm_area_flags(prot), err;

	if (PGOFFSET(addr))
		return -EINVAL;
	if (!len)
		return 0;
	if (!pages_ok(addr, &len))
		return -ENOMEM; // no such pages
	mutex_lock(&mm->lock);
	err = prepare_protect(mm, addr, addr + len, flags);
	if (!err && !(flags & AREA_WRITE))
		err = table_own_range(mm, addr, addr + len);
	if (!err)
		set_protection(mm, addr, addr + len, flags);
	area_join(&mm->areas, addr + len);
	area_join(&mm->areas, addr);
	mutex_unlock(&mm->lock);
	return err;
}

// The file of the lowest shared file area in [*at, end), with a reference; *at
// moves to that area's end. NULL if there is none.
static struct inode *
next_shared_file(struct mm *mm, vaddr_t *at, vaddr_t end)
{
	struct inode *ip = NULL;

	mutex_lock(&mm->lock);
	area_for_range (a, &mm->areas, *at, end) {
		if (!a->ip || !(a->flags & AREA_SHARED))
			continue;
		ip = inode_get(a->ip);
		*at = a->end;
		break;
	}
	mutex_unlock(&mm->lock);
	return ip;
}

int
mm_msync(struct mm *mm, vaddr_t addr, uint len)
{
	struct inode *ip;
	vaddr_t end;
	bool covered;
	int err = 0;

	if (PGOFFSET(addr))
		return -EINVAL;
	if (!len)
		return 0;
	if (!pages_ok(addr, &len))
		return -ENOMEM;
	end = addr + len;
	mutex_lock(&mm->lock);
	covered = area_covers(&mm->areas, addr, end);
	mutex_unlock(&mm->lock);
	while (!err && (ip = next_shared_file(mm, &addr, end))) {
		err = inode_fsync(ip);
		inode_put(ip);
	}
	return err || covered ? err : -ENOMEM;
}
