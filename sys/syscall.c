// The table of system calls, and the way through it.
//
//	the user's stack          struct call            the table
//	+----------------+
//	| argument 1     | ---->  arg[1]          eax -> | sys_read, 3 words |
//	| argument 0     | ---->  arg[0]                 | sys_write, 3      |
//	| return address |                               | ...               |
//	+----------------+ <- tf->esp
//
// Arguments are copied once, because a word that is read twice could change in
// between. Only as many are copied as the call has, because beyond them the
// stack may end.
#include "sys/syscall.h"
#include "abi/errno.h"
#include "lib/types.h"
#include "mm/uaccess.h"
#include "sys/call.h"
#include "sys/reclaim.h"

// A number without a call.
static int
no_call(struct call *c)
{
	return -ENOSYS;
}

struct entry {
	int (*run)(struct call *c);
	uint args;
};

#define X(number, name, args) [number] = { sys_##name, args },
static const struct entry calls[SYS_COUNT] = {{no_call, 0}, SYSCALL_LIST(X)};
#undef X
#define X(number, name, args)                                                  \
	_Static_assert(args <= SYSCALL_ARGS, "struct call has room for them");
SYSCALL_LIST(X)
#undef X

// The arguments cannot be read. This is the program's error, but not for exit:
// an old program calls exit with nothing on its stack, and must still end.
static int
bad_arguments(const struct entry *e, struct call *c, int err)
{
	if (e->run != sys_exit)
		return err;
	c->arg[0] = 0;
	return e->run(c);
}

static inline int
run_call(const struct entry *e, struct call *c)
{
	const void __user *from = (const void __user *)(c->tf->esp + 4);
	int err;

	if (e->args > 0) {
		err = copyin_words(c->arg, from, e->args);
		if (err)
			return bad_arguments(e, c, err);
	}
	return e->run(c);
}

// Memory was out, and the call holds nothing any more. A call that promises
// memory has asked the policy itself: its -ENOMEM is the answer.
__attribute__((noinline)) static int
run_again(const struct entry *e, struct call *c)
{
	int r = -ENOMEM, tries = 0;

	if (e->run == sys_sbrk || e->run == sys_mmap)
		return r;
	while (r == -ENOMEM && reclaim_for_call(tries++))
		r = run_call(e, c);
	return r;
}

void
syscall(struct trapframe *tf)
{
	const struct entry *e = &calls[tf->eax < SYS_COUNT ? tf->eax : 0];
	struct call c;
	int r;

	c.tf = tf;
	r = run_call(e, &c);
	if (r == -ENOMEM)
		r = run_again(e, &c);
	if (r < 0) {
		tf->edx = -r;
		r = -1;
	}
	tf->eax = r;
}
