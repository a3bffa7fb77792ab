// Directories.
//
// An entry is handled as four words: the number and two bytes of the name, then
// twelve bytes of the name. Zeros follow a name in its entry. So two names are
// equal if their words are, and a lookup needs no loop over characters. On a
// damaged disk an entry may have other bytes behind its name: then nobody finds
// it, and that is all.
#include "fs/dir.h"
#include "abi/limits.h"
#include "fs/alloc.h"
#include "fs/dirindex.h"
#include "fs/map.h"
#include "lib/string.h"

#define ENTRY sizeof(struct dirent)
#define SMALL (16 * ENTRY) // up to this size a directory needs no index

struct words {
	uint32_t w[4];
};
#define entry_num(e) ((e)->w[0] & 0xFFFF)
#define NAME_WORDS(name) ((const struct words *)(name))

// An entry that a lookup has found.
struct found {
	uint num;
	struct dir_slot slot;
};

static const struct name dot = { .s = "." }, dot_dot = { .s = ".." };

static struct words
entry_words(const struct name *name, uint num)
{
	struct words e = *NAME_WORDS(name);

	e.w[0] |= num;
	return e;
}

// The first of n entries that is in use and has the name of key; n if there is
// none.
static uint
scan_name(const struct words *e, uint n, const struct words *key)
{
	uint32_t k0 = key->w[0] >> 16;

	for (uint i = 0; i < n; i++)
		if (e[i].w[0] >> 16 == k0 && e[i].w[1] == key->w[1] &&
		    e[i].w[2] == key->w[2] && e[i].w[3] == key->w[3] &&
		    entry_num(&e[i]))
			return i;
	return n;
}

static uint
name_hash(const struct words *e)
{
	uint h = (e->w[0] >> 16) * 0xC2B2AE35u;

	for (uint i = 1; i < 4; i++) {
		h = (h ^ e->w[i]) * 0x9E3779B1u;
		h ^= h >> 15;
	}
	h *= 0x85EBCA6Bu; // its upper half depends on all bits of h
	return h ^ h >> 16;
}

static uint
entries_in(const struct inode *dp, uint index)
{
	return min_uint(FS_DPB, dp->size / ENTRY - index * FS_DPB);
}

// *pg gets page `index` of dp. A directory has no holes. Without this check, a
// directory of 2 GB of holes on a damaged disk would make each lookup walk half
// a million pages.
static int
dir_page(struct inode *dp, uint index, struct page **pg)
{
	int err = inode_page(dp, index, pg);

	if (err || (*pg)->block)
		return err;
	page_put(*pg);
	return -EIO;
}

// ---- The index --------------------------------------------------------------

// Enters the slots of page `index` of dp.
static int
index_page(struct inode *dp, struct dirindex *x, uint index)
{
	uint n = entries_in(dp, index), first = index * FS_DPB;
	const struct words *e;
	struct page *pg;
	int err = dir_page(dp, index, &pg);

	if (err)
		return err;
	e = page_va(pg);
	for (uint i = 0; i < n; i++) {
		if (entry_num(&e[i]))
			dirindex_add(x, name_hash(&e[i]), first + i);
		else
			dirindex_add_free(x, first + i);
	}
	page_put(pg);
	return 0;
}

// Makes the index of dp, if dp is large. Without it, for lack of memory or on a
// damaged disk, all works as well, but needs longer.
static void
make_index(struct inode *dp)
{
	uint n = dp->size / ENTRY;
	struct dirindex *x;
	int err = 0;

	if (dp->size <= SMALL)
		return;
	x = dirindex_new(n);
	if (!x && dirindex_pages()) {
		itable_shrink();
		x = dirindex_new(n);
	}
	for (uint i = 0; x && !err && i * PGSIZE < dp->size; i++)
		err = index_page(dp, x, i);
	if (err)
		dirindex_drop(&x);
	dp->dir_index = x;
}

// ---- Looking up -------------------------------------------------------------

