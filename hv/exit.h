// What is done about an exit of a guest's processor.
#pragma once
#include "hv/guest.h"

// Handles the exit that the control block describes: EXIT_GO_ON, EXIT_TELL, or
// an error (-ENOMEM, -EIO). Sleeps.
int guest_exit(struct guest *g, struct guest_exit *x) __must_check;
