// Catches: a shadow that lets a guest reach what its own page tables, or the
// host's, do not allow: a frame that is not the guest's, a page of another
// address, a write that its tables forbid; a change that is not seen after
// invlpg or a load of CR3; A or D that the guest's entries lack; a fault that
// the guest should not get, or should get and does not; shadows that are never
// freed; a frame that the host has taken away and the guest still reaches.
//
// The guest is a list of random operations on random page tables. The processor
// is a model: it walks the shadow, keeps translations in a TLB until it is told
// to forget, and sets nothing. Beside it stands what the manual permits: for
// each address, every translation that the guest's tables have had since the
// address was invalidated (SDM vol. 3, 4.10). Each access must match one of
// them.
#include "shadow_processor.h"

#define TABLES 12  // the guest's first pages serve as its tables
#define ROUNDS 400 // operations in each set of tables
#define TABLE  (3 * PGSIZE | PTE_P | PTE_W) // its own frames, one for one

// ---- The guest --------------------------------------------------------------

static uint32_t
random_entry(bool directory)
{
	uint32_t e = rand() & 0x66; // W, U, A, D
	uint32_t page = rand() % (directory ? TABLES : GPAGES);

	if (rand() % 8 == 0)
		page = rand() % (2 * GPAGES); // some lead beyond the memory
	if (directory && rand() % 6 == 0)
		return e | PTE_P | PTE_PS | (rand() % 8 ? 0 : PDXSIZE);
	return e | page * PGSIZE | (rand() % 5 ? PTE_P : 0);
}

// The word that the guest changes: of a directory's or a table's used part.
static uint32_t
random_slot(bool *directory)
{
	uint32_t table = rand() % TABLES;
	uint32_t va = vas[rand() % VAS];

	*directory = rand() % 3 == 0;
	return table * PGSIZE + 4 * (*directory ? va >> 22 : va >> 12 & 1023);
}

static void
put(uint32_t pa, uint32_t e)
{
	memcpy(bytes_at(pa), &e, 4);
}

// A store by an address that leads to the table now, if there is one.
static void
store(uint32_t pa, uint32_t e)
{
	for (int i = 0; i < VAS; i++) {
		struct translation t = walk_now(vas[i]);

		if (!t.memory || t.frame != PGROUNDDOWN(pa) || !(t.perm & 2))
			continue;
		if (try(i, PF_W) != (int)(pa / PGSIZE))
			continue;
		put(pa, e);
		note_all();
		for (int k = 0; k < VAS; k++)
			permitted[k].changed = true;
		return;
	}
}

static void
store_entry(void)
{
	bool directory;
	uint32_t pa = random_slot(&directory);

	store(pa, random_entry(directory));
}

// What a kernel does: it changes the entry of an address that is in use, and
// says so.
static void
remap(int i)
{
	uint32_t pa = PTE_ADDR(space.rules.cr3) + (vas[i] >> 22) * 4;
	uint32_t pde = word_of(pa);
	bool directory = rand() % 4 == 0;

	try(i, 0);
	if (!directory && pde & PTE_P && !(pde & PTE_PS))
		pa = PTE_ADDR(pde) + PTX(vas[i]) * 4;
	if (guest_has(&mem, pa, 4))
		store(pa, rand() % 3 ? random_entry(directory)
				     : word_of(pa) & ~(PTE_A | PTE_D | PTE_W));
	try(i, 0);
	shadow_invlpg(&space, vas[i]);
	forget_page(vas[i]);
	try(i, rand() % 2 ? PF_W : 0);
}

// What must hold between two operations.
static void
check_shadows(void)
{
	list_for_each (t, &space.shadows, struct shadow, link)
		CHECK(t->kind != SHADOW_PRIVATE || t->parents);
	for (int p = 0; p < GPAGES; p++) {
		const struct frame *f = frame_of(&space, p * PGSIZE);

		CHECK(!f->shadows || f->unsynced || !f->writers);
		for (paddr_t e = f->writers; e; e = *chain_next(P2V(e)))
			CHECK(*(pte_t *)P2V(e) & PTE_W);
	}
}

static void
guest_step(void)
{
	int i = rand() % VAS;
	uint err = (rand() % 2 ? PF_W : 0) | (rand() % 2 ? PF_U : 0);

	switch (rand() % 20) {
	case 0:
	case 1:
	case 2:
	case 3: store_entry(); break;
	case 4:
		shadow_load_cr3(&space, rand() % 3 * PGSIZE);
		forget_all();
		break;
	case 5:
		shadow_invlpg(&space, vas[i]);
		forget_page(vas[i]);
		break;
	case 6: host_takes(&host[rand() % GPAGES]); break;
	case 7: // a device writes to a page
		shadow_device_write(&space, rand() % GPAGES * PGSIZE);
		break;
	case 8:
	case 9:
	case 10: remap(i); break;
	case 11: check_shadows(); break;
	default: try(i, err);
	}
}

