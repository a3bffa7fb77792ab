// From a guest-physical address to the host's frame, always by the host's own
// way: user copies, its page tables, its fault path.
#include "hv/memory.h"
#include "abi/errno.h"
#include "kalloc.h"
#include "mm/fault.h"
#include "mm/swap.h"
#include "mm/uaccess.h"

int
guest_read(const struct guest_memory *m, uint32_t pa, void *dst, uint n)
{
	if (!guest_has(m, pa, n))
		return -ENXIO;
	return copyin(dst, (const void __user *)(m->base + pa), n);
}

int
guest_write(const struct guest_memory *m, uint32_t pa, const void *src, uint n)
{
	if (!guest_has(m, pa, n))
		return -ENXIO;
	return copyout((void __user *)(m->base + pa), src, n);
}

// The reference is put at once: the shadow holds none. If the host takes the
// page away, it says so before the frame is freed (tlb_shadow).
bool
guest_frame(const struct guest_memory *m, uint32_t pa, paddr_t *frame,
	    bool *write)
{
	vaddr_t va = m->base + pa;
	struct page *pg = NULL;

	if (*write)
		pg = user_page_present(m->mm, va, ACCESS_WRITE);
	*write = pg;
	if (!pg)
		pg = user_page_present(m->mm, va, ACCESS_READ);
	if (!pg)
		return false;
	*frame = page_pa(pg);
	swap_page_put(pg);
	return true;
}

int
guest_bring(const struct guest_memory *m, uint32_t pa, bool write)
{
	return mm_fault(m->mm, m->base + pa, write ? ACCESS_WRITE : ACCESS_READ,
			NULL);
}