// Looks for the name of key in n slots of a page, from slot `at` on. Returns 1
// with *f set, 0 if the name is not there, or an error.
static int
find_in_page(struct inode *dp, const struct words *key, uint at, uint n,
	     struct found *f)
{
	const struct words *e;
	struct page *pg;
	int err = dir_page(dp, at / FS_DPB, &pg);
	uint i;

	if (err)
		return err;
	e = (const struct words *)page_va(pg) + at % FS_DPB;
	i = scan_name(e, n, key);
	f->num = i < n ? entry_num(&e[i]) : 0;
	f->slot = (struct dir_slot){ (at + i) * ENTRY, pg };
	if (i == n)
		page_put(pg);
	return i < n;
}

static int
look_in_index(struct inode *dp, const struct words *key, struct found *f)
{
	uint hash = name_hash(key);
	int r = 0, at = -1;

	while (!r && (at = dirindex_find(dp->dir_index, hash, at)) >= 0)
		// The index of a damaged directory may have too much in it.
		if ((uint)at < dp->size / ENTRY)
			r = find_in_page(dp, key, (uint)at, 1, f);
	return r;
}

int
dir_find(struct inode *dp, const struct name *name, uint *num,
	 struct dir_slot *s)
{
	const struct words *key = NAME_WORDS(name);
	struct found f;
	int r = 0;

	if (!dp->dir_index)
		make_index(dp);
	if (dp->dir_index)
		r = look_in_index(dp, key, &f);
	else
		for (uint i = 0; !r && i * PGSIZE < dp->size; i++)
			r = find_in_page(dp, key, i * FS_DPB, entries_in(dp, i),
					 &f);
	if (r <= 0)
		return r ? r : -ENOENT;
	*num = f.num;
	if (s)
		*s = f.slot;
	else
		page_put(f.slot.pg);
	return 0;
}

int
dir_open(struct inode *dp, const struct name *name, struct inode **ip,
	 struct dir_slot *s)
{
	uint num;
	int err = dir_find(dp, name, &num, s);

	if (err)
		return err;
	err = itable_open(num, ip);
	if (!err && (*ip)->nlink == 0) {
		// On a damaged disk a name may lead to an inode that counts no
		// names.
		inode_put(*ip);
		err = -EIO;
	}
	if (err && s)
		dir_release(dp, s);
	return err;
}

// Looks for a free slot from s->off on. 1: it is in *s. 0: all are used, and
// s->off is the end of the directory. Or an error.
static int
scan_for_room(struct inode *dp, struct dir_slot *s)
{
	const struct words *e;

	while (s->off < dp->size) {
		uint index = s->off / PGSIZE, n = entries_in(dp, index), i;
		int err = dir_page(dp, index, &s->pg);

		if (err)
			return err;
		e = page_va(s->pg);
		i = s->off % PGSIZE / ENTRY;
		while (i < n && entry_num(&e[i]))
			i++;
		s->off = index * PGSIZE + i * ENTRY;
		dp->first_free_slot = s->off;
		// Slot n is behind the end of the directory, but still in its
		// last page.
		if (i < FS_DPB)
			return 1;
		page_put(s->pg);
	}
	return 0;
}

int
dir_room(struct inode *dp, struct dir_slot *s)
{
	int free = dp->dir_index ? dirindex_find_free(dp->dir_index) : -1, r;

	// The index only says where to begin.
	s->off = free >= 0	? (uint)free * ENTRY
		 : dp->dir_index ? dp->size
				 : dp->first_free_slot;
	r = scan_for_room(dp, s);
	if (r)
		return r < 0 ? r : 0;
	if (s->off >= FS_MAXSIZE - PGSIZE)
		return -ENOSPC;
	// The next slot is in the last page, or in a new one.
	if (s->off % PGSIZE)
		return dir_page(dp, s->off / PGSIZE, &s->pg);
	return cache_new(&dp->pages, s->off / PGSIZE, "", 0, &s->pg) < 0
		       ? -ENOMEM
		       : 0;
}

