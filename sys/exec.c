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
//	            | argv                        |  main's arguments, as a call
//	            | argc                        |  of main would leave them
//	     esp -> | 0xFFFFFFFF                  |  a return address: it faults
//	            +-----------------------------+
#include "sys/exec.h"
#include "abi/errno.h"
#include "abi/limits.h"
#include "abi/mman.h"
#include "file/files.h"
#include "fs/path.h"
#include "lib/string.h"
#include "mm/fault.h"
#include "mm/mm.h"
#include "mm/pageout.h"
#include "mm/swap.h"
#include "mm/uaccess.h"
#include "proc.h"
#include "sys/elf.h"
#include "x86/trapframe.h"

#define STACK_START (4 * PGSIZE) // the stack's area before it has grown

_Static_assert(ARG_MAX == PGSIZE, "the arguments are gathered in one page");

// A program that is built aside.
struct program {
	struct inode *ip;       // the file
	int argc;               // the arguments
	char *const *argv;
	struct elf_image elf;   // what the file asks for
	struct mm *mm;          // the new space
	vaddr_t esp;            // the new stack pointer
};

// ---- Reading the file -------------------------------------------------------

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
	err = inode_copy(ip, 0, &h, sizeof(h));
	if (!err)
		err = elf_begin(e, &h, USER_TOP - STACK_MAX);
	for (uint i = 0; !err && i < e->phnum; i++) {
		err = inode_copy(ip, e->phoff + i * sizeof(s), &s, sizeof(s));
		if (!err)
			err = elf_add(e, &s, st.size);
	}
	return err ? err : e->count ? 0 : -ENOEXEC;
}

// ---- The address space ------------------------------------------------------

// Copies the file's bytes of a load into mm, which has an area for them.
static int
copy_load(struct mm *mm, struct inode *ip, const struct elf_load *l)
{
	struct page *pg;
	int err;

	for (uint n, done = 0; done < l->filesz; done += n) {
		vaddr_t va = l->va + done;

		n = min_uint(l->filesz - done, PGSIZE - PGOFFSET(va));
		err = user_page(mm, va, ACCESS_WRITE, &pg);
		if (err)
			return err;
		err = inode_copy(ip, l->off + done,
				 (char *)page_va(pg) + PGOFFSET(va), n);
		swap_page_put(pg);
		if (err)
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

	err = mm_map(mm, &(struct map_request){
				 .addr = start,
				 .len = end - start,
				 .prot = PROT_READ | PROT_WRITE,
			 });
	for (uint i = 0; !err && i < n; i++)
		err = copy_load(mm, ip, &l[i]);
	for (vaddr_t va = start; !err && va < end; va += PGSIZE)
		if (!page_writable(l, n, va))
			err = mm_mprotect(mm, va, PGSIZE, PROT_READ);
	return err;
}

// How many bytes of the file a load shows. Where nobody writes, and a page of
// memory is a page of the file, the last page is the file's too, with what
// follows there: all who run the program share this page. Elsewhere zeros
// follow the load's last byte.
static uint
bytes_shown(const struct elf_load *l)
{
	bool pages = !PGOFFSET(l->va) && !PGOFFSET(l->off);

	return pages && !l->write && l->memsz == l->filesz
		       ? PGROUNDUP(l->filesz)
		       : l->filesz;
}

static int
map_load(struct mm *mm, struct inode *ip, const struct elf_load *l)
{
	uint shown = bytes_shown(l);

	return mm_map(mm,
		      &(struct map_request){
			      .addr = l->va,
			      .len = max_uint(l->memsz, shown),
			      .prot = PROT_READ | (l->write ? PROT_WRITE : 0),
			      .ip = ip,
			      .off = l->off,
			      .filelen = shown,
		      });
}

static int
map_program(struct mm *mm, struct inode *ip, const struct elf_image *e)
{
	const struct elf_load *l;
	int err = 0;
	uint n;

	for (uint i = 0; !err && i < e->count; i += n) {
		l = &e->load[i];
		n = elf_group(e, i);
		if (n > 1)
			err = map_together(mm, ip, l, n);
		else
			err = map_load(mm, ip, l);
	}
	if (!err)
		mm_brk_start(mm, PGROUNDUP(e->end));
	return err;
}

// Gathers pointers and strings in a page, as they will lie at the top of the
// stack. A pointer is the distance of its string from the page's start. Returns
// the bytes used, or -E2BIG.
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
push_arguments(struct program *g, char *page)
{
	uint32_t *pointer = (uint32_t *)page;
	int used = gather(page, g->argc, g->argv), err;
	vaddr_t argv;

	if (used < 0)
		return used;
	argv = (USER_TOP - used) & ~3u;
	for (int i = 0; i < g->argc; i++)
		pointer[i] += argv;
	err = mm_poke(g->mm, argv, page, used);
	if (err)
		return err;
	// A compiler expects that the argument list of a function begins at a
	// multiple of 16 (i386 System V ABI, 2.2.2).
	g->esp = ((argv - 8) & ~15u) - 4;
	return mm_poke(g->mm, g->esp, (uint32_t[]){ NO_RETURN, g->argc, argv },
		       12);
}

static int
map_stack(struct program *g)
{
	char *page;
	int err;

	err = mm_map(g->mm, &(struct map_request){
				    .addr = USER_TOP - STACK_START,
				    .len = STACK_START,
				    .prot = PROT_READ | PROT_WRITE,
				    .flags = AREA_STACK,
			    });
	if (err)
		return err;
	page = kalloc();
	if (!page)
		return -ENOMEM;
	err = push_arguments(g, page);
	kfree(page);
	return err;
}

// Makes the new space, with the file's program and its arguments in it.
static int
build(struct program *g)
{
	int err;

	g->mm = mm_new();
	if (!g->mm)
		return -ENOMEM;
	// First of all, so that the file cannot change while it is read.
	err = mm_set_program(g->mm, g->ip);
	if (!err)
		err = read_headers(g->ip, &g->elf);
	if (!err)
		err = map_program(g->mm, g->ip, &g->elf);
	if (!err)
		err = map_stack(g);
	if (err)
		mm_put(g->mm);
	return err == -ENXIO ? -ENOEXEC : err; // the file is too short
}

// ---- The commit -------------------------------------------------------------

// The running thread, the only one now, goes on as the first of the program.
static void
start_over(struct trapframe *tf, const struct program *g, const char *name)
{
	struct proc *p = proc_this();

	team_take_over(&p->team);
	files_close_objects(p->files);
	pageout_enter(g->mm);
	proc_set_mm(g->mm);
	acquire(&proc_lock);
	strlcpy(p->name, name, sizeof(p->name));
	release(&proc_lock);
	user_state_reset(&thread_this()->user);
	trapframe_start(tf, g->elf.entry, g->esp);
}

int
exec(const char *path, int argc, char *const argv[], struct trapframe *tf)
{
	struct program g = { .argc = argc, .argv = argv };
	struct proc *p = proc_this();
	struct inode *cwd = files_cwd(p->files);
	const char *slash = strrchr(path, '/');
	int err = path_find(cwd, path, &g.ip);

	inode_put(cwd);
	if (err)
		return err;
	err = build(&g);
	inode_put(g.ip);
	if (err)
		return err;
	// The other threads end now. Only the end of the process can keep this
	// one from going on.
	err = team_alone(&p->team);
	if (err) {
		mm_put(g.mm);
		return err;
	}
	start_over(tf, &g, slash ? slash + 1 : path);
	return 0;
}
