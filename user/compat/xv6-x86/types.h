// Source compatibility with xv6 for x86: the headers of this folder let a
// program that was written for it compile unchanged, over our own library:
//
//	make COMPAT=xv6-x86 EXTRA_SRC=NAME.c
//
// This folder stands before all others, because the names of its files are
// xv6's. (A program that xv6's own tools have linked needs nothing: the kernel
// runs it.)
#pragma once

typedef unsigned int uint;
typedef unsigned short ushort;
typedef unsigned char uchar;
typedef unsigned int pde_t;
