// Page tables: how the kernel's address space and every process's is made.
//
// A 32-bit virtual address is translated in two steps. CR3 holds the physical
// address of a directory of 1024 entries; the top ten bits of the address
// choose one, which holds the physical address of a table. The next ten bits
// choose one of the table's 1024 entries, which holds the physical address of a
// page. The last twelve bits are the place in the page, and are not translated.
//
//	    va:  |  PDX 10  |  PTX 10  | offset 12 |
//	             |          |            |
//	CR3 -> directory        |            |
//	       | pde | --> table             |
//	                   | pte | --> page  |
//	                               | byte |
//
// Directory and tables are pages of RAM like any others. They hold physical
// addresses, but the kernel, whose every access is translated too, reaches them
// at the virtual addresses where kmap[2] maps all RAM: P2V(pa). V2P leads back.
//
// kvmalloc builds the kernel's half (KERNBASE and above) once, from kmap[]. Its
// entries and tables never change afterwards, so that a process's directory
// simply copies the entries: all processes share the tables. (The lecture's
// kernel builds these 64 tables anew for each process.)
#include "vm.h"
#include "abi/errno.h"
#include "kalloc.h"
#include "kern/printk.h"
#include "kern/sched.h"
#include "lib/string.h"
#include "x86/cpu.h"

extern char data[]; // kernel.ld: where the kernel's writable part begins

pde_t *kpgdir;

// What the kernel needs, in every directory. Memory the kernel only reads, as
// its own text, is not writable to it either (CR0.WP).
struct kmap kmap[NKMAP] = {
	{ "low 1 MB, devices", (void *)KERNBASE, 0, EXTMEM, PTE_W | PTE_G },
	{ "kernel text", (void *)KERNLINK, EXTMEM, 0, PTE_G },
	{ "kernel data, RAM", data, 0, 0, PTE_W | PTE_G },
	{ "devices", (void *)DEVSPACE, DEVSPACE, 0, PTE_W | PTE_PCD | PTE_G },
};

void
kvmalloc(void)
{
	kmap[1].end = kmap[2].pa = V2P(data); // where the text ends: the linker
	kmap[2].end = PHYSTOP;                // where RAM ends: the BIOS
	kpgdir = setupkvm();
	if (kpgdir == NULL)
		panic("no room for the kernel's page tables");
	switchkvm();
}

void
switchkvm(void)
{
	switchuvm(kpgdir);
}

pde_t *
setupkvm(void)
{
	pde_t *pgdir = kalloc_zero();

	if (pgdir == NULL)
		return NULL;
	for (struct kmap *k = kmap; k < &kmap[NKMAP]; k++)
		if (mappages(pgdir, k->va, k->end - k->pa, k->pa, k->perm) < 0)
			return NULL;
	// Tables for the stacks that kstack_map will enter.
	for (vaddr_t va = KSTACKS; va < PTWINDOW; va += PDXSIZE)
		if (walkpgdir(pgdir, (void *)va, 1) == NULL)
			return NULL;
	return pgdir;
}

int
mappages(pde_t *pgdir, void *va, uint size, paddr_t pa, int perm)
{
	uint n = PGROUNDUP(PGOFFSET((vaddr_t)va) + size) / PGSIZE;
	char *page = (char *)PGROUNDDOWN((vaddr_t)va);
	pte_t *pte;

	for (pa = PTE_ADDR(pa); n > 0; n--) {
		pte = walkpgdir(pgdir, page, 1);
		if (pte == NULL)
			return -ENOMEM;
		assertf(!(*pte & PTE_P), "va %p is mapped already", page);
		*pte = pa | perm | PTE_P;
		page += PGSIZE;
		pa += PGSIZE;
	}
	return 0;
}

pte_t *
walkpgdir(pde_t *pgdir, const void *va, int alloc)
{
	pde_t *pde = &pgdir[PDX(va)];
	pte_t *table;

	if (!(*pde & PTE_P)) {
		table = alloc ? kalloc_zero() : NULL;
		if (table == NULL)
			return NULL;
		// W and U in both levels allow; the PTE decides. Kernel tables
		// lack U, so that a process cannot see them in its window.
		*pde = V2P(table) | PTE_P | PTE_W |
		       ((vaddr_t)va < KERNBASE ? PTE_U : 0);
	}
	table = P2V(PTE_ADDR(*pde));
	return &table[PTX(va)];
}

// ---- Second reading: directories of processes ------------------------------

#define NUSER PDX(KERNBASE) // directory entries of the user's half

pde_t *
pgdir_new(void)
{
	pde_t *pgdir = kalloc();

	if (pgdir == NULL)
		return NULL;
	memset(pgdir, 0, NUSER * sizeof(pde_t));
	memcpy(&pgdir[NUSER], &kpgdir[NUSER], NUSER * sizeof(pde_t));
	// The directory taken for a table maps all the tables, itself among
	// them, at PTWINDOW: readable to the process, writable to nobody.
	pgdir[PDX(PTWINDOW)] = V2P(pgdir) | PTE_P | PTE_U;
	return pgdir;
}

void
pgdir_free(pde_t *pgdir)
{
	for (uint i = 0; i < NUSER; i++)
		if (pgdir[i] & PTE_P)
			kfree(P2V(PTE_ADDR(pgdir[i])));
	kfree(pgdir);
}

void
switchuvm(pde_t *pgdir)
{
	struct thread *t;

	cpu_irq_off(); // a switch in between would load the old one again
	t = thread_this();
	if (t != NULL)
		t->cr3 = V2P(pgdir);
	cpu_load_space(V2P(pgdir));
	cpu_irq_on();
}

// ---- Kernel stacks ---------------------------------------------------------

// A slot is an absent page and, above it, the stack: what grows too far faults.
vaddr_t
kstack_map(int slot)
{
	vaddr_t va = KSTACKS + slot * KSTACK_SLOT + PGSIZE;
	pte_t *pte;
	void *page;

	for (int i = 0; i < KSTACK_PAGES; i++, va += PGSIZE) {
		pte = walkpgdir(kpgdir, (void *)va, 0);
		if (*pte & PTE_P)
			continue; // a former owner's
		page = kalloc();
		if (page == NULL)
			return 0;
		*pte = V2P(page) | PTE_P | PTE_W | PTE_G;
	}
	return va;
}
