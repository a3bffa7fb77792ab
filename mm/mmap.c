// mmap, munmap, mprotect, msync: each checks its arguments, gets what it needs,
// and then edits areas, which cannot fail. Pages come by faults.
#include "abi/errno.h"
#include "abi/mman.h"
#include "fs/inode.h"
#include "lib/assert.h"
#include "mm/area.h"
#include "mm/entry.h"
#include "mm/mm.h"
#include "mm/shm.h"

#define MAP_LOW  BRK_MAX               // where mmap looks for room ...
#define MAP_HIGH (USER_TOP - STACK_MAX) // ... up to the stack's reach

// Is [addr, addr + len) whole pages of the user's? Rounds *len up.
static bool
pages_ok(vaddr_t addr, uint *len)
{
	if (PGOFFSET(addr) || *len == 0 || *len > USER_TOP)
		return false;
	*len = PGROUNDUP(*len);
	return addr < USER_TOP && *len <= USER_TOP - addr;
}

// ---- mmap ------------------------------------------------------------------

static int
check_mmap(vaddr_t addr, uint *len, int flags, const struct inode *ip, uint off)
{
	bool fixed = flags & MAP_FIXED;

	if (!(flags & MAP_SHARED) == !(flags & MAP_PRIVATE))
		return -EINVAL;
	if (*len == 0 || (fixed && (PGOFFSET(addr) || addr < USER_MIN)))
		return -EINVAL;
	if (!pages_ok(fixed ? addr : 0, len))
		return -ENOMEM; // POSIX's word for beyond the space
	if (!ip)
		return 0;
	if (PGOFFSET(off))
		return -EINVAL;
	if (ip->type != T_FILE)
		return -ENODEV;
	return off + *len - 1 < off ? -EOVERFLOW : 0;
}

// A new area for the arguments, still without a place: it begins at 0.
static struct area *
new_area(struct mm *mm, uint len, int prot, int flags)
{
	int bits = mm_area_flags(prot);

	if (flags & MAP_SHARED)
		bits |= AREA_SHARED;
	if (flags & MM_NO_WRITE)
		bits |= AREA_NO_WRITE;
	return area_new(mm, 0, len, bits);
}

// Puts the object behind a: a file, shared memory, or nothing. 0 or -ENOMEM.
static int
set_object(struct area *a, struct inode *ip, uint off)
{
	uint len = a->end - a->start;

	if (ip) {
		area_set_file(a, ip, a->start, off, len);
	} else if (a->flags & AREA_SHARED) {
		a->shm = shm_new(len);
		if (!a->shm)
			return -ENOMEM;
		a->filelen = len;
	}
	return 0;
}

// Chooses a place for len bytes and empties it. 0 with *at, or -ENOMEM.
static int
make_room(struct mm *mm, vaddr_t addr, uint len, int flags, vaddr_t *at)
{
	*at = addr;
	if (flags & MAP_FIXED)
		return mm_remove(mm, addr, addr + len);
	if (!PGOFFSET(addr) && addr >= USER_MIN && addr < MAP_HIGH &&
	    len <= MAP_HIGH - addr &&
	    !area_overlaps(&mm->areas, addr, addr + len))
		return 0;
	*at = area_find_free(&mm->areas, MAP_LOW, MAP_HIGH, len);
	return *at ? 0 : -ENOMEM;
}

// Gives the new area its place.
static int
place(struct mm *mm, struct area *a, vaddr_t addr, int flags, vaddr_t *out)
{
	int err;

	mutex_lock(&mm->lock);
	err = make_room(mm, addr, a->end - a->start, flags, out);
	if (!err) {
		a->start += *out;
		a->end += *out;
		a->data += *out;
		mm_add(mm, a);
		if (!a->ip && !a->shm)
			area_merge(&mm->areas, a);
	}
	mutex_unlock(&mm->lock);
	return err;
}

int
mm_mmap(struct mm *mm, vaddr_t addr, uint len, int prot, int flags,
	struct inode *ip, uint off, vaddr_t *out)
{
	struct area *a;
	int err = check_mmap(addr, &len, flags, ip, off);

	if (err)
		return err;
	if (!mm_can_promise())
		return -ENOMEM;
	a = new_area(mm, len, prot, flags);
	if (!a)
		return -ENOMEM;
	err = set_object(a, ip, off);
	if (!err)
		err = place(mm, a, addr, flags, out);
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
	int err;

	if (!area_covers(&mm->areas, start, end))
		return -ENOMEM;
	list_for_each (a, &mm->areas, struct area, link)
		if (a->start < end && a->end > start && flags & AREA_WRITE &&
		    a->flags & AREA_NO_WRITE)
			return -EACCES;
	err = area_split(&mm->areas, start);
	return err ? err : area_split(&mm->areas, end);
}

// More rights come by faults; fewer are taken out of the entries now.
static void
protect(struct mm *mm, vaddr_t start, vaddr_t end, int flags)
{
	const int prot = AREA_READ | AREA_WRITE;

	list_for_each (a, &mm->areas, struct area, link)
		if (a->start >= start && a->end <= end)
			a->flags = (a->flags & ~prot) | flags;
	if (!(flags & AREA_WRITE))
		entry_protect(mm, start, end, !(flags & AREA_READ));
}

// Areas that a split parted and nothing keeps apart become one again.
static void
join(struct mm *mm, vaddr_t va)
{
	struct area *a = area_find(&mm->areas, va);

	if (a)
		area_merge(&mm->areas, a);
}

int
mm_mprotect(struct mm *mm, vaddr_t addr, uint len, int prot)
{
	int flags = mm_area_flags(prot), err;

	if (PGOFFSET(addr))
		return -EINVAL;
	if (len == 0)
		return 0;
	if (!pages_ok(addr, &len))
		return -ENOMEM; // no such pages
	mutex_lock(&mm->lock);
	err = prepare_protect(mm, addr, addr + len, flags);
	if (!err)
		protect(mm, addr, addr + len, flags);
	join(mm, addr);
	join(mm, addr + len);
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
	list_for_each (a, &mm->areas, struct area, link) {
		if (a->end <= *at || !a->ip || !(a->flags & AREA_SHARED))
			continue;
		if (a->start < end) {
			ip = inode_get(a->ip);
			*at = a->end;
		}
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
	if (len == 0)
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
