// The table of hv/shadow_case.h, in its order.
#include "hv/shadow_case.h"

enum shadow_do
shadow_case(const struct shadow_view *v)
{
	if (!v->allowed)
		return SHADOW_INJECT;
	if (!v->memory)
		return SHADOW_NO_MEMORY;
	if (v->write && v->table)
		return SHADOW_UNPROTECT;
	if (!v->host || (v->write && !v->host_w))
		return SHADOW_HOST;
	return v->write ? SHADOW_FILL_W : SHADOW_FILL;
}

bool
shadow_may_write(const struct shadow_view *v)
{
	return v->guest_w && (v->guest_d || v->write) && v->host_w && !v->table;
}
