// exec: builds a new address space aside, then commits.
#pragma once
#include "lib/types.h"
struct trapframe;

// Kernel strings for a new program: its arguments, or its environment.
struct exec_strings {
	int count;
	char **text; // NULL if there are none
};

// Replaces the running process's program. The arguments with their pointers are
// at most ARG_MAX bytes, and so is the environment. tf gets the new eip and
// esp. 0 or -ENOENT, -ENOEXEC, -EACCES, -ETXTBSY (somebody writes to the file),
// -E2BIG, -ENOMEM, -EIO, with nothing changed. Ends the other threads; -EINTR
// if this one is to end itself. Sleeps.
int exec(const char *path, const struct exec_strings *args,
	 const struct exec_strings *env, struct trapframe *tf) __must_check;
