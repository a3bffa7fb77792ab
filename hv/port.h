// A guest's accesses to ports. Two steps: the exit describes the access, and
// the next guest_run carries the answer out.
#pragma once
#include "hv/guest.h"

// The exit EXIT_IO. As guest_exit (hv/exit.h).
int port_exit(struct guest *g, struct guest_exit *x) __must_check;
// Carries out the access that the monitor has answered in x, if there is one.
void port_done(struct guest *g, const struct guest_exit *x);
