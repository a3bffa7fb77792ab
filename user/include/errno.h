// Error numbers: abi/errno.h.
#pragma once
#include "abi/errno.h"
#define errno (*errno_location())
int *errno_location(void);
#define EDOM   33
