// The compiler's header, as far as vm.c needs it.
typedef unsigned int size_t;
#define NULL ((void *)0)
