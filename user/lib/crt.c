// Where a program begins and ends.
#include "user/user.h"

// The ELF entry point: called by nobody.
void _start(int argc, char *argv[], char *envp[]);
void libc_finish(void) __attribute__((weak)); // user/libc, if it is linked

const char *progname = "?";
char **environ;

// exec makes the stack as if _start had been called with main's arguments: a
// return address that faults, argc, argv, envp. So _start can be a C function.
void
_start(int argc, char *argv[], char *envp[])
{
	environ = envp;
	if (argc > 0)
		progname = path_base(argv[0]);
	argc = main(argc, argv);
	if (libc_finish)
		libc_finish();
	exit(argc);
}

void
abort(void)
{
	exit(134);
}

// lib/assert.h says what this does: a message, then the status of an abort.
void
assert_fail(const char *cond, const char *file, int line, const char *fmt, ...)
{
	va_list ap;

	dprintf(2, "%s: %s:%d: assertion failed: %s ", progname, file, line,
		cond);
	va_start(ap, fmt);
	vdprintf(2, fmt, ap);
	va_end(ap);
	write_all(2, "\n", 1);
	abort();
}
