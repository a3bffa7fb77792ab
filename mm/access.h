// What a program, or the kernel for it, wants to do with user memory.
#pragma once

#define ACCESS_READ  0
#define ACCESS_WRITE 1
