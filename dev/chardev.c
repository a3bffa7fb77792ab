// Character devices: a table from major number to functions. It is filled at
// start and then constant, so that a reader needs no lock.
#include "dev/chardev.h"
#include "abi/errno.h"
#include "abi/stat.h"
#include "lib/string.h"

#define NMAJOR 16

// ---- The devices without a machine behind them ------------------------------

static int
read_nothing(void *dst, uint n)
{
	return 0;
}

static int
read_zeros(void *dst, uint n)
{
	memset(dst, 0, n);
	return n;
}

static int
write_all(const void *src, uint n)
{
	return n;
}

static const struct chardev null = { read_nothing, write_all };
static const struct chardev zero = { read_zeros, write_all };

// ---- The table --------------------------------------------------------------

static const struct chardev *devices[NMAJOR] = {
	[DEV_NULL] = &null, [DEV_ZERO] = &zero};

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
