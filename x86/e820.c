// The memory map. The BIOS's function E820 reports entries, which come here in
// multiboot's format. They become a short list of ranges.
//
//	entry     size (of the rest)  base (64 bits)  length (64 bits)  type
//	offset    0                   4               12                20
//
// Firmware may list ranges in any order, of any size, and with overlaps. Type 1
// is RAM, all other types are not. Where two entries disagree, the memory is
// not RAM.
//
// Invariant of a list under construction: its ranges ascend and do not touch
// each other. list_cut may make a range empty. list_trim drops such ranges.
#include "x86/e820.h"
#include "lib/string.h"
#include "memlayout.h"
#include "mmu.h"

#define TYPE_RAM   1
#define ENTRY_MIN  20         // bytes of an entry behind its size field
#define ADDR_TOP   0xFFFFF000 // ranges end here at the latest
#define HAS_SIZES  0x01       // multiboot flag: there are two sizes
#define HAS_MAP    0x40       // multiboot flag: there is a memory map
#define INFO_BYTES 52         // that are read of the information

struct ram ram[RAM_RANGES];
int nram;

struct list_of_ram {
	struct ram *r;
	int n, max;
};

struct entry {
	paddr_t start, end;
	uint32_t type;
};

static uint32_t
get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint64_t
get64(const uint8_t *p)
{
	return get32(p) | (uint64_t)get32(p + 4) << 32;
}

// Adds [start, end), made one with all ranges that it touches.
static void
list_add(struct list_of_ram *l, paddr_t start, paddr_t end)
{
	int i, kept = 0;

	for (i = 0; i < l->n; i++) {
		struct ram r = l->r[i];

		if (r.end < start || end < r.start) {
			l->r[kept++] = r;
			continue;
		}
		start = r.start < start ? r.start : start;
		end = r.end > end ? r.end : end;
	}
	l->n = kept;
	if (kept == l->max)
		return; // full: this RAM stays unused
	for (i = l->n++; i > 0 && l->r[i - 1].start > start; i--)
		l->r[i] = l->r[i - 1];
	l->r[i] = (struct ram){ start, end };
}

// Takes [start, end) out of every range. At most one range has a part on both
// sides. Its upper part is added at the end.
static void
list_cut(struct list_of_ram *l, paddr_t start, paddr_t end)
{
	struct ram rest = { 0, 0 };

	for (int i = 0; i < l->n; i++) {
		struct ram *r = &l->r[i];

		if (start >= end || r->end <= start || end <= r->start)
			continue;
		if (r->start >= start) {
			r->start = r->end < end ? r->end : end;
			continue;
		}
		if (r->end > end)
			rest = (struct ram){ end, r->end };
		r->end = start;
	}
	if (rest.end > rest.start)
		list_add(l, rest.start, rest.end);
}

// Cuts the ranges to whole pages, and drops empty ones. Returns how many stay.
static int
list_trim(struct list_of_ram *l)
{
	int kept = 0;

	for (int i = 0; i < l->n; i++) {
		paddr_t start = PGROUNDUP(l->r[i].start);
		paddr_t end = PGROUNDDOWN(l->r[i].end);

		if (start < end)
			l->r[kept++] = (struct ram){ start, end };
	}
	return kept;
}

// The part of a 64-bit range that lies below ADDR_TOP.
static struct entry
clip(uint64_t base, uint64_t len, uint32_t type)
{
	struct entry e = { ADDR_TOP, ADDR_TOP, type };

	if (base >= ADDR_TOP)
		return e;
	e.start = base;
	if (len < ADDR_TOP - base)
		e.end = base + len;
	return e;
}

// Reads the entry at *off and moves *off behind it. False at the end of the
// map, or at an entry with an impossible size.
static bool
next_entry(const uint8_t *map, uint32_t len, uint32_t *off, struct entry *e)
{
	const uint8_t *p = map + *off;
	uint32_t size;

	if (len - *off < 4 + ENTRY_MIN)
		return false;
	size = get32(p);
	if (size < ENTRY_MIN || size > len - *off - 4)
		return false;
	*e = clip(get64(p + 4), get64(p + 12), get32(p + 20));
	*off += 4 + size;
	return true;
}

int
ram_from_map(const uint8_t *map, uint32_t len, struct ram *out, int max)
{
	struct list_of_ram l = { out, 0, max };
	struct entry e;

	for (uint32_t off = 0; next_entry(map, len, &off, &e);)
		if (e.type == TYPE_RAM && e.start < e.end)
			list_add(&l, e.start, e.end);
	for (uint32_t off = 0; next_entry(map, len, &off, &e);)
		if (e.type != TYPE_RAM)
			list_cut(&l, e.start, e.end);
	return list_trim(&l);
}

int
ram_from_sizes(uint32_t lower, uint32_t upper, struct ram *out, int max)
{
	struct list_of_ram l = { out, 0, max };
	struct entry low = clip(0, (uint64_t)lower << 10, TYPE_RAM);
	struct entry high = clip(EXTMEM, (uint64_t)upper << 10, TYPE_RAM);

	list_add(&l, low.start, low.end);
	list_add(&l, high.start, high.end);
	return list_trim(&l);
}

void
ram_find(uint32_t magic, paddr_t info)
{
	const uint8_t *p = P2V(info);
	uint32_t flags, addr, len;

	nram = 0;
	if (magic != MULTIBOOT_MAGIC || info == 0 ||
	    info > ENTRYTOP - INFO_BYTES)
		return;
	flags = get32(p);
	if (flags & HAS_MAP) {
		len = get32(p + 44);
		addr = get32(p + 48);
		if (addr < ENTRYTOP && len <= ENTRYTOP - addr)
			nram = ram_from_map(P2V(addr), len, ram, RAM_RANGES);
	}
	if (nram == 0 && flags & HAS_SIZES)
		nram = ram_from_sizes(get32(p + 4), get32(p + 8), ram,
				      RAM_RANGES);
}
