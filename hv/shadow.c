// Shadow page tables: page faults, CR3 loads, invlpg (hv/shadow.h).
#include "hv/shadow.h"
#include "abi/errno.h"
#include "hv/count.h"
#include "hv/shadowtab.h"
#include "kalloc.h"
#include "lib/string.h"

#define SHADOWS_MIN 64 // a guest may have so many; a large one has one for each
#define SHADOWS_PAGES 16 // ... so many pages of its memory

// ---- Life ------------------------------------------------------------------

int
shadow_begin(struct shadow_space *s, struct guest_memory *mem, bool strict)
{
	memset(s, 0, sizeof(*s));
	list_init(&s->shadows);
	s->mem = mem;
	s->strict = strict;
	s->max = max_uint(SHADOWS_MIN, mem->size / PGSIZE / SHADOWS_PAGES);
	s->scratch = kalloc();
	if (!s->scratch || frames_begin(s))
		return -ENOMEM;
	s->host = tlb_shadow_begin(mem->mm);
	return s->host ? 0 : -EAGAIN;
}

void
shadow_end(struct shadow_space *s)
{
	if (s->host)
		tlb_shadow_end(s->host);
	shadow_free_all(s);
	frames_end(s);
	if (s->scratch)
		kfree(s->scratch);
}

static void
drop_all(struct shadow_space *s)
{
	guest_count(GUESTS_DROPPED);
	shadow_free_all(s);
}

void
shadow_catch_up(struct shadow_space *s)
{
	if (tlb_shadow_stale(s->host))
		drop_all(s);
}

// Do the shadows follow the guest's tables? Without paging there are none, and
// without CR0.WP the two levels' permissions cannot stay apart: shadows are
// then PRIVATE, and last until the next load of CR3.
static bool
follows(const struct shadow_space *s)
{
	return (s->rules.cr0 & (CR0_PG | CR0_WP)) == (CR0_PG | CR0_WP);
}

// shadow_make, that makes room if need be. -ENOMEM, or -EAGAIN: all shadows are
// gone, and the guest is to fault again.
static int
make_shadow(struct shadow_space *s, enum shadow_kind kind, struct frame *f,
	    struct shadow **t)
{
	*t = shadow_make(s, kind, f);
	if (*t)
		return 0;
	if (s->count == 0)
		return -ENOMEM;
	drop_all(s);
	return -EAGAIN;
}

int
shadow_root(struct shadow_space *s, paddr_t *cr3)
{
	uint32_t pa = PTE_ADDR(s->rules.cr3);
	struct frame *f = NULL;
	int err = 0;

	if (!s->root && follows(s)) {
		if (!guest_has(s->mem, pa, PGSIZE))
			return -ENXIO;
		f = frame_of(s, pa);
		s->root = shadow_find(f, SHADOW_DIR);
	}
	while (!s->root) {
		err = make_shadow(s, SHADOW_DIR, f, &s->root);
		if (err == -ENOMEM)
			return err;
	}
	*cr3 = V2P(s->root->entry);
	return 0;
}

// ---- Out of sync -----------------------------------------------------------

// Drops the entries of a shadow whose originals, now[], have changed. A shadow
// that has none left is freed: its page may have a new use.
static void
compare_entries(struct shadow_space *s, struct shadow *t, const pte_t *now)
{
	uint left = 0;

	for (uint i = 0; i < NPTENTRIES; i++) {
		if (!t->entry[i])
			continue;
		if (now[i] != t->seen[i])
			shadow_clear(s, t, i);
		else
			left++;
	}
	if (!left)
		shadow_free(s, t);
}

// The same with the guest's table as it stands in its memory, if it still does.
static void
compare_table(struct shadow_space *s, struct shadow *t)
{
	uint32_t pa = t->frame->number * PGSIZE;

	if (guest_read(s->mem, pa, s->scratch, PGSIZE))
		shadow_free(s, t);
	else
		compare_entries(s, t, s->scratch);
}

static void
sync_frame(struct shadow_space *s, struct frame *f)
{
	struct shadow *t, *next;

	guest_count(GUESTS_SYNCED);
	f->unsynced = false;
	for (t = f->shadows; t; t = next) {
		next = t->next;
		compare_table(s, t);
	}
	if (f->shadows)
		shadow_protect(s, f);
}

