// A plugin for QEMU: counts the guest's instructions between two marks, by
// address and by call stack. tools/bench/profile starts it and reads its
// output.
//
// Arguments, each NAME=VALUE:
//
//	out=FILE       where the counts go when QEMU ends
//	symbols=FILE   lines "ADDRESS NAME", sorted, of the kernel's and of the
//	               program's functions
//	program=FILE   the program's ELF file, whose offsets are its addresses
//	start=ADDRESS  executing this instruction of the program or of the
//	               kernel begins a count,
//	stop=ADDRESS   and this one ends it; 0: the first one of a program does
//	skip=N         the first N pairs of marks do not count
//
// The guest has one CPU, so nothing here needs a lock. An address alone does
// not name a user instruction, because every program begins at 0x1000: the
// bytes of the instruction are compared with the program's file.
//
// Output: "i ADDRESS IN-PROGRAM COUNT" for each instruction, and "s COUNT
// NAME;NAME;..." for each call stack, outermost name first.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "memlayout.h"
#include "tools/bench/names.h"
#include "tools/bench/qemu_plugin.h"

enum { HASH = 1 << 16, DEPTH = 128 };

struct insn {
	struct insn *next; // of the same hash
	uint64_t va;
	bool in_program;
	uint64_t executed;
	int64_t counted; // what was executed between marks
};

// A call stack: a function, called from the stack `parent`.
struct node {
	struct node *parent, *child, *sibling;
	const char *function;
	uint64_t self;
};

// The calls on one kernel stack that have not returned, outermost first.
struct shadow {
	int depth;
	struct {
		uint64_t va;         // where the return address stands
		struct node *caller;
	} calls[DEPTH];
};

// Instructions of one function that are executed one after the other.
struct block {
	const char *function;
	bool user;
};

int qemu_plugin_version = 1;

static const char other[] = "another program";
static struct insn *insns[HASH];
static uint64_t executed; // all instructions so far
static uint64_t attributed;
static struct node root = { .function = "all" };
static struct node *leaf = &root;   // where executed instructions belong
static struct node *parent = &root; // who called the running function
static struct shadow shadows[KSTACK_COUNT + 1]; // the last: all other stacks
static bool counting;

static const char *out_name;
static uint64_t start_va, stop_va;
static int skip;

// ---- Instructions -----------------------------------------------------------
static struct insn *
insn_at(uint64_t va, bool in_program)
{
	struct insn **head = &insns[va % HASH], *i;

	for (i = *head; i; i = i->next)
		if (i->va == va && i->in_program == in_program)
			return i;
	i = calloc(1, sizeof(*i));
	if (!i)
		abort();
	i->va = va;
	i->in_program = in_program;
	i->next = *head;
	return *head = i;
}

// ---- Call stacks ------------------------------------------------------------
// The stack `caller` with one more function.
static struct node *
extend(struct node *caller, const char *function)
{
	struct node *n;

	for (n = caller->child; n; n = n->sibling)
		if (n->function == function)
			return n;
	n = calloc(1, sizeof(*n));
	if (!n)
		abort();
	n->parent = caller;
	n->function = function;
	n->sibling = caller->child;
	return caller->child = n;
}

static struct shadow *
shadow_of(uint64_t va)
{
	bool slot = va >= KSTACKS && va < PTWINDOW;

	return &shadows[slot ? (va - KSTACKS) / KSTACK_SLOT : KSTACK_COUNT];
}

// Forgets the calls whose return address stands at va or deeper: they have
// returned, or their thread has ended.
static struct shadow *
forget_returned(uint64_t va)
{
	struct shadow *s = shadow_of(va);

	while (s->depth > 0 && s->calls[s->depth - 1].va <= va)
		s->depth--;
	return s;
}

// A call instruction of the kernel has stored its return address at va.
static void
on_call(unsigned cpu, plugin_meminfo info, uint64_t va, void *data)
{
	struct shadow *s;

	if (!qemu_plugin_mem_is_store(info))
		return; // the load of the pointer
	s = forget_returned(va);
	parent = leaf;
	if (s->depth == DEPTH)
		return;
	s->calls[s->depth].va = va;
	s->calls[s->depth++].caller = leaf;
}

// A ret instruction of the kernel has loaded its return address from va, maybe
// on another thread's stack.
static void
on_return(unsigned cpu, plugin_meminfo info, uint64_t va, void *data)
{
	struct shadow *s = forget_returned(va);

	parent = s->depth > 0 ? s->calls[s->depth - 1].caller : &root;
}

static void
attribute(void)
{
	if (counting)
		leaf->self += executed - attributed;
	attributed = executed;
}

// ---- The marks --------------------------------------------------------------
static void
add_counts(int sign)
{
	for (int h = 0; h < HASH; h++)
		for (struct insn *i = insns[h]; i; i = i->next)
			i->counted += sign * (int64_t)i->executed;
}

static void
on_start(unsigned cpu, void *data)
{
	attribute();
	if (skip > 0 || counting)
		return;
	add_counts(-1);
	counting = true;
}

