// Unit tests of vm.c: the tables themselves, on directories that no CPU runs
// on.
#include "vm.h"
#include "abi/errno.h"
#include "kalloc.h"
#include "kern/pagecheck.h"
#include "kern/unit.h"
#include "x86/insn.h"

extern char data[], end[];

static pte_t
entry_at(pde_t *pgdir, vaddr_t va)
{
	pte_t *pte = walkpgdir(pgdir, (void *)va, 0);

	return pte ? *pte : 0;
}

// Catches: a row of kmap[] is mapped to wrong frames, with a wrong length, or
// with a wrong permission.
UNIT(kmap_is_what_is_mapped)
{
	uint wrong = 0;

	for (const struct kmap *k = kmap; k < &kmap[NKMAP]; k++)
		for (uint i = 0; i < (k->end - k->pa) / PGSIZE; i++) {
			pte_t e = entry_at(kpgdir, (vaddr_t)k->va + i * PGSIZE);

			wrong += PTE_ADDR(e) != k->pa + i * PGSIZE;
			wrong += (PTE_FLAGS(e) & ~(PTE_A | PTE_D)) !=
				 (uint)(k->perm | PTE_P);
		}
	UNIT_CHECK(wrong == 0);
	UNIT_CHECK(entry_at(kpgdir, KERNBASE + PHYSTOP) == 0);
	UNIT_CHECK(entry_at(kpgdir, DEVSPACE - PGSIZE) == 0);
	for (uint i = 0; i < PDX(KERNBASE); i++)
		wrong += kpgdir[i];
	UNIT_CHECK(wrong == 0);
}

// Catches: the kernel can overwrite its own text.
UNIT(kernel_text_is_read_only)
{
	UNIT_CHECK(!(entry_at(kpgdir, KERNLINK) & PTE_W));
	UNIT_CHECK(!(entry_at(kpgdir, (vaddr_t)data - PGSIZE) & PTE_W));
	UNIT_CHECK(entry_at(kpgdir, (vaddr_t)data) & PTE_W);
	UNIT_CHECK(cr0_read() & CR0_WP);
	UNIT_CHECK(cr3_read() != 0);
}

// Catches: an entry or a table of the kernel that a process may use.
UNIT(kernel_half_is_not_the_users)
{
	uint wrong = 0;

	for (uint i = PDX(KERNBASE); i < NPDENTRIES; i++) {
		pte_t *table = P2V(PTE_ADDR(kpgdir[i]));

		wrong += (kpgdir[i] & PTE_U) != 0;
		for (uint k = 0; k < NPTENTRIES && kpgdir[i]; k++)
			wrong += (table[k] & PTE_U) != 0;
	}
	UNIT_CHECK(wrong == 0);
}

// Catches: walkpgdir allocates when alloc is 0, or allocates one table twice.
UNIT(walkpgdir_allocates_on_demand)
{
	uint before = kalloc_free();
	pde_t *pgdir = pgdir_new();
	pte_t *pte;

	UNIT_CHECK(!walkpgdir(pgdir, (void *)0x1000, 0));
	UNIT_CHECK(kalloc_free() == before - 1);
	pte = walkpgdir(pgdir, (void *)0x1000, 1);
	UNIT_CHECK(pte && *pte == 0);
	UNIT_CHECK(walkpgdir(pgdir, (void *)0x2000, 1) == pte + 1);
	UNIT_CHECK(walkpgdir(pgdir, (void *)0x2FFF, 0) == pte + 1);
	UNIT_CHECK(kalloc_free() == before - 2);
	UNIT_CHECK((pgdir[0] & 7) == (PTE_P | PTE_W | PTE_U));
	pgdir_free(pgdir);
	UNIT_CHECK(kalloc_free() == before);
}

// Catches: mappages rounds in the wrong direction, or maps one page too many or
// too few.
UNIT(mappages_rounds_outwards)
{
	pde_t *pgdir = pgdir_new();

	UNIT_CHECK(mappages(pgdir, (void *)0x3FFFFF, 2, 0x5000, PTE_U) == 0);
	UNIT_CHECK(entry_at(pgdir, 0x3FE000) == 0);
	UNIT_CHECK(entry_at(pgdir, 0x3FF000) == (0x5000 | PTE_P | PTE_U));
	UNIT_CHECK(entry_at(pgdir, 0x400000) == (0x6000 | PTE_P | PTE_U));
	UNIT_CHECK(entry_at(pgdir, 0x401000) == 0);
	pgdir_free(pgdir);
}

// Catches: a new directory does not share the kernel's tables, or its
// page-table window is writable or absent.
UNIT(pgdir_shares_the_kernel)
{
	pde_t *pgdir = pgdir_new();
	uint same = 0;

	for (uint i = PDX(KERNBASE); i < NPDENTRIES; i++)
		same += pgdir[i] == kpgdir[i];
	UNIT_CHECK(same == NPDENTRIES - PDX(KERNBASE) - 1);
	UNIT_CHECK(pgdir[PDX(PTWINDOW)] == (V2P(pgdir) | PTE_P | PTE_U));
	pgdir_free(pgdir);
}

// Catches: frames are lost when the k-th allocation fails, for every k.
UNIT(tables_without_memory)
{
	uint before = kalloc_free();
	pde_t *pgdir;
	uint k;
	int err;

	for (k = 1; k < 10; k++) {
		kalloc_fail_at(k);
		err = -ENOMEM;
		pgdir = pgdir_new();
		if (pgdir) {
			err = mappages(pgdir, (void *)0x7FF000, 0x800000,
				       0x5000, PTE_U);
			kalloc_fail_at(0);
			pgdir_free(pgdir);
		}
		kalloc_fail_at(0);
		UNIT_CHECK(kalloc_free() == before);
		if (!err)
			break;
	}
	UNIT_CHECK(k == 5); // a directory and three tables
}

// Catches: a kernel stack without a guard page, or one that is not mapped.
UNIT(kernel_stacks_have_guards)
{
	uint before = kalloc_free();
	vaddr_t top = kstack_map(KSTACK_COUNT - 1);

	UNIT_CHECK(top == KSTACKS + KSTACK_COUNT * KSTACK_SLOT);
	UNIT_CHECK(entry_at(kpgdir, top - PGSIZE) & PTE_W);
	UNIT_CHECK(entry_at(kpgdir, top - KSTACK_PAGES * PGSIZE) & PTE_W);
	UNIT_CHECK(entry_at(kpgdir, top - KSTACK_SLOT) == 0);
	*(volatile int *)(top - 4) = 1;
	UNIT_CHECK(kstack_map(KSTACK_COUNT - 1) == top);
	UNIT_CHECK(kalloc_free() == before - KSTACK_PAGES);
}
