// Character devices: a table from major number to functions, filled at the
// start and constant from then on, so that nobody needs a lock to read it.
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
