// A second file of the same program.
#include "other.h"

int
other(int n)
{
	return 2 * n;
}
