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
// addresses. But every access of the kernel is translated too: the kernel
// reaches a table at the virtual address where kmap[2] maps all RAM, P2V(pa).
// V2P leads back.
//
// kvmalloc builds the kernel's half (KERNBASE and above) once, from kmap[]. The
// directory entries of this half never change afterwards. So the directory of a
// process simply copies them, and all processes share the tables (the lecture's
// kernel builds 64 tables anew for each).
//
// This file is compiled without optimization (-O0), so that GDB shows every
// variable on every line.
#include "vm.h"
#include "abi/errno.h"
#include "kalloc.h"
#include "kern/panic.h"
#include "kern/sched.h"
#include "lib/string.h"

extern char data[]; // kernel.ld: where the kernel's writable part begins

pde_t *kpgdir;

// Builds the kernel's page table and turns the CPU over to it.
void
kvmalloc(void)
{
	kmap[2].end = PHYSTOP; // where RAM ends: only the BIOS knows
	kpgdir = setupkvm();
	if (!kpgdir || kstack_tables(kpgdir))
		panic("no room for the kernel's page tables");
	switchkvm();
}

// Makes a directory and maps into it every row of kmap[].
pde_t *
setupkvm(void)
{
	pde_t *pgdir = kalloc_zero();

	if (!pgdir)
		return NULL;
	for (struct kmap *k = kmap; k < &kmap[NKMAP]; k++)
		if (mappages(pgdir, k->va, k->end - k->pa, k->pa, k->perm))
			return NULL;
	return pgdir;
}

// What the kernel needs, in every directory. A row without PTE_W is read-only
// for the kernel too (CR0.WP): it cannot write to its own text.
struct kmap kmap[NKMAP] = {
	{ "low 1 MB, devices", (void *)KERNBASE, 0, EXTMEM, PTE_W | PTE_G },
	{ "kernel text", (void *)KERNLINK, EXTMEM, V2P(data), PTE_G },
	{ "kernel data, RAM", data, V2P(data), 0, PTE_W | PTE_G },
	{ "devices", (void *)DEVSPACE, DEVSPACE, 0, PTE_W | PTE_PCD | PTE_G },
};

// Maps a range of virtual addresses to physical ones, a page at a time.
int
mappages(pde_t *pgdir, void *va, uint size, paddr_t pa, int perm)
{
	uint n = PGROUNDUP(PGOFFSET((vaddr_t)va) + size) / PGSIZE;
	char *page = (char *)PGROUNDDOWN((vaddr_t)va);
	pte_t *pte;

	pa = PTE_ADDR(pa);
	for (; n > 0; n--, page += PGSIZE, pa += PGSIZE) {
		pte = walkpgdir(pgdir, page, 1);
		if (!pte)
			return -ENOMEM;
		assertf(!(*pte & PTE_P), "va %p is mapped already", page);
		*pte = pa | perm | PTE_P;
	}
	return 0;
}

// Finds the entry of an address, as the MMU does: first the directory, then the
// table. A table that is not there is made, if the caller wants it.
pte_t *
walkpgdir(pde_t *pgdir, const void *va, int alloc)
{
	pde_t *pde = &pgdir[PDX(va)];
	pte_t *table;

	if (!(*pde & PTE_P)) {
		table = alloc ? kalloc_zero() : NULL;
		if (!table)
			return NULL;
		// Both levels must allow an access. The PDE allows everything;
		// the PTE decides. Only tables of the kernel's half lack U, so
		// that a process cannot see them in its window.
		*pde = V2P(table) | PTE_P | PTE_W |
		       ((vaddr_t)va < KERNBASE ? PTE_U : 0);
	}
	table = P2V(PTE_ADDR(*pde));
	return &table[PTX(va)];
}

// Runs this CPU on the kernel's directory, which has no user addresses.
void
switchkvm(void)
{
	switchuvm(kpgdir);
}

// Runs this thread on a directory. CR3 wants its physical address.
void
switchuvm(pde_t *pgdir)
{
	thread_load_cr3(V2P(pgdir));
}

// ---- Second reading: directories of processes ------------------------------

#define NUSER PDX(KERNBASE) // directory entries of the user's half

// Makes the directory of a process: the user's half is empty, the kernel's half
// is copied from kpgdir.
pde_t *
pgdir_new(void)
{
	pde_t *pgdir = kalloc();

	if (!pgdir)
		return NULL;
	memset(pgdir, 0, NUSER * sizeof(pde_t));
	memcpy(&pgdir[NUSER], &kpgdir[NUSER], NUSER * sizeof(pde_t));
	// One entry names the directory itself. The MMU takes the directory for
	// a table there, so all the tables appear as pages at PTWINDOW: the
	// process may read them, and nobody may write to them.
	pgdir[PDX(PTWINDOW)] = V2P(pgdir) | PTE_P | PTE_U;
	return pgdir;
}

// Frees the tables of the user's half, then the directory.
void
pgdir_free(pde_t *pgdir)
{
	for (uint i = 0; i < NUSER; i++)
		if (pgdir[i] & PTE_P)
			kfree(P2V(PTE_ADDR(pgdir[i])));
	kfree(pgdir);
}

// ---- Kernel stacks ---------------------------------------------------------

// Makes the tables for all kernel stacks now, because directories of processes
// copy entries and would miss a table that comes later.
int
kstack_tables(pde_t *pgdir)
{
	for (vaddr_t va = KSTACKS; va < PTWINDOW; va += PDXSIZE)
		if (!walkpgdir(pgdir, (void *)va, 1))
			return -ENOMEM;
	return 0;
}

// Maps the stack of a slot. Below each stack a page stays absent: a stack that
// grows too far faults instead of changing its neighbour.
vaddr_t
kstack_map(int slot)
{
	vaddr_t va = KSTACKS + slot * KSTACK_SLOT + PGSIZE;
	pte_t *pte;
	void *page;

	for (int i = 0; i < KSTACK_PAGES; i++, va += PGSIZE) {
		pte = walkpgdir(kpgdir, (void *)va, 0);
		if (*pte & PTE_P)
			continue; // it was a stack before
		page = kalloc();
		if (!page)
			return 0;
		*pte = V2P(page) | PTE_P | PTE_W | PTE_G;
	}
	return va;
}
