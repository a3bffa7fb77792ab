// System calls about guests (hv/guest.h).
#pragma once

struct vminfo;

void guestcall_init(void); // once
// Fills in the counts of what guests did.
void guestcall_count(struct vminfo *v);