// The shadow of a table, to be linked for a further address. Old entries go:
// the guest may have said invlpg for the address before it led here.
static struct shadow *
find_table(struct shadow_space *s, struct frame *f)
{
	struct shadow *t = shadow_find(f, SHADOW_TABLE);

	if (!t || !f->unsynced)
		return t;
	compare_table(s, t);
	return shadow_find(f, SHADOW_TABLE);
}

static void
sync(struct shadow_space *s)
{
	struct frame *f;

	while ((f = s->unsynced)) {
		s->unsynced = f->next;
		sync_frame(s, f);
	}
}

// ---- Page faults -----------------------------------------------------------

// A fault under way.
struct guest_fault {
	uint32_t va;
	uint err;
	struct walk w;
	struct shadow_view view;
	paddr_t frame; // the host's
};

// Does a write to a page that the guest has read-only go through, as CR0.WP is
// clear? The entry then has W, but not U: the guest's user mode faults, and
// gets the other entry.
static bool
supervisor_write(const struct guest_fault *f)
{
	return f->err & PF_W && !(f->w.perm & PTE_W);
}

// Without "out of sync" a table may be written to until the next fault of
// another kind. Not shorter: the store needs an entry with W, perhaps in the
// very table that it changes.
static void
be_strict(struct shadow_space *s, const struct guest_fault *f)
{
	bool store = f->err & PF_W && f->w.allowed &&
		     guest_has(s->mem, f->w.frame, PGSIZE) &&
		     frame_of(s, f->w.frame)->unsynced;

	if (s->strict && !store)
		sync(s);
}

static bool
is_table(const struct frame *f)
{
	return f->shadows && !f->unsynced;
}

static void
look_guest(struct shadow_space *s, struct guest_fault *f)
{
	struct shadow_view *v = &f->view;

	v->write = f->err & PF_W;
	v->allowed = f->w.allowed;
	v->memory = v->allowed && guest_has(s->mem, f->w.frame, PGSIZE);
	if (!v->memory)
		return;
	v->table = is_table(frame_of(s, f->w.frame));
	v->guest_w = f->w.perm & PTE_W || supervisor_write(f);
	v->guest_d = f->w.entry[1] & PTE_D || !(s->rules.cr0 & CR0_PG);
	v->host_w = true;
	v->host_w = shadow_may_write(v); // if the host has it
	v->host = guest_frame(s->mem, f->w.frame, &f->frame, &v->host_w);
}

// The guest's bits that a directory's entry keeps, beside A and D.
static bool
same_entry(pte_t a, pte_t b)
{
	return ((a ^ b) & ~(PTE_A | PTE_D)) == 0;
}

// The shadow table for f->va below the root, made if need be. 0, -EAGAIN,
// -ENOMEM.
static int
table_for(struct shadow_space *s, const struct guest_fault *f,
	  struct shadow **t)
{
	bool private = !follows(s) || f->w.big;
	uint i = PDX(f->va);
	struct frame *frame = NULL;
	pte_t perm = PTE_W | PTE_U;
	int err;

	*t = shadow_child(s->root, i);
	if (*t && same_entry(s->root->seen[i], f->w.entry[0])) {
		s->root->seen[i] = f->w.entry[0];
		return 0;
	}
	shadow_clear(s, s->root, i);
	*t = NULL;
	if (!private) {
		frame = frame_of(s, PTE_ADDR(f->w.entry[0]));
		perm = f->w.entry[0] & (PTE_W | PTE_U);
		*t = find_table(s, frame);
	}
	err = *t ? 0
		 : make_shadow(s, private ? SHADOW_PRIVATE : SHADOW_TABLE,
			       frame, t);
	if (!err)
		shadow_link(s->root, i, *t, perm, f->w.entry[0]);
	return err;
}

