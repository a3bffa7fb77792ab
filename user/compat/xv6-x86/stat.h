// struct stat and the types of files: the kernel's own (abi/stat.h) are the
// same.
#pragma once
#include "abi/stat.h"
