// exec: a program from its file. Everything is built aside in a new address
// space; the commit at the end of exec() cannot fail, and until then the old
// program has not changed.
//
// A new program's stack, from the top of user memory downwards:
//
//	USER_TOP -> +-----------------------------+
//	            | the argument strings        |  together at most
//	            | NULL                        |  ARG_MAX bytes
//	            | argv[0] .. argv[argc - 1]   |
//	    argv -> +-----------------------------+
//	            | (up to 16 bytes, to align)  |
//	            | argv                        |  main's arguments, as if it
//	            | argc                        |  had been called ...
//	     esp -> | 0xFFFFFFFF                  |  ... from where nothing is
//	            +-----------------------------+
#include "sys/exec.h"
#include "abi/errno.h"
#include "abi/limits.h"
#include "abi/mman.h"
#include "fs/path.h"
#include "lib/string.h"
#include "mm/mm.h"
#include "mm/uaccess.h"
#include "proc.h"
#include "sys/elf.h"
#include "x86/trapframe.h"

#define STACK_START (4 * PGSIZE) // the stack's area before it has grown
#define NO_RETURN 0xFFFFFFFF

_Static_assert(ARG_MAX == PGSIZE, "the arguments are gathered in one page");

// ---- Reading the file -------------------------------------------------------

// Copies n bytes at off of the file. 0, -ENOEXEC if the file is too short, or
// -EIO, -ENOMEM.
static int
read_exactly(struct inode *ip, uint off, void *dst, uint n)
{
	struct page *pg;
	int have;

	for (uint done = 0; done < n; done += have) {
		have = inode_read(ip, off + done, &pg);
		if (have <= 0)
			return have < 0 ? have : -ENOEXEC;
		have = min_uint(have, n - done);
		memcpy((char *)dst + done,
		       (char *)page_va(pg) + PGOFFSET(off + done), have);
		page_put(pg);
	}
	return 0;
}

static int
read_headers(struct inode *ip, struct elf_image *e)
{
	struct elf_header h;
	struct elf_segment s;
	struct stat st;
	int err;

	inode_stat(ip, &st);
	if (st.type != T_FILE)
		return -EACCES;
	err = read_exactly(ip, 0, &h, sizeof(h));
	if (err == 0)
		err = elf_begin(e, &h, USER_TOP - STACK_MAX);
	for (uint i = 0; err == 0 && i < e->phnum; i++) {
		err = read_exactly(ip, e->phoff + i * sizeof(s), &s, sizeof(s));
		if (err == 0)
			err = elf_add(e, &s, st.size);
	}
	if (err == 0 && e->count == 0)
		err = -ENOEXEC;
	return err;
}

// ---- The address space ------------------------------------------------------

// Copies a load's file bytes into mm, whose area for them is there already.
static int
copy_load(struct mm *mm, struct inode *ip, const struct elf_load *l)
{
	struct page *pg;
	int n, err;

	for (uint done = 0; done < l->filesz; done += n) {
		uint off = l->off + done;

		n = inode_read(ip, off, &pg);
		if (n <= 0)
			return n < 0 ? n : -ENOEXEC;
		n = min_uint(n, l->filesz - done);
		err = mm_poke(mm, l->va + done,
			      (char *)page_va(pg) + PGOFFSET(off), n);
		page_put(pg);
		if (err != 0)
			return err;
	}
	return 0;
}

// May the program write to the page at va, which some of the n loads share?
static bool
page_writable(const struct elf_load *l, uint n, vaddr_t va)
{
	for (; n > 0; n--, l++)
		if (l->write && l->va < va + PGSIZE && l->va + l->memsz > va)
			return true;
	return false;
}

// Loads that share a page cannot be areas of their own. Their bytes are copied
// now, and a page is writable afterwards if one of its loads is. Only unusual
// linker scripts need this.
static int
map_together(struct mm *mm, struct inode *ip, const struct elf_load *l, uint n)
{
	vaddr_t start = PGROUNDDOWN(l[0].va);
	vaddr_t end = PGROUNDUP(l[n - 1].va + l[n - 1].memsz);
	int err;

	err = mm_map(mm, start, end - start, AREA_READ | AREA_WRITE, NULL, 0,
		     0);
	for (uint i = 0; !err && i < n; i++)
		err = copy_load(mm, ip, &l[i]);
	for (vaddr_t va = start; !err && va < end; va += PGSIZE)
		if (!page_writable(l, n, va))
			err = mm_mprotect(mm, va, PGSIZE, PROT_READ);
	return err;
}

