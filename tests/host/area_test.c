// Catches: areas that overlap, lose or gain bytes, forget their file or its
// list, when they are inserted, split, merged and cut; and a page of a file
// looked for at the wrong address. Builds alone.
//
// Random operations run on the list and on a model, an array with one word for
// each page; after each the two are compared page by page.
#include "mm/area.c"
#include "mm/areapage.c"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGES 64
#define BASE  0x100000u
#define FILES 2

// ---- What area.c stands on --------------------------------------------------
static bool no_memory;
static int objects; // areas that live

void
assert_fail(const char *cond, const char *file, int line, const char *fmt, ...)
{
	printf("%s:%d: %s (%s)\n", file, line, cond, fmt);
	abort();
}

void
slab_init(struct slab *s, const char *name, uint size)
{
	s->size = size;
}

void *
slab_alloc(struct slab *s)
{
	if (no_memory)
		return NULL;
	objects++;
	return calloc(1, s->size);
}

void
slab_free(struct slab *s, void *obj)
{
	(void)s;
	objects--;
	free(obj);
}

struct cpu cpus[NCPU];

void
acquire(struct spinlock *lk)
{
	assert(!lk->cpu);
	lk->cpu = &cpus[0];
}

void
release(struct spinlock *lk)
{
	assert(lk->cpu);
	lk->cpu = NULL;
}

struct inode *
inode_get(struct inode *ip)
{
	ip->refs++;
	return ip;
}

void
inode_put(struct inode *ip)
{
	ip->refs--;
}

int
inode_get_write(struct inode *ip)
{
	ip->writers++;
	return 0;
}

void
inode_put_write(struct inode *ip)
{
	assert(ip->writers > 0);
	ip->writers--;
}

struct shm *
shm_get(struct shm *s)
{
	return s;
}

void
shm_put(struct shm *s)
{
	(void)s;
}

void
shm_enlist(struct shm *s, struct shm_user *u)
{
	(void)s;
	(void)u;
}

void
shm_delist(struct shm *s, struct shm_user *u)
{
	(void)s;
	(void)u;
}

// ---- The model --------------------------------------------------------------
struct model_page {
	int flags;  // 0: no area
	int file;   // 0: none, else its number
	uint index; // page of the file
};

static struct inode file[FILES + 1];
static struct area_list areas;
static struct model_page model[PAGES];

static vaddr_t
address(uint page)
{
	return BASE + page * PGSIZE;
}

static void
compare_page(uint i)
{
	struct area *a = area_find(&areas, address(i) + 123);
	struct area_page p;

	assert(!a == !model[i].flags);
	if (!a)
		return;
	assert(a->flags == model[i].flags);
	assert(a->ip == (model[i].file ? &file[model[i].file] : NULL));
	p = area_page(a, address(i));
	assert(p.kind == (model[i].file ? PAGE_OBJECT : PAGE_ANON));
	assert(!model[i].file || p.off == model[i].index * PGSIZE);
}

// Areas are sorted and apart, each file's list holds its areas and references.
static void
check_lists(void)
{
	vaddr_t last = 0;
	uint size = 0, promised = 0;
	int refs[FILES + 1] = { 0 }, listed, n = 0;

	list_for_each (a, &areas.list, struct area, link) {
		assert(a->start >= last && a->start < a->end);
		last = a->end;
		if (a->ip)
			refs[a->ip - file]++;
		size += a->end - a->start;
		promised += a->ip ? 0 : a->end - a->start;
		n++;
	}
	assert(n == objects && n == (int)areas.count);
	assert(size == areas.size && promised == areas.promised);
	for (int f = 1; f <= FILES; f++) {
		listed = 0;
		list_for_each (a, &file[f].areas, struct area, object_link)
			listed += a->ip == &file[f];
		assert(listed == refs[f] && file[f].refs == refs[f]);
	}
}

static void
compare(void)
{
	for (uint i = 0; i < PAGES; i++)
		compare_page(i);
	check_lists();
}

// ---- Operations -------------------------------------------------------------
static uint
random_below(uint n)
{
	return (uint)rand() % n;
}

static bool
model_free(uint from, uint to)
{
	for (uint i = from; i < to; i++)
		if (model[i].flags)
			return false;
	return true;
}

static void
insert(uint from, uint to, int flags, int f, uint index)
{
	struct area *a;

	assert(area_overlaps(&areas, address(from), address(to)) ==
	       !model_free(from, to));
	if (!model_free(from, to))
		return;
	a = area_new(NULL, address(from), address(to), flags);
	if (f)
		area_set_file(a, &file[f], a->start, index * PGSIZE,
			      a->end - a->start);
	area_insert(&areas, a, NULL);
	area_merge(&areas, a);
	for (uint i = from; i < to; i++)
		model[i] = (struct model_page){ flags, f, index + i - from };
}

