// Flags of open: O_RDONLY, O_WRONLY, O_RDWR, O_CREATE have the same values.
#pragma once
#include "abi/fcntl.h"