static int
map_program(struct mm *mm, struct inode *ip, const struct elf_image *e)
{
	const struct elf_load *l;
	int err = 0;
	uint n;

	for (uint i = 0; err == 0 && i < e->count; i += n) {
		l = &e->load[i];
		n = elf_group(e, i);
		if (n > 1)
			err = map_together(mm, ip, l, n);
		else
			err = mm_map(mm, l->va, l->memsz,
				     AREA_READ | (l->write ? AREA_WRITE : 0),
				     l->filesz > 0 ? ip : NULL, l->off,
				     l->filesz);
	}
	if (err == 0)
		mm_brk_start(mm, PGROUNDUP(e->end));
	return err;
}

// Gathers pointers and strings in a page, as they will lie at the top of the
// stack; the pointers as distances from the page's start. Returns the bytes
// used, or -E2BIG.
static int
gather(char *page, int argc, char *const argv[])
{
	uint32_t *pointer = (uint32_t *)page;
	uint used;

	if (argc >= ARG_MAX / (int)sizeof(*pointer))
		return -E2BIG;
	used = (argc + 1) * sizeof(*pointer);
	for (int i = 0; i < argc; i++) {
		uint n = strlen(argv[i]) + 1;

		if (n > ARG_MAX - used)
			return -E2BIG;
		pointer[i] = used;
		memcpy(page + used, argv[i], n);
		used += n;
	}
	pointer[argc] = 0;
	return used;
}

static int
push_arguments(struct mm *mm, char *page, int argc, char *const argv[],
	       vaddr_t *esp)
{
	uint32_t *pointer = (uint32_t *)page;
	int used = gather(page, argc, argv), err;
	vaddr_t base;

	if (used < 0)
		return used;
	base = (USER_TOP - used) & ~3u;
	for (int i = 0; i < argc; i++)
		pointer[i] += base;
	err = mm_poke(mm, base, page, used);
	if (err != 0)
		return err;
	// A compiler expects that the argument list of a function begins at a
	// multiple of 16 (i386 System V ABI, 2.2.2).
	*esp = ((base - 8) & ~15u) - 4;
	return mm_poke(mm, *esp, (uint32_t[]){ NO_RETURN, argc, base }, 12);
}

static int
map_stack(struct mm *mm, int argc, char *const argv[], vaddr_t *esp)
{
	char *page;
	int err;

	err = mm_map(mm, USER_TOP - STACK_START, STACK_START,
		     AREA_READ | AREA_WRITE | AREA_STACK, NULL, 0, 0);
	if (err != 0)
		return err;
	page = kalloc();
	if (page == NULL)
		return -ENOMEM;
	err = push_arguments(mm, page, argc, argv, esp);
	kfree(page);
	return err;
}

// A new space with the file's program and its arguments in it, or an error.
static int
build(struct inode *ip, struct elf_image *e, int argc, char *const argv[],
      struct mm **out, vaddr_t *esp)
{
	struct mm *mm;
	int err;

	mm = mm_new();
	if (mm == NULL)
		return -ENOMEM;
	// First of all, so that the file cannot change while it is read.
	err = mm_set_program(mm, ip);
	if (err == 0)
		err = read_headers(ip, e);
	if (err == 0)
		err = map_program(mm, ip, e);
	if (err == 0)
		err = map_stack(mm, argc, argv, esp);
	if (err != 0)
		mm_put(mm);
	*out = mm;
	return err;
}

// ---- The commit -------------------------------------------------------------

static void
start_over(struct trapframe *tf, vaddr_t eip, vaddr_t esp)
{
	memset(tf, 0, sizeof(*tf));
	tf->cs = SEL_UCODE;
	tf->ds = tf->es = tf->ss = SEL_UDATA;
	tf->eflags = FL_IF;
	tf->eip = eip;
	tf->esp = esp;
	user_state_reset(&thread_this()->user);
}

int
exec(const char *path, int argc, char *const argv[], struct trapframe *tf)
{
	struct proc *p = proc_this();
	const char *slash = strrchr(path, '/');
	struct elf_image e;
	struct inode *ip;
	struct mm *mm;
	vaddr_t esp;
	int err;

	err = path_find(p->cwd, path, &ip);
	if (err != 0)
		return err;
	err = build(ip, &e, argc, argv, &mm, &esp);
	inode_put(ip);
	if (err != 0)
		return err;
	// From here on nothing can fail.
	proc_set_mm(mm);
	strlcpy(p->name, slash != NULL ? slash + 1 : path, sizeof(p->name));
	start_over(tf, e.entry, esp);
	return 0;
}