static void
cut(uint from, uint to)
{
	uint bytes = 0;

	no_memory = random_below(4) == 0;
	if (area_prepare_cut(&areas, address(from), address(to)) == 0) {
		no_memory = true; // a cut needs none
		for (uint i = from; i < to; i++) {
			bytes += model[i].flags ? PGSIZE : 0;
			memset(&model[i], 0, sizeof(model[i]));
		}
		bytes = areas.size - bytes;
		area_cut(&areas, address(from), address(to));
		assert(areas.size == bytes);
	} else {
		assert(no_memory);
	}
	no_memory = false;
}

static void
split_and_merge(uint at)
{
	struct area *a;

	assert(area_split(&areas, address(at)) == 0);
	a = area_find(&areas, address(at));
	assert(!a || a->start == address(at));
	compare();
	if (a)
		area_merge(&areas, a);
}

static void
look_for_room(uint len)
{
	vaddr_t at = area_find_free(&areas, BASE, address(PAGES), len * PGSIZE);
	uint first = 0;

	while (first + len <= PAGES && !model_free(first, first + len))
		first++;
	assert(at == (first + len <= PAGES ? address(first) : 0));
}

static void
random_step(void)
{
	uint from = random_below(PAGES),
	     to = from + 1 + random_below(PAGES - from);
	bool whole = true;

	switch (random_below(5)) {
	case 0:
	case 1:
		insert(from, from + 1 + random_below(4) < PAGES ? from + 1 : to,
		       1 + random_below(2), random_below(FILES + 1),
		       random_below(100));
		break;
	case 2: cut(from, to); break;
	case 3: split_and_merge(from); break;
	default:
		look_for_room(1 + random_below(8));
		for (uint i = from; i < to; i++)
			whole = whole && model[i].flags;
		assert(area_covers(&areas, address(from), address(to)) ==
		       whole);
	}
}

// ---- Pages of objects -------------------------------------------------------

// area_page, byte by byte, for an area whose data begins anywhere.
static void
check_page(const struct area *a, vaddr_t va)
{
	struct area_page p = area_page(a, va);
	uint bytes = 0;

	for (vaddr_t at = va; at < va + PGSIZE; at++) {
		bool in = at >= a->data && at < a->data + a->filelen;

		if (in && bytes++ == 0)
			assert(p.skip == at - va &&
			       p.off == a->off + (at - a->data));
	}
	assert(p.kind == PAGE_ANON ? bytes == 0 : p.len == bytes);
	assert((p.kind == PAGE_OBJECT) ==
	       (bytes == PGSIZE && p.off % PGSIZE == 0));
}

// area_pages_of against a search by area_page.
static void
check_pages_of(const struct area *a, uint first, uint last)
{
	vaddr_t start = 0, end = 0;
	bool any = area_pages_of(a, first, last, &start, &end);

	for (vaddr_t va = a->start; va < a->end; va += PGSIZE) {
		struct area_page p = area_page(a, va);
		uint index = p.off / PGSIZE;
		bool in =
			p.kind != PAGE_ANON && index >= first && index <= last;

		assert(in == (any && va >= start && va < end));
	}
}

static void
random_object(void)
{
	struct area a = { .ip = &file[1], .start = BASE };
	uint pages = 1 + random_below(6), first = random_below(12);

	a.end = a.start + pages * PGSIZE;
	a.data = a.start + random_below(PGSIZE);
	a.off = random_below(5 * PGSIZE);
	if (random_below(2))
		a.off = (a.off & ~0xFFFu) | (uint)PGOFFSET(a.data);
	if (random_below(2)) {
		a.data = a.start;
		a.off &= ~0xFFFu;
	}
	a.filelen = 1 + random_below(a.end - a.data);
	if (random_below(3) == 0) // what a cut has left
		a.start += random_below(pages) * PGSIZE;
	for (vaddr_t va = a.start; va < a.end; va += PGSIZE)
		check_page(&a, va);
	check_pages_of(&a, first, first + random_below(4));
	check_pages_of(&a, first, 0xFFFFFFFFu);
	check_pages_of(&a, 0, first);
}

int
main(void)
{
	srand(1);
	area_init();
	area_list_init(&areas);
	for (int f = 0; f <= FILES; f++)
		list_init(&file[f].areas);
	for (int i = 0; i < 20000; i++) {
		random_step();
		compare();
	}
	cut(0, PAGES);
	while (objects)
		cut(0, PAGES);
	compare();
	for (int i = 0; i < 3000; i++)
		random_object();
	printf("ok\n");
	return 0;
}
