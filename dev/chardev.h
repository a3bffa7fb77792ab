// Character devices, by major number (abi/stat.h). DEV_NULL and DEV_ZERO are
// there from the start.
#pragma once
#include "lib/types.h"

struct chardev {
	// Reads up to n bytes to kernel memory. Returns their count, 0 at the
	// end of input, or -EINTR. Sleeps.
	int (*read)(void *dst, uint n);
	// Writes n bytes from kernel memory. Returns the count or an error. May
	// sleep.
	int (*write)(const void *src, uint n);
};

// 0 or -ENODEV (major out of range).
int chardev_register(int major, const struct chardev *dev) __must_check;
const struct chardev *chardev_find(int major); // NULL if there is none
