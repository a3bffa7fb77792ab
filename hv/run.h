// Running a guest until its monitor is needed.
//
//	guest_run ---> VMRUN ---> the guest runs
//	    ^                        | exit
//	    |    handled (hv/exit.c) v
//	    +----------------------- or told: a struct guest_exit
#pragma once
#include "hv/guest.h"

// With the guest taken. x->want and, after GUEST_IN, x->value come in; the rest
// goes out. 0, or -EINTR (the thread is to end), -ENOMEM, -EIO; the guest has
// not run on then, and can be run again. Sleeps.
int guest_run(struct guest *g, struct guest_exit *x) __must_check;