int
dir_need(struct inode *dp, const struct dir_slot *s, uint *n)
{
	*n = 0;
	return s->pg->block ? 0 : map_need(dp, s->pg->index, n);
}

static struct words *
slot_entry(const struct dir_slot *s)
{
	return (struct words *)((char *)page_va(s->pg) + s->off % PGSIZE);
}

int
dir_enter(struct log_op *op, struct inode *dp, struct dir_slot *s,
	  const struct name *name, uint num)
{
	int err;

	// First the step that may fail.
	if (!s->pg->block) {
		err = map_alloc(op, dp, s->pg);
		if (err)
			return err;
	}
	*slot_entry(s) = entry_words(name, num);
	log_write(op, s->pg);
	dirindex_named(&dp->dir_index, name_hash(slot_entry(s)), s->off / ENTRY,
		       s->off >= dp->size);
	dp->size = max_uint(dp->size, s->off + ENTRY);
	dp->first_free_slot = max_uint(dp->first_free_slot, s->off + ENTRY);
	itable_update(op, dp);
	return 0;
}

void
dir_set(struct log_op *op, struct inode *dp, struct dir_slot *s, uint num)
{
	struct dirent *e = (struct dirent *)slot_entry(s);

	if (!num)
		dirindex_unnamed(&dp->dir_index, name_hash(slot_entry(s)),
				 s->off / ENTRY);
	e->inum = num;
	log_write(op, s->pg);
	if (!num)
		dp->first_free_slot = min_uint(dp->first_free_slot, s->off);
}

// Does page `index` of dp have entries besides . and ..? 1, 0, -EIO, -ENOMEM.
static int
page_has_entries(struct inode *dp, uint index)
{
	uint n = entries_in(dp, index), used = 0;
	const struct words *e;
	struct page *pg;
	int err = dir_page(dp, index, &pg);

	if (err)
		return err;
	e = page_va(pg);
	for (uint i = 0; !used && i < n; i++)
		used = entry_num(&e[i]) &&
		       scan_name(&e[i], 1, NAME_WORDS(&dot)) &&
		       scan_name(&e[i], 1, NAME_WORDS(&dot_dot));
	page_put(pg);
	return used;
}

int
dir_is_empty(struct inode *dp)
{
	for (uint index = 0; index * PGSIZE < dp->size; index++) {
		int r = page_has_entries(dp, index);

		if (r)
			return r < 0 ? r : 0;
	}
	return 1;
}

void
dir_trim(struct inode *dp, const struct dir_slot *s)
{
	uint last = (dp->size - 1) / PGSIZE, keep = last,
	     end = dp->size / ENTRY;

	if (s->pg->index != last)
		return;
	// Only the last page can have lost its last entry now. Pages in front
	// of it may have lost theirs before. An unreadable page stays.
	while (keep > 0 && !page_has_entries(dp, keep))
		keep--;
	// If this fails the directory is too long, but it works.
	if (keep < last && !map_cut(dp, (keep + 1) * PGSIZE))
		dp->first_free_slot = min_uint(dp->first_free_slot, dp->size);
	dirindex_cut(&dp->dir_index, dp->size / ENTRY, end);
}

void
dir_release(struct inode *dp, struct dir_slot *s)
{
	uint index = s->pg->index;

	page_put(s->pg);
	// dir_room has made a page behind the end, and nobody has used it.
	if (index * PGSIZE >= dp->size)
		cache_cut(&dp->pages, index, index);
}

int
dir_prepare(struct inode *dp, struct inode *parent, struct page **pg)
{
	struct words *e;

	if (cache_new(&dp->pages, 0, "", 0, pg) < 0)
		return -ENOMEM;
	e = page_va(*pg);
	e[0] = entry_words(&dot, dp->num);
	e[1] = entry_words(&dot_dot, parent->num);
	return 0;
}

void
dir_begin(struct log_op *op, struct inode *dp, struct page *pg)
{
	pg->block = dp->addrs[0] = alloc_block(op, 0);
	dp->size = dp->first_free_slot = 2 * ENTRY;
	log_write(op, pg);
}
