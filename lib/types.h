// Types and marks for every other file of the kernel, the programs and the host
// tools.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef unsigned char uchar;
typedef unsigned short ushort;
typedef unsigned int uint;

typedef uint32_t paddr_t;  // a physical address: what a PTE, a PDE and CR3 hold
typedef uintptr_t vaddr_t; // a virtual address that is not (yet) a pointer

// Marks for readers. sparse checks them (make lint).
#ifdef __CHECKER__
#define __user __attribute__((noderef, address_space(1)))
#define __acquires(x) __attribute__((context(x, 0, 1)))
#define __releases(x) __attribute__((context(x, 1, 0)))
#define __force __attribute__((force))
#else
#define __user // a pointer into the process: only mm/uaccess follows it
#define __acquires(x)
#define __releases(x)
#define __force
#endif
#define __must_check __attribute__((warn_unused_result))
#ifndef __noreturn // a host's own header may define it
#define __noreturn __attribute__((noreturn))
#endif
// For a few instructions that are executed often: inlined in the spine too,
// which else is compiled without. GDB still stops in them and steps over them.
#ifndef __always_inline
#define __always_inline inline __attribute__((always_inline))
#endif
#define __printf(f, a) __attribute__((format(printf, f, a)))
#ifndef __packed
#define __packed __attribute__((packed))
#endif

// What the compiler is to arrange the code for.
#define likely(c)   __builtin_expect(!!(c), 1)
#define unlikely(c) __builtin_expect(!!(c), 0)

#define countof(a) (sizeof(a) / sizeof((a)[0]))
#define container_of(p, type, member) \
	((type *)((char *)(p)-offsetof(type, member)))

static inline uint
min_uint(uint a, uint b)
{
	return a < b ? a : b;
}

static inline uint
max_uint(uint a, uint b)
{
	return a > b ? a : b;
}
