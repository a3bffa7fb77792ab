// exec: a program from its file. Everything is built aside in a new address
// space; the commit at the end of exec() cannot fail, and until then the old
// program has not changed.
//
// A new program's stack, from the top of user memory downwards:
//
//	USER_TOP -> +-----------------------------+
//	            | the environment's strings   |  together at most
//	            | NULL                        |  ARG_MAX bytes
//	            | envp[0] ..                  |
//	    envp -> +-----------------------------+
//	            | the argument strings        |  the same
//	            | NULL                        |
//	            | argv[0] .. argv[argc - 1]   |
//	    argv -> +-----------------------------+
//	            | (up to 16 bytes, to align)  |
//	            | envp                        |  main's arguments, as a call
//	            | argv                        |  of main would leave them
//	            | argc                        |
//	     esp -> | 0xFFFFFFFF                  |  a return address: it faults
//	            +-----------------------------+
//
// Without an environment envp is the NULL behind argv.
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
	const struct exec_strings *args, *env;
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

// Gathers pointers and strings in a page, as they will lie on the stack. A
// pointer is the distance of its string from the page's start. Returns the
// bytes used, or -E2BIG.
static int
gather(char *page, const struct exec_strings *s)
{
	uint32_t *pointer = (uint32_t *)page;
	uint used;

	if (s->count >= ARG_MAX / (int)sizeof(*pointer))
		return -E2BIG;
	used = (s->count + 1) * sizeof(*pointer);
	for (int i = 0; i < s->count; i++) {
		uint n = strlen(s->text[i]) + 1;

		if (n > ARG_MAX - used)
			return -E2BIG;
		pointer[i] = used;
		memcpy(page + used, s->text[i], n);
		used += n;
	}
	pointer[s->count] = 0;
	return used;
}

// Pushes pointers and strings: g->esp becomes the pointers' address.
static int
push_strings(struct program *g, const struct exec_strings *s, char *page)
{
	uint32_t *pointer = (uint32_t *)page;
	int used = gather(page, s);

	if (used < 0)
		return used;
	g->esp = (g->esp - used) & ~3u;
	for (int i = 0; i < s->count; i++)
		pointer[i] += g->esp;
	return mm_poke(g->mm, g->esp, page, used);
}

static int
push_arguments(struct program *g, char *page)
{
	vaddr_t envp, argv;
	int err = 0;

	g->esp = USER_TOP;
	if (g->env->count > 0)
		err = push_strings(g, g->env, page);
	envp = g->esp;
	if (!err)
		err = push_strings(g, g->args, page);
	argv = g->esp;
	if (err)
		return err;
	if (g->env->count == 0)
		envp = argv + g->args->count * sizeof(uint32_t);
	// A compiler expects that the argument list of a function begins at a
	// multiple of 16 (i386 System V ABI, 2.2.2).
	g->esp = ((argv - 12) & ~15u) - 4;
	return mm_poke(g->mm, g->esp,
		       (uint32_t[]){NO_RETURN, g->args->count, argv, envp}, 16);
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
	files_close_for_exec(p->files);
	pageout_enter(g->mm);
	proc_set_mm(g->mm);
	acquire(&proc_lock);
	strlcpy(p->name, name, sizeof(p->name));
	release(&proc_lock);
	user_state_reset(&thread_this()->user);
	trapframe_start(tf, g->elf.entry, g->esp);
}

int
exec(const char *path, const struct exec_strings *args,
     const struct exec_strings *env, struct trapframe *tf)
{
	struct program g = { .args = args, .env = env };
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