static void
on_stop(unsigned cpu, void *data)
{
	attribute();
	if (counting)
		add_counts(1);
	else
		skip--;
	counting = false;
}

// ---- Blocks -----------------------------------------------------------------
// A block begins: what was executed before belonged to the old leaf. The kernel
// is entered from a program with an empty stack.
static void
on_block(unsigned cpu, void *data)
{
	static bool was_user;
	const struct block *b = data;

	attribute();
	if (b->user && stop_va == 0)
		on_stop(cpu, NULL);
	if (b->user || was_user)
		parent = &root;
	was_user = b->user;
	leaf = extend(parent, b->function);
}

// ---- Translation ------------------------------------------------------------
// Watches calls and returns of the kernel, by their first byte; FF /2 is a call
// through a pointer (Intel SDM volume 2, CALL and RET).
static void
watch_calls(struct qemu_plugin_insn *insn, const unsigned char *bytes)
{
	if (bytes[0] == 0xE8 || (bytes[0] == 0xFF && (bytes[1] >> 3 & 7) == 2))
		qemu_plugin_register_vcpu_mem_cb(insn, on_call, PLUGIN_NO_REGS,
						 PLUGIN_MEM_RW, NULL);
	if (bytes[0] == 0xC3 || bytes[0] == 0xC2)
		qemu_plugin_register_vcpu_mem_cb(
			insn, on_return, PLUGIN_NO_REGS, PLUGIN_MEM_RW, NULL);
}

static bool
translate_insn(struct qemu_plugin_insn *insn)
{
	uint64_t va = qemu_plugin_insn_vaddr(insn);
	const unsigned char *bytes = qemu_plugin_insn_data(insn);
	bool ours = names_in_program(va, bytes, qemu_plugin_insn_size(insn));
	bool marks = ours || va >= KERNBASE;

	qemu_plugin_register_vcpu_insn_exec_inline(
		insn, PLUGIN_ADD_U64, &insn_at(va, ours)->executed, 1);
	qemu_plugin_register_vcpu_insn_exec_inline(insn, PLUGIN_ADD_U64,
						   &executed, 1);
	if (va >= KERNBASE)
		watch_calls(insn, bytes);
	if (marks && va == start_va)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_start,
						       PLUGIN_NO_REGS, NULL);
	if (marks && va == stop_va)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_stop,
						       PLUGIN_NO_REGS, NULL);
	return ours;
}

// A block of QEMU's may go on into the next function of the assembler.
static void
translate(plugin_id id, struct qemu_plugin_tb *tb)
{
	const char *last = NULL;

	for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
		uint64_t va = qemu_plugin_insn_vaddr(insn);
		bool ours = translate_insn(insn), user = va < KERNBASE;
		const char *function =
			user && !ours ? other : names_function_at(va);
		struct block *b;

		if (function == last)
			continue;
		b = calloc(1, sizeof(*b));
		if (!b)
			abort();
		b->user = user;
		b->function = last = function;
		qemu_plugin_register_vcpu_insn_exec_cb(insn, on_block,
						       PLUGIN_NO_REGS, b);
	}
}

// ---- Output -----------------------------------------------------------------
static void
print_stack(FILE *out, const struct node *n)
{
	if (n->parent != &root) {
		print_stack(out, n->parent);
		fputc(';', out);
	}
	fputs(n->function, out);
}

static void
print_stacks(FILE *out, const struct node *n)
{
	if (n->self > 0 && n != &root) {
		fprintf(out, "s %llu ", (unsigned long long)n->self);
		print_stack(out, n);
		fputc('\n', out);
	}
	for (n = n->child; n; n = n->sibling)
		print_stacks(out, n);
}

static void
print_counts(plugin_id id, void *data)
{
	FILE *out = fopen(out_name, "w");

	if (!out) {
		perror(out_name);
		return;
	}
	for (int h = 0; h < HASH; h++)
		for (struct insn *i = insns[h]; i; i = i->next)
			if (i->counted)
				fprintf(out, "i %llx %d %lld\n",
					(unsigned long long)i->va,
					i->in_program, (long long)i->counted);
	print_stacks(out, &root);
	fclose(out);
}

// ---- Start ------------------------------------------------------------------
int
qemu_plugin_install(plugin_id id, const void *info, int argc, char **argv)
{
	for (int i = 0; i < argc; i++) {
		char *value = strchr(argv[i], '=');

		if (!value)
			return 1;
		*value++ = '\0';
		if (strcmp(argv[i], "out") == 0)
			out_name = strdup(value);
		else if (strcmp(argv[i], "symbols") == 0)
			names_read_symbols(value);
		else if (strcmp(argv[i], "program") == 0)
			names_read_program(value);
		else if (strcmp(argv[i], "start") == 0)
			start_va = strtoull(value, NULL, 16);
		else if (strcmp(argv[i], "stop") == 0)
			stop_va = strtoull(value, NULL, 16);
		else if (strcmp(argv[i], "skip") == 0)
			skip = atoi(value);
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	qemu_plugin_register_atexit_cb(id, print_counts, NULL);
	return 0;
}
