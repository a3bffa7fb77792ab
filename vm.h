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
// A directory with the kernel's half built anew from kmap[], tables on demand,
// and the tables of the kernel-stack area. NULL if memory is out. Called once.
pde_t *setupkvm(void);
// Runs on kpgdir.
void switchkvm(void);

// Maps [va, va + size) to [pa, ...) with perm | PTE_P, rounding va down and the
// end up to pages. Returns 0, or -ENOMEM with the part that was done in place.
// Panics if a page is mapped already.
int mappages(pde_t *pgdir, void *va, uint size, paddr_t pa, int perm)
	__must_check;
// The address of va's PTE in pgdir. If there is no table for it: NULL, or with
// alloc a new, empty table (NULL if memory is out). User tables are P|W|U,
// kernel tables P|W, so that the recursive window shows users only their own.
pte_t *walkpgdir(pde_t *pgdir, const void *va, int alloc);

// A directory for a process: the kernel's half shared with kpgdir, the user
// half empty, itself in the recursive slot. NULL if memory is out.
pde_t *pgdir_new(void);
// Frees the directory and its user tables. No page may be mapped any more (the
// tables hold no present entry), and no CPU may run on it.
void pgdir_free(pde_t *pgdir);
// The running thread goes on in pgdir.
void switchuvm(pde_t *pgdir);

// The top of kernel stack number slot (0..KSTACK_COUNT-1), with its pages
// present; below them a page is absent for ever. 0 if memory is out. A slot's
// pages stay; the caller hands slots out and calls with its lock held.
vaddr_t kstack_map(int slot);
