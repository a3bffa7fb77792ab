// The first process before it is a program.
#pragma once

// Mounts the root file system, starts the flusher and goes on as /init; if it
// cannot, says why and waits. The body of the first process's thread
// (userinit); called again when /init ends.
void init_start(void);
