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
#include "fs/map.h"
#include "lib/string.h"

#define ENTRY sizeof(struct dirent)

struct words {
	uint32_t w[4];
};

static const struct name dot = { .s = "." }, dot_dot = { .s = ".." };

static struct words
entry_words(const struct name *name, uint num)
{
	struct words e = *(const struct words *)name;

	e.w[0] |= num;
	return e;
}

static uint
entry_num(const struct words *e)
{
	return e->w[0] & 0xFFFF;
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
scan_free(const struct words *e, uint i, uint n)
{
	while (i < n && entry_num(&e[i]))
		i++;
	return i;
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

int
dir_find(struct inode *dp, const struct name *name, uint *num,
	 struct dir_slot *s)
{
	const struct words *key = (const struct words *)name;

	for (uint index = 0; index * PGSIZE < dp->size; index++) {
		uint i, n = entries_in(dp, index);
		struct words *e;
		struct page *pg;
		int err = dir_page(dp, index, &pg);

		if (err)
			return err;
		e = page_va(pg);
		i = scan_name(e, n, key);
		if (i < n) {
			*num = entry_num(&e[i]);
			if (s)
				*s = (struct dir_slot){
					index * PGSIZE + i * ENTRY, pg};
			else
				page_put(pg);
			return 0;
		}
		page_put(pg);
	}
	return -ENOENT;
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

int
dir_room(struct inode *dp, struct dir_slot *s)
{
	for (s->off = dp->first_free_slot; s->off < dp->size;) {
		uint index = s->off / PGSIZE, n = entries_in(dp, index), i;
		int err = dir_page(dp, index, &s->pg);

		if (err)
			return err;
		i = scan_free(page_va(s->pg), s->off % PGSIZE / ENTRY, n);
		s->off = index * PGSIZE + i * ENTRY;
		dp->first_free_slot = s->off;
		// Slot n is behind the end of the directory, but still in its
		// last page.
		if (i < FS_DPB)
			return 0;
		page_put(s->pg);
	}
	if (s->off >= FS_MAXSIZE - PGSIZE)
		return -ENOSPC;
	// All slots are used. The next one is in the last page, or in a new
	// one.
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
	dp->size = max_uint(dp->size, s->off + ENTRY);
	dp->first_free_slot = max_uint(dp->first_free_slot, s->off + ENTRY);
	itable_update(op, dp);
	return 0;
}

void
dir_set(struct log_op *op, struct inode *dp, struct dir_slot *s, uint num)
{
	struct dirent *e = (struct dirent *)slot_entry(s);

	e->inum = num;
	log_write(op, s->pg);
	if (!num)
		dp->first_free_slot = min_uint(dp->first_free_slot, s->off);
}

static bool
page_has_entries(struct inode *dp, uint index)
{
	uint n = entries_in(dp, index), i = 0;
	const struct words *e;
	struct page *pg;

	if (dir_page(dp, index, &pg))
		return true; // a page that cannot be read stays
	for (e = page_va(pg); i < n && !entry_num(&e[i]);)
		i++;
	page_put(pg);
	return i < n;
}

void
dir_trim(struct inode *dp, const struct dir_slot *s)
{
	uint last = (dp->size - 1) / PGSIZE, keep = last;

	if (s->pg->index != last)
		return;
	// Only the last page can have lost its last entry now. Pages in front
	// of it may have lost theirs before. The first page has . and .. in it.
	while (keep > 0 && !page_has_entries(dp, keep))
		keep--;
	// If this fails the directory is too long, but it works.
	if (keep < last && !map_cut(dp, (keep + 1) * PGSIZE))
		dp->first_free_slot = min_uint(dp->first_free_slot, dp->size);
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
dir_is_empty(struct inode *dp)
{
	const struct words *skip_dot = (const struct words *)&dot;
	const struct words *skip_dotdot = (const struct words *)&dot_dot;

	for (uint index = 0; index * PGSIZE < dp->size; index++) {
		uint n = entries_in(dp, index), used = 0;
		const struct words *e;
		struct page *pg;
		int err = dir_page(dp, index, &pg);

		if (err)
			return err;
		e = page_va(pg);
		for (uint i = 0; i < n; i++)
			if (entry_num(&e[i]) && scan_name(&e[i], 1, skip_dot) &&
			    scan_name(&e[i], 1, skip_dotdot))
				used++;
		page_put(pg);
		if (used)
			return 0;
	}
	return 1;
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
