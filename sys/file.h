// Open files and the table of them that a process has.
#pragma once
#include "lib/types.h"

struct files;

void file_init(void);
// An empty table; NULL if memory is out.
struct files *files_new(void);
// fork: a table whose entries refer to the same open files. NULL: no memory.
struct files *files_clone(struct files *f);
// exit: closes everything. Sleeps.
void files_put(struct files *f);
