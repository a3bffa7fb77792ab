// File descriptors: the numbers in the running process's table of open files.
#pragma once
#include "lib/types.h"

struct file;

// A descriptor may be any number that a program made up.

// The open file, with a reference for the caller (file_put); NULL if there is
// none.
struct file *fd_get(int fd);
// The same without a reference. For the only thread of a process, during one
// call: nobody else can take the file out of the table meanwhile.
struct file *fd_peek(int fd);
// Enters the file of fd under the lowest free number from `first` on
// (0..NOFILE-1), too. The number, or -EBADF, -EMFILE.
int fd_copy(int fd, int first) __must_check;
// Reserves the lowest free number before the first change that a call makes, or
// -EMFILE. fd_install or fd_cancel must follow. Until then the number means no
// file, and no other thread gets it.
int fd_reserve(void) __must_check;
// Enters f under a reserved number; the table takes over the caller's
// reference. cloexec: exec closes the number.
void fd_install(int fd, struct file *f, bool cloexec);
// Gives a reserved number back.
void fd_cancel(int fd);
// Takes fd out of the table. The reference becomes the caller's. NULL if there
// is none.
struct file *fd_remove(int fd);

// Does exec close the number? 1, 0 or -EBADF.
int fd_cloexec(int fd) __must_check;
// 0 or -EBADF.
int fd_set_cloexec(int fd, bool set) __must_check;