// Fills the entry for a fault that is allowed. If the page is the table itself
// that leads to it, the table has only now become one: the view is looked at
// again.
static int
fill_entry(struct shadow_space *s, struct guest_fault *f)
{
	struct shadow *t;
	pte_t perm;
	int err = guest_walk_used(s->mem, f->err, &f->w);

	if (!err)
		err = table_for(s, f, &t);
	if (err)
		return err;
	f->view.table = is_table(frame_of(s, f->w.frame));
	perm = t->kind == SHADOW_TABLE ? f->w.entry[1] : f->w.perm;
	perm = supervisor_write(f) ? 0 : perm & PTE_U;
	if (shadow_may_write(&f->view))
		perm |= PTE_W;
	shadow_set(s, t, PTX(f->va), f->frame | perm,
		   t->kind == SHADOW_TABLE ? f->w.entry[1] : f->w.frame);
	return 0;
}

static void
let_write(struct shadow_space *s, struct frame *frame)
{
	guest_count(GUESTS_TABLE);
	shadow_unsync(s, frame);
}

// One row of the table. As shadow_fault, or -EAGAIN: the guest is to try again;
// or -EFAULT: the monitor has no memory there.
static int
do_case(struct shadow_space *s, struct guest_fault *f, uint32_t *out)
{
	enum shadow_do what = shadow_case(&f->view);
	int err;

	switch (what) {
	case SHADOW_INJECT: *out = guest_walk_error(&f->w, f->err); return what;
	case SHADOW_NO_MEMORY: *out = f->w.frame | PGOFFSET(f->va); return what;
	case SHADOW_UNPROTECT:
		let_write(s, frame_of(s, f->w.frame));
		return -EAGAIN;
	case SHADOW_HOST:
		err = guest_bring(s->mem, f->w.frame, f->view.write);
		return err ? err : -EAGAIN;
	default: err = fill_entry(s, f); return err ? err : SHADOW_FILL;
	}
}

// After -EAGAIN the guest runs, and faults again if it must: no loop here can
// fail to end.
int
shadow_fault(struct shadow_space *s, uint32_t va, uint err, uint32_t *out)
{
	struct guest_fault f = { .va = va, .err = err & (PF_W | PF_U) };
	int r = guest_walk(&s->rules, s->mem, va, f.err, &f.w);

	if (r == -ENXIO) {
		*out = f.w.pa[0] ? f.w.pa[f.w.pa[1] != 0] : s->rules.cr3;
		return SHADOW_NO_MEMORY;
	}
	if (r)
		return r;
	be_strict(s, &f);
	look_guest(s, &f);
	if (!s->root)
		return SHADOW_FILL;
	r = do_case(s, &f, out);
	if (r == -EFAULT) {
		*out = f.w.frame;
		return SHADOW_NO_MEMORY;
	}
	return r == -EAGAIN ? SHADOW_FILL : r;
}

// ---- What the guest says about its tables ----------------------------------

void
shadow_load_cr3(struct shadow_space *s, uint32_t cr3)
{
	if (follows(s))
		sync(s);
	else if (s->rules.cr0 & CR0_PG)
		drop_all(s);
	s->rules.cr3 = cr3;
	s->root = NULL;
	s->fresh = true;
}

void
shadow_set_mode(struct shadow_space *s, uint32_t cr0, uint32_t cr4)
{
	uint32_t changed = ((cr0 ^ s->rules.cr0) & (CR0_PG | CR0_WP)) |
			   ((cr4 ^ s->rules.cr4) & CR4_PSE);

	s->rules.cr0 = cr0;
	s->rules.cr4 = cr4;
	if (changed)
		drop_all(s);
}

// Other addresses may keep an old translation: a TLB may too. But invlpg
// forgets the whole of a 4 MB page, and the directory's entry, which may be an
// old one (SDM vol. 3, 4.10.4.1).
void
shadow_invlpg(struct shadow_space *s, uint32_t va)
{
	struct shadow *t = s->root ? shadow_child(s->root, PDX(va)) : NULL;

	if (!t)
		return;
	if (t->kind == SHADOW_PRIVATE) {
		shadow_clear(s, s->root, PDX(va));
		return;
	}
	shadow_clear(s, t, PTX(va));
	if (s->root->frame->unsynced)
		shadow_clear(s, s->root, PDX(va));
}

void
shadow_device_write(struct shadow_space *s, uint32_t pa)
{
	struct frame *f = frame_of(s, pa);

	if (f->shadows && !f->unsynced)
		let_write(s, f);
}
