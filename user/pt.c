// pt [PID]: prints the page tables of a process.
//
// One line stands for pages in a row that are alike. Above it stands a line for
// the directory entries that lead to them. A page in swap has its slot in its
// entry, and a line like the others.
//
// A process reads its own tables as memory, through the recursive window: the
// directory is also the table in its own slot PDX(PTWINDOW), so that page i of
// the window is the table of directory entry i. For another process, ptwindow()
// copies a page of that process's window. Neither way shows the kernel's
// tables, because their entries lack U. What belongs at an address does not
// stand in the tables: areaname() tells it.
#include "abi/entry.h"
#include "memlayout.h"
#include "mmu.h"
#include "user.h"

enum {
	OWN = 0, // instead of a pid: through the window
	NUSER = PDX(KERNBASE),
	WINDOW = PDX(PTWINDOW),
	BY_MMU = PTE_A | PTE_D, // the flags that the MMU sets
};

static uint32_t dir[NPDENTRIES];
static const uint32_t *tables[NUSER]; // NULL: there is none
static int owners[NUSER]; // how many directories name the table
static int process; // whose areas are named

// ---- Reading ----------------------------------------------------------------

// Reads page i of a process's window. The process may have ended meanwhile.
// Returns how many directories name the page, which only the kernel knows.
static int
read_window(int pid, uint i, void *to)
{
	int n = ptwindow(pid == OWN ? getpid() : pid, i, to);

	if (n < 0)
		err(1, "process %d", pid);
	if (pid == OWN)
		memcpy(to, (const char *)PTWINDOW + i * PGSIZE, PGSIZE);
	return n;
}

static bool
has_table(uint i)
{
	return i < NUSER && (dir[i] & PTE_P);
}

// Reads the directory. Returns room for all tables that the directory names.
// The room is written to first, because that may itself need another table.
static char *
room_for_tables(int pid)
{
	uint have = 0, n;
	char *room = NULL;

	for (;;) {
		read_window(pid, WINDOW, dir);
		n = 0;
		for (uint i = 0; i < NUSER; i++)
			n += has_table(i);
		if (n <= have)
			return room;
		free(room);
		have = n;
		room = malloc(have * PGSIZE);
		if (!room)
			err(1, "room for %u tables", have);
		memset(room, 0, have * PGSIZE);
	}
}

// Reads all tables before anything is printed, because printing makes pages.
static void
read_tables(int pid)
{
	char *room = room_for_tables(pid);

	for (uint i = 0; i < NUSER; i++) {
		if (!has_table(i))
			continue;
		owners[i] = read_window(pid, i, room);
		tables[i] = (const uint32_t *)room;
		room += PGSIZE;
	}
}

// ---- Words ------------------------------------------------------------------

// The flags of an entry as text. A and D stand alone if all n pages have them,
// and with a count if only some pages have them.
static const char *
flags_text(uint flags, uint accessed, uint dirty, uint n)
{
	static const char *const names[] = {"P",  "W",	 "U",  "G",
					    "PS", "PWT", "PCD"};
	static const uint bits[] = { PTE_P,  PTE_W,   PTE_U,  PTE_G,
				    PTE_PS, PTE_PWT, PTE_PCD};
	const struct {
		const char *name;
		uint count;
	} counts[] = { { "A", accessed }, { "D", dirty } };
	static char text[64];
	uint at = 0;

	for (uint i = 0; i < countof(bits); i++)
		if (flags & bits[i])
			at += snprintf(text + at, sizeof(text) - at, " %s",
				       names[i]);
	for (uint i = 0; i < countof(counts); i++) {
		if (counts[i].count == 0)
			continue;
		at += snprintf(text + at, sizeof(text) - at, " %s",
			       counts[i].name);
		if (counts[i].count < n)
			at += snprintf(text + at, sizeof(text) - at, ":%u",
				       counts[i].count);
	}
	return text + 1;
}

// ---- Ranges -----------------------------------------------------------------

// Pages of one area in a row whose entries differ only in A and D. entry: the
// entry of the first page, without A and D. both: what both levels allow.
struct range {
	uint va, entry, both, pages, accessed, dirty;
	char area[AREA_NAME];
};

// Pages whose entries keep a slot or a frame, with P clear.
static void
print_kept(const struct range *r)
{
	uint size = r->pages * PGSIZE - 1, first = PTE_ADDR(r->entry);
	bool swapped = r->entry & PTE_SWAPPED;
	char where[24];

	if (!swapped)
		snprintf(where, sizeof(where), "%08x-%08x", first,
			 first + size);
	else if (r->pages == 1)
		snprintf(where, sizeof(where), "slot %u", first / PGSIZE);
	else
		snprintf(where, sizeof(where), "slots %u-%u", first / PGSIZE,
			 first / PGSIZE + r->pages - 1);
	printf("%08x-%08x -> %-17s %6u %-9s %-18s %s\n", r->va, r->va + size,
	       where, r->pages, "none", swapped ? "in swap" : "kept, no P",
	       r->area);
}

