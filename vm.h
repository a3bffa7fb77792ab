// Page tables. vm.c is the lecture's file; the contracts stand here.
//
// None of these functions locks: the kernel's half is built once by one CPU; a
// process's half belongs to whoever holds its mm's page-table lock, or to
// nobody else yet. None flushes a TLB, except where it says so.
#pragma once
#include "lib/types.h"
#include "memlayout.h"
#include "mmu.h"

// A row of the kernel's address space: [va, va + end - pa) -> [pa, end).
struct kmap {
	const char *name;
	void *va;
	paddr_t pa, end; // end 0 is 4 GB
	int perm;        // PTE_W, PTE_PCD, PTE_G
};
#define NKMAP 4
extern struct kmap kmap[NKMAP];

extern pde_t *kpgdir; // the directory of CPUs that run no process

// Builds kpgdir and runs on it. First CPU, once, after kinit_early.
void kvmalloc(void);
// A directory with the kernel's half built anew from kmap[], with tables on
// demand. NULL if memory is out. Called once.
pde_t *setupkvm(void);

// Maps [va, va + size) to [pa, ...) with perm | PTE_P, rounded outwards to
// pages. 0, or -ENOMEM with a part mapped. Panics if a page is mapped already.
int mappages(pde_t *pgdir, void *va, uint size, paddr_t pa, int perm)
	__must_check;
// The address of va's PTE in pgdir. If there is no table for it: NULL, or with
// alloc a new, empty table (NULL if memory is out). PDEs of the user's half are
// P|W|U, of the kernel's half P|W: the recursive window hides kernel tables.
pte_t *walkpgdir(pde_t *pgdir, const void *va, int alloc);

// A directory for a process: the kernel's half shared with kpgdir, the user's
// half empty, itself in the recursive slot. NULL if memory is out.
pde_t *pgdir_new(void);
// Frees the directory and its user tables. No page may be mapped any more (the
// tables hold no present entry), and no CPU may run on it.
void pgdir_free(pde_t *pgdir);

// The running thread goes on in kpgdir, or in pgdir.
void switchkvm(void);
void switchuvm(pde_t *pgdir);

// The tables for all kernel stacks. Once, on kpgdir. 0 or -ENOMEM.
int kstack_tables(pde_t *pgdir) __must_check;
// The top of kernel stack number slot (0..KSTACK_COUNT-1). Its pages are
// present and stay; the page below them is always absent. 0 if memory is out.
// The caller gives out the slots, and calls with its own lock held.
vaddr_t kstack_map(int slot);
