// Copying between the kernel and the running process, through the process's own
// translations: an absent page faults in as it would for the program itself,
// and a read-only page refuses the kernel too (CR0.WP), so that copy-on-write
// holds.
//
// When mm_fault refuses, the copy must end instead of the kernel. Every
// instruction here that touches user memory has a line in the table .extable:
//
//	its address, where to go on when it faults for good
//
// trap.c looks the fault's eip up (uaccess_fixup), puts the error into %eax and
// returns to the second address. So the result of every copy is in %eax.
#include "mm/uaccess.h"
#include "abi/errno.h"
#include "kern/lock.h"
#include "lib/assert.h"
#include "lib/string.h"
#include "mm/entry.h"
#include "mm/fault.h"
#include "mm/swap.h"
#include "mm/table.h"
#include "x86/cpu.h"

struct extable_line {
	vaddr_t eip, fixup;
};
// From the linker script.
extern const struct extable_line extable[], extable_end[];

vaddr_t
uaccess_fixup(vaddr_t eip)
{
	for (const struct extable_line *l = extable; l < extable_end; l++)
		if (l->eip == eip)
			return l->fixup;
	return 0;
}

// One of the two is the user's. Returns 0 or -EFAULT. A fault leaves the
// registers where the copy stood, so that after mm_fault it goes on there.
static int
copy_words(void *dst, const void *src, uint n)
{
	uint words = n / 4;
	int err;

	cpu_user_open();
	__asm__ volatile("1:	rep movsl\n"
			 "	movl %[tail], %%ecx\n"
			 "2:	rep movsb\n"
			 "	xorl %[err], %[err]\n"
			 "3:\n" EXTABLE(1b, 3b) EXTABLE(2b, 3b)
			 : [err] "=&a"(err), "+&D"(dst), "+&S"(src),
			   "+&c"(words)
			 : [tail] "r"(n & 3)
			 : "memory", "cc");
	cpu_user_close();
	return err;
}

int
copyin(void *dst, const void __user *src, uint n)
{
	assert_may_sleep("copyin");
	return copyin_now(dst, src, n);
}

int
copyout(void __user *dst, const void *src, uint n)
{
	assert_may_sleep("copyout");
	return copyout_now(dst, src, n);
}

int
copyin_now(void *dst, const void __user *src, uint n)
{
	if (!user_range((vaddr_t)src, n))
		return -EFAULT;
	return copy_words(dst, (__force const void *)src, n);
}

int
copyout_now(void __user *dst, const void *src, uint n)
{
	if (!user_range((vaddr_t)dst, n))
		return -EFAULT;
	return copy_words((__force void *)dst, src, n);
}

int
copyin_word(uint32_t *dst, const void __user *src)
{
	assert_may_sleep("copyin_word");
	return copyin_word_now(dst, src);
}

int
copyin_word_now(uint32_t *dst, const void __user *src)
{
	uint32_t word = 0;
	int err;

	if (!user_range((vaddr_t)src, sizeof(word)))
		return -EFAULT;
	cpu_user_open();
	__asm__ volatile("1:	movl (%[src]), %[word]\n"
			 "	xorl %[err], %[err]\n"
			 "2:\n" EXTABLE(1b, 2b)
			 : [err] "=&a"(err), [word] "+&r"(word)
			 : [src] "r"(src)
			 : "memory", "cc");
	cpu_user_close();
	*dst = word;
	return err;
}

// Copies bytes up to and with the first 0, at most n. Returns how many were
// copied (n without a 0 among them: the string goes on), or -EFAULT.
static int
copy_until_zero(char *dst, const char *src, uint n)
{
	uint left = n;
	int err;

	cpu_user_open();
	__asm__ volatile("	jmp 2f\n"
			 "1:	movb (%[src]), %%cl\n"
			 "	movb %%cl, (%[dst])\n"
			 "	incl %[src]\n"
			 "	incl %[dst]\n"
			 "	decl %[left]\n"
			 "	testb %%cl, %%cl\n"
			 "	jz 3f\n"
			 "2:	testl %[left], %[left]\n"
			 "	jnz 1b\n"
			 "3:	xorl %[err], %[err]\n"
			 "4:\n" EXTABLE(1b, 4b)
			 : [err] "=&a"(err), [dst] "+&r"(dst), [src] "+&r"(src),
			   [left] "+&r"(left)
			 :
			 : "ecx", "memory", "cc");
	cpu_user_close();
	return err ? err : (int)(n - left);
}

int
copyin_string(char *dst, const char __user *src, uint size)
{
	vaddr_t va = (vaddr_t)src;
	uint n;
	int got;

	assert_may_sleep("copyin_string");
	if (va >= USER_TOP)
		return -EFAULT;
	n = min_uint(size, USER_TOP - va);
	got = copy_until_zero(dst, (__force const char *)src, n);
	if (got < 0)
		return got;
	if (got > 0 && dst[got - 1] == 0)
		return got - 1;
	return n < size ? -EFAULT
			: -ENAMETOOLONG; // ran into the kernel, or full
}

// ---- Frames of a space, running or not -------------------------------------

struct page *
user_page_present(struct mm *mm, vaddr_t va, int access)
{
	pte_t *pte = table_lock(mm, va);
	struct page *pg = NULL;

	if (!pte)
		return NULL;
	if (entry_allows(mm->pgdir[PDX(va)] & *pte, access)) {
		// The kernel writes to the frame by its own mapping, and the
		// MMU sets D there. Without D here the page could leave memory
		// unwritten.
		if (access == ACCESS_WRITE && !(*pte & PTE_D))
			entry_change(pte, ~0u, PTE_A | PTE_D);
		pg = entry_page(*pte);
		page_get(pg);
	}
	table_unlock(pte);
	return pg;
}

int
user_page(struct mm *mm, vaddr_t va, int access, struct page **pg)
{
	int err;

	if (va >= USER_TOP)
		return -EFAULT;
	// A page that faults in can be gone before we look: try again.
	while (!(*pg = user_page_present(mm, va, access))) {
		err = mm_fault(mm, va, access, NULL);
		if (err)
			return err;
	}
	return 0;
}

int
user_prepare(struct mm *mm, const void __user *to)
{
	struct page *pg;
	int err = to ? user_page(mm, (vaddr_t)to, ACCESS_WRITE, &pg) : 0;

	if (to && !err)
		swap_page_put(pg);
	return err;
}

int
mm_poke(struct mm *mm, vaddr_t va, const void *src, uint n)
{
	const char *from = src;
	struct page *pg;

	while (n) {
		uint part = min_uint(n, PGSIZE - PGOFFSET(va));
		int err = user_page(mm, va, ACCESS_WRITE, &pg);

		if (err)
			return err;
		memcpy((char *)page_va(pg) + PGOFFSET(va), from, part);
		swap_page_put(pg);
		va += part;
		from += part;
		n -= part;
	}
	return 0;
}
