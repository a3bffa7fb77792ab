// The only touch of user memory. The running process's pages fault in as a
// program's own would; a bad pointer is -EFAULT, never a panic. Callers hold no
// spinlock and no inode lock (asserted: spinlocks), but for the functions _now:
// these take what is there, and under a spinlock a page that would have to come
// first is -EFAULT. The caller then tries again without the lock.
//
// If memory is out, a caller that holds no mutex waits for it. A caller that
// holds one must not: the process that is killed to make room could wait for
// that mutex. It gets -ENOMEM, lets the mutex go and returns the error.
#pragma once
#include "abi/errno.h"
#include "kern/lock.h"
#include "lib/types.h"
#include "mm/mm.h"
#include "x86/cpu.h"

int copyin(void *dst, const void __user *src, uint n) __must_check;
int copyout(void __user *dst, const void *src, uint n) __must_check;
// A string with its 0 into dst[size]. Its length, -EFAULT, or -ENAMETOOLONG if
// it does not fit.
int copyin_string(char *dst, const char __user *src, uint size) __must_check;
int copyin_word(uint32_t *dst, const void __user *src) __must_check;
int copyin_now(void *dst, const void __user *src, uint n) __must_check;
int copyout_now(void __user *dst, const void *src, uint n) __must_check;
int copyin_word_now(uint32_t *dst, const void __user *src) __must_check;

struct page;
// Faults in the page of mm that holds va for the access and returns it with a
// reference, which swap_page_put drops: it stays a page of memory while the
// caller copies from or to its frame, whatever the process does. 0, -EFAULT,
// -ENOMEM, -EIO. For writing only while mm is not visible to others: a fork in
// between would share the page, and the child see what is written afterwards.
int user_page(struct mm *mm, vaddr_t va, int access, struct page **pg)
	__must_check;
// The same without a fault: the page if the entries of va, in the directory and
// the table, allow the access now, with a reference; else NULL. A spinlock
// below RANK_PAGE_TABLE may be held.
struct page *user_page_present(struct mm *mm, vaddr_t va, int access);
// Makes the page of a result writable before a call does what it cannot undo.
// The copyout afterwards fails only if another thread unmaps the page
// meanwhile. NULL: there is nothing to do. 0, -EFAULT, -ENOMEM, -EIO.
int user_prepare(struct mm *mm, const void __user *to) __must_check;
// Writes to a space that is not the running one (exec builds a stack). 0 or as
// user_page.
int mm_poke(struct mm *mm, vaddr_t va, const void *src, uint n) __must_check;

// trap.c: a page fault in the kernel at eip whose address is the user's and
// which mm_fault refused. The address to go on at, with the error in %eax (a
// copy function's error exit), or 0 if eip is none of ours.
vaddr_t uaccess_fixup(vaddr_t eip);

// A line of the table of faults (mm/uaccess.c): when the instruction at `at`
// faults for good, go on at `fixup`.
#define EXTABLE(at, fixup)                                                     \
	".pushsection .extable, \"a\"\n"                                       \
	".long " #at ", " #fixup "\n"                                          \
	".popsection\n"

// Is [va, va + n) below the kernel? Written so that nothing wraps around.
static inline bool
user_range(vaddr_t va, uint n)
{
	return va <= USER_TOP && n <= USER_TOP - va;
}

// copyin of n words, a few: the arguments of a system call.
static inline int
copyin_words(uint32_t *dst, const void __user *src, uint n)
{
	int err;

	if (!user_range((vaddr_t)src, n * sizeof(*dst)))
		return -EFAULT;
	assert_may_sleep("copyin_words");
	cpu_user_open();
	__asm__ volatile("1:	rep movsl\n"
			 "	xorl %[err], %[err]\n"
			 "2:\n" EXTABLE(1b, 2b)
			 : [err] "=&a"(err), "+&D"(dst), "+&S"(src), "+&c"(n)
			 :
			 : "memory", "cc");
	cpu_user_close();
	return err;
}
