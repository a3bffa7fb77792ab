// Pipes: bytes from writers to readers, through a ring of pages.
#pragma once
#include "lib/types.h"

#define PIPE_PAGES 4 // the pages of a pipe's ring

struct pipe;

void pipe_init(void);
// An empty pipe with both sides open; NULL if memory is out.
struct pipe *pipe_new(void);
// Closes a side, which no thread uses any more. When both sides are closed, the
// pipe is freed.
void pipe_close(struct pipe *p, bool write_side);

// Up to n bytes to the user, as soon as there are any. Returns how many, 0 if
// the pipe is empty and its write side closed, -EINTR if killed while waiting,
// -EFAULT, -ENOMEM (nothing was taken out). Sleeps.
int pipe_read(struct pipe *p, void __user *dst, uint n) __must_check;
// All n bytes from the user, waiting for room. Up to a page they are not mixed
// with the bytes of other writers. Returns n, or less if an error or a kill
// came on the way; before the first byte -EPIPE (there is no reader), -EINTR,
// -EFAULT, -ENOMEM. Sleeps.
int pipe_write(struct pipe *p, const void __user *src, uint n) __must_check;