// Addresses of the first directory entry are the guest's own frames, one for
// one, so that it can change its tables.
static void
map_own_frames(void)
{
	for (int d = 0; d < 3; d++)
		put(d * PGSIZE, TABLE);
	for (int p = 0; p < GPAGES; p++)
		put(3 * PGSIZE + p * 4, p * PGSIZE | PTE_P | PTE_W);
}

static void
first_tables(void)
{
	for (int p = 0; p < GPAGES; p++)
		for (int k = 0; k < PGSIZE / 4; k++) {
			uint32_t e = p < TABLES && rand() % 4 == 0
					     ? random_entry(k < 4 && p < 3)
					     : 0;

			put(p * PGSIZE + k * 4, e);
		}
	map_own_frames();
}

static void
choose_addresses(void)
{
	for (int i = 0; i < VAS; i++)
		vas[i] = i < GPAGES / 2 ? (uint32_t)(i * PGSIZE)
					: (uint32_t)(rand() % 4) << 22 |
						  rand() % 64 << 12;
}

static uint32_t
random_mode(void)
{
	return CR0_PE | (rand() % 16 ? CR0_PG : 0) | (rand() % 6 ? CR0_WP : 0);
}

// All that the shadow had is given back.
static void
end_set(void)
{
	shadow_end(&space);
	for (int i = 0; i < GPAGES; i++) {
		if (host[i].frame)
			kfree(P2V(host[i].frame));
		host[i].frame = 0;
	}
	fail_in = -1;
	CHECK(objects == 0);
	CHECK(frames == 0);
}

// One set of tables, from an empty shadow to its end.
static void
one_set(uint seed)
{
	srand(seed);
	choose_addresses();
	memset(tlb, 0, sizeof(tlb));
	if (shadow_begin(&space, &mem, seed % 4 == 0)) {
		CHECK(fail_in == 0);
		end_set();
		return;
	}
	space.max = 4 + rand() % 20;
	first_tables();
	shadow_set_mode(&space, random_mode(), CR4_PSE);
	shadow_load_cr3(&space, 0);
	forget_all();
	for (int i = 0; i < ROUNDS; i++) {
		guest_step();
		if (rand() % 100 == 0) {
			shadow_set_mode(&space, random_mode(), CR4_PSE);
			shadow_load_cr3(&space, 0);
			forget_all();
		}
	}
	end_set();
}

// ---- Orders that random changes seldom bring --------------------------------

#define HERE  5             // its address is page 5, below the first entry
#define THERE (VAS - 2)     // the same page, 4 MB higher
#define NEAR  (VAS - 1)     // ... and the page after it
#define NEXT  (4 * PGSIZE)  // a table that has page 7 there

// A guest with its own frames at the bottom, and pde for the next 4 MB.
static void
begin_known(uint32_t pde)
{
	srand(1);
	choose_addresses();
	vas[THERE] = PDXSIZE + HERE * PGSIZE;
	vas[NEAR] = vas[THERE] + PGSIZE;
	memset(tlb, 0, sizeof(tlb));
	CHECK(shadow_begin(&space, &mem, false) == 0);
	for (uint32_t pa = 0; pa < GPAGES * PGSIZE; pa += 4)
		put(pa, 0);
	map_own_frames();
	put(4, pde);
	put(NEXT + HERE * 4, 7 * PGSIZE | PTE_P | PTE_W);
	shadow_set_mode(&space, CR0_PE | CR0_PG | CR0_WP, CR4_PSE);
	shadow_load_cr3(&space, 0);
	forget_all();
}

static void
invalidate(int i)
{
	shadow_invlpg(&space, vas[i]);
	forget_page(vas[i]);
}

// A table is changed, and only then found for a further address, for which
// invlpg came before.
static void
linked_after_invlpg(void)
{
	begin_known(0);
	CHECK(try(HERE, 0) == HERE);
	store(3 * PGSIZE + HERE * 4, 6 * PGSIZE | PTE_P | PTE_W);
	invalidate(THERE);
	store(4, TABLE);
	CHECK(try(NEAR, 0) == HERE + 1);
	CHECK(try(THERE, 0) == 6);
	end_set();
}

// The directory gets another table, and an address of the old one brings its
// entry back.
static void
invlpg_of_directory(void)
{
	begin_known(TABLE);
	CHECK(try(THERE, 0) == HERE);
	store(4, NEXT | PTE_P | PTE_W);
	invalidate(THERE);
	CHECK(try(HERE, 0) == HERE);
	CHECK(try(THERE, 0) == 7);
	end_set();
}

int
main(int argc, char *argv[])
{
	uint sets = argc > 1 ? atoi(argv[1]) : 1500;

	arena = malloc(ARENA * PGSIZE);
	pages = calloc(ARENA, sizeof(*pages));
	shadow_init();
	linked_after_invlpg();
	invlpg_of_directory();
	uint first = argc > 2 ? atoi(argv[2]) : 1;
	for (uint seed = first; seed <= sets && failures < 1; seed++) {
		fail_in = seed % 10 == 0 ? (int)(seed % 300) : -1;
		one_set(seed);
		if (failures)
			printf("seed %u\n", seed);
	}
	free(arena);
	free(pages);
	printf("done: %u sets of a guest's page tables\n", sets);
	return failures > 0;
}