static void
print_range(const struct range *r)
{
	static const char *const access[] = { "kernel r", "kernel rw", "user r",
					     "user rw"};
	uint size = r->pages * PGSIZE - 1, pa = PTE_ADDR(r->entry);
	uint may = (r->both & PTE_U ? 2 : 0) + (r->both & PTE_W ? 1 : 0);

	if (r->pages == 0)
		return;
	if (!(r->entry & PTE_P)) {
		print_kept(r);
		return;
	}
	printf("%08x-%08x -> %08x-%08x %6u %-9s %-18s %s\n", r->va,
	       r->va + size, pa, pa + size, r->pages, access[may],
	       flags_text(PTE_FLAGS(r->entry), r->accessed, r->dirty, r->pages),
	       r->area);
}

// Adds the page at va to range r, or prints r and begins another.
static void
add_page(struct range *r, uint va, pde_t pde, pte_t pte)
{
	uint size = r->pages * PGSIZE, entry = pte & ~BY_MMU;
	char area[AREA_NAME] = "";

	areaname(process, va, area);
	if (r->pages == 0 || va != r->va + size || entry != r->entry + size ||
	    strcmp(area, r->area)) {
		print_range(r);
		*r = (struct range){
			.va = va, .entry = entry, .both = pde & pte};
		strlcpy(r->area, area, sizeof(r->area));
	}
	r->pages++;
	r->accessed += (pte & PTE_A) != 0;
	r->dirty += (pte & PTE_D) != 0;
}

static void
print_ranges(uint first, uint last)
{
	struct range r = { 0 };

	for (uint i = first; i <= last; i++)
		for (uint j = 0; j < NPTENTRIES; j++)
			if (tables[i][j])
				add_page(&r, PGADDR(i, j, 0), dir[i],
					 tables[i][j]);
	print_range(&r);
}

// ---- Directory entries ------------------------------------------------------

static int
by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

// Prints where the tables of entries first..last are. Neighbours are one piece;
// three pieces are printed, the others counted.
static void
print_frames(uint first, uint last)
{
	static uint32_t frame[NPDENTRIES];
	uint n = 0, pieces = 0, end;

	for (uint i = first; i <= last; i++)
		frame[n++] = PTE_ADDR(dir[i]);
	qsort(frame, n, sizeof(frame[0]), by_number);
	for (uint i = 0; i < n; i = end + 1) {
		end = i;
		while (end + 1 < n && frame[end + 1] == frame[end] + PGSIZE)
			end++;
		if (++pieces > 3)
			continue;
		printf("%s%08x", pieces > 1 ? ", " : "", frame[i]);
		if (end > i)
			printf("-%08x (%u)", frame[end], end - i + 1);
	}
	if (pieces > 3)
		printf(", and %u more pieces", pieces - 3);
}

// Do entries i and i - 1 belong on one line?
static bool
alike(uint i)
{
	if (i == PDX(KERNBASE) || i == PDX(KSTACKS) || i == WINDOW ||
	    i == PDX(DEVSPACE) || (i < NUSER && owners[i] != owners[i - 1]))
		return false;
	return PTE_FLAGS((dir[i] ^ dir[i - 1]) & ~BY_MMU) == 0;
}

static void
print_entries(uint first, uint last)
{
	uint accessed = 0;

	for (uint i = first; i <= last; i++)
		accessed += (dir[i] & PTE_A) != 0;
	printf("PDE[0x%03x", first);
	if (last > first)
		printf("-0x%03x", last);
	printf("] %s%s: ", flags_text(PTE_FLAGS(dir[first] & ~BY_MMU), 0, 0, 1),
	       accessed == 0		 ? ""
	       : accessed > last - first ? " A"
					 : " A:some");
	if (first == WINDOW) {
		printf("the directory itself, used as a table\n");
		return;
	}
	printf("table%s ", last > first ? "s" : "");
	print_frames(first, last);
	if (first >= NUSER)
		printf(", the kernel's: hidden, as U is missing");
	else if (!(dir[first] & PTE_W) && owners[first] > 1)
		printf(", shared by %d directories, copied at the first write",
		       owners[first]);
	else if (!(dir[first] & PTE_W))
		printf(", shared no longer: W comes back at the first write");
	printf("\n");
}

static void
print_directory(void)
{
	uint last;

	for (uint i = 0; i < NPDENTRIES; i = last + 1) {
		last = i;
		if (!(dir[i] & PTE_P))
			continue;
		while (last + 1 < NPDENTRIES && (dir[last + 1] & PTE_P) &&
		       alike(last + 1))
			last++;
		print_entries(i, last);
		if (i < NUSER)
			print_ranges(i, last);
	}
}

// ---- The whole --------------------------------------------------------------

static void
print_title(int pid)
{
	uint ntables = 0, pages = 0;

	for (uint i = 0; i < NUSER; i++) {
		ntables += has_table(i);
		for (uint j = 0; tables[i] && j < NPTENTRIES; j++)
			pages += tables[i][j] & PTE_P;
	}
	printf("process %d: directory at pa %08x, %u tables and %u pages of "
	       "its own\n",
	       pid, PTE_ADDR(dir[WINDOW]), ntables, pages);
	printf("%-17s -> %-17s  pages access    %-18s what\n", "virtual",
	       "physical", "flags");
}

int
main(int argc, char *argv[])
{
	int pid = OWN;

	if (argc > 2 ||
	    (argc == 2 && (parse_int(argv[1], &pid) < 0 || pid <= 0)))
		usage("[PID]");
	read_tables(pid);
	process = pid == OWN ? getpid() : pid;
	print_title(process);
	print_directory();
	return 0;
}
