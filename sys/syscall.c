// The table of system calls, and the way through it.
//
//	the user's stack          struct call            the table
//	+----------------+
//	| argument 1     | ---->  arg[1]          eax -> | sys_read, 3 words |
//	| argument 0     | ---->  arg[0]                 | sys_write, 3      |
//	| return address |                               | ...               |
//	+----------------+ <- tf->esp
//
// Arguments are copied once, as many as the call has and no more: a word read
// twice could change in between, and an old program's missing word may lie
// beyond the end of its stack.
#include "sys/syscall.h"
#include "abi/errno.h"
#include "fs/fs.h"
#include "lib/types.h"
#include "mm/uaccess.h"

#define RECLAIM_TRIES 2
#define RECLAIM_FRAMES 64

// What a call is until a file of sys/ defines it: the linker takes that
// definition instead of this weak one.
static int
sys_nosys(struct call *c)
{
	return -ENOSYS;
}

#define X(number, name, args)                                                  \
	int sys_##name(struct call *c)                                         \
		__attribute__((weak, alias("sys_nosys")));                     \
	_Static_assert(args <= SYSCALL_ARGS, "struct call has room for them");
SYSCALL_LIST(X)
#undef X

struct entry {
	int (*run)(struct call *c);
	uint args;
};

// What is not in the list has number 0 here.
#define X(number, name, args) [number] = { sys_##name, args },
static const struct entry table[SYS_COUNT] = {{sys_nosys, 0}, SYSCALL_LIST(X)};
#undef X

// The arguments could not be read. That is the program's error, except for
// exit: an old program calls it with nothing on its stack, and still ends.
static int
bad_arguments(const struct entry *e, struct call *c, int err)
{
	if (e->run != sys_exit)
		return err;
	c->arg[0] = 0;
	return e->run(c);
}

static inline int
run(const struct entry *e, struct call *c)
{
	const void __user *from = (const void __user *)(c->tf->esp + 4);
	int err;

	if (e->args > 0) {
		err = copyin(c->arg, from, e->args * sizeof(c->arg[0]));
		if (err != 0)
			return bad_arguments(e, c, err);
	}
	return e->run(c);
}

// Memory was out. The call holds nothing now, so pages of the cache can go.
__attribute__((noinline)) static int
run_again(const struct entry *e, struct call *c)
{
	int r = -ENOMEM;

	for (int i = 0; i < RECLAIM_TRIES && r == -ENOMEM; i++) {
		if (fs_reclaim(RECLAIM_FRAMES) == 0)
			break;
		r = run(e, c);
	}
	return r;
}

void
syscall(struct trapframe *tf)
{
	const struct entry *e = &table[tf->eax < SYS_COUNT ? tf->eax : 0];
	struct call c;
	int r;

	c.tf = tf;
	r = run(e, &c);
	if (r == -ENOMEM)
		r = run_again(e, &c);
	if (r < 0) {
		tf->edx = -r;
		r = -1;
	}
	tf->eax = r;
}
