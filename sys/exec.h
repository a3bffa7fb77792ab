// exec: builds a new address space aside, then commits.
#pragma once
#include "lib/types.h"
struct trapframe;

// Replaces the running process's program. argv: argc kernel strings, together
// with their pointers at most ARG_MAX. tf gets the new eip and esp. 0 or
// -ENOENT, -ENOEXEC, -EACCES, -ETXTBSY (somebody writes to the file), -E2BIG,
// -ENOMEM, -EIO, with nothing changed. Ends the other threads; -EINTR if this
// one is to end itself. Sleeps.
int exec(const char *path, int argc, char *const argv[], struct trapframe *tf)
	__must_check;
