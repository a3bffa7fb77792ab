// The physical memory of a guest: a range of its monitor's addresses, and so a
// range of areas as any other. It is filled by faults, may be in swap, and goes
// with the process.
//
//	guest-physical           the monitor's address     a frame of the host
//	0 .. size         +base  base .. base + size       by the host's tables
#pragma once
#include "mm/mm.h"

struct guest_memory {
	struct mm *mm; // [I] the monitor's space, with a reference
	vaddr_t base;  // [I]
	uint size;     // [I] bytes, whole pages
};

// Is there memory at [pa, pa + n)?
static inline bool
guest_has(const struct guest_memory *m, uint32_t pa, uint n)
{
	return pa < m->size && n <= m->size - pa;
}

// Copy n bytes from or to the guest's physical memory. The running thread is
// one of the monitor's. 0, -ENXIO (no memory there), -EFAULT (the monitor has
// unmapped it), -ENOMEM, -EIO. Sleep.
int guest_read(const struct guest_memory *m, uint32_t pa, void *dst, uint n)
	__must_check;
int guest_write(const struct guest_memory *m, uint32_t pa, const void *src,
		uint n) __must_check;

// The frame that the host has for a guest-physical page now. *write says
// whether the guest is to write there; it becomes false if the host does not
// allow that now. False: there is no frame.
bool guest_frame(const struct guest_memory *m, uint32_t pa, paddr_t *frame,
		 bool *write);
// Brings it, by the host's fault path. 0, -EFAULT, -ENOMEM, -EIO. Sleeps.
int guest_bring(const struct guest_memory *m, uint32_t pa, bool write)
	__must_check;
