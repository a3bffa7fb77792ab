// File descriptors: the numbers in the running process's table of open files.
#pragma once
#include "lib/types.h"

struct file;

// A descriptor may be any number that a program made up.

// The open file, with a reference for the caller (file_put); NULL if there is
// none.
struct file *fd_get(int fd);
// Are n numbers free? Checked before the first change that open or pipe makes.
bool fd_room(uint n);
// Enters f under the lowest free number and returns this number; the table
// takes over the caller's reference. -EMFILE leaves everything as it was.
int fd_install(struct file *f) __must_check;
// Takes fd out of the table. The reference becomes the caller's. NULL if there
// is none.
struct file *fd_remove(int fd);
