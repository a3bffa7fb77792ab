// The first process, before it runs a program.
#pragma once

// What the first process's thread runs (userinit): mounts the root file system,
// starts the kernel threads and goes on as /init. If this fails, it prints why
// and waits for ever. Called again when /init ends.
void init_start(void);
