// The begin and the end of a program.
#include "user/user.h"

void _start(int argc, char *argv[]); // the ELF entry point: called by nobody

const char *progname = "?";

// exec leaves the stack as if _start had been called with main's arguments
// (abi: a return address that faults, argc, argv), so plain C can begin here.
void
_start(int argc, char *argv[])
{
	if (argc > 0)
		progname = path_base(argv[0]);
	exit(main(argc, argv));
}

void
abort(void)
{
	exit(134);
}

// lib/assert.h's contract for programs: a message, then the status that a
// shell shows for an abort.
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
