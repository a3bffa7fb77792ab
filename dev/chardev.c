// Character devices: a table from major number to functions. It is filled at
// start and then constant, so that a reader needs no lock.
#include "dev/chardev.h"
#include "abi/errno.h"

#define NMAJOR 16

static const struct chardev *devices[NMAJOR];

int
chardev_register(int major, const struct chardev *dev)
{
	if (major < 0 || major >= NMAJOR)
		return -ENODEV;
	devices[major] = dev;
	return 0;
}

const struct chardev *
chardev_find(int major)
{
	return major >= 0 && major < NMAJOR ? devices[major] : NULL;
}
