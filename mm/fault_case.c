// The fault table: in prose here, in code below, in the same order; the first
// row that matches wins.
//
//	area                      entry           access   do
//	none, in a stack's reach  absent          any      DO_GROW
//	none, or not permitted    -               any      DO_REFUSE
//	any                       allows it       any      DO_NOTHING
//	any                       hidden          any      DO_UNHIDE
//	any                       swapped         any      DO_BRING_BACK
//	anonymous                 absent          any      DO_ZERO
//	object                    past its end    any      DO_REFUSE
//	object, filled            absent          any      DO_FILL
//	object                    absent          read     DO_MAP
//	private                   absent          write    DO_COPY
//	shared                    absent or RO    write    DO_SHARE
//	private                   present, RO     write    DO_UNSHARE
//
// Two rows show why the order matters. "Allows it" stands before all rows that
// do something: if two threads fault on one page, the second finds the work
// done. "Past its end" stands before the rows that would ask the file for a
// page that it no longer has.
#include "mm/fault_case.h"

static bool
permitted(const struct fault_view *v)
{
	return v->access == ACCESS_WRITE ? v->writable : v->readable;
}

enum fault_do
fault_case(const struct fault_view *v)
{
	bool write = v->access == ACCESS_WRITE;
	bool absent = v->entry == ENTRY_ABSENT;
	bool object = v->kind != PAGE_ANON;

	if (v->place == PLACE_REACH)
		return DO_GROW;
	if (v->place == PLACE_NOTHING || !permitted(v))
		return DO_REFUSE;
	if (v->entry == ENTRY_RW || (v->entry == ENTRY_RO && !write))
		return DO_NOTHING;
	if (v->entry == ENTRY_HIDDEN)
		return DO_UNHIDE;
	if (v->entry == ENTRY_SWAPPED)
		return DO_BRING_BACK;
	if (!object && absent)
		return DO_ZERO;
	if (object && v->past_end)
		return DO_REFUSE;
	if (v->kind == PAGE_FILLED && absent)
		return DO_FILL;
	if (absent && !write)
		return DO_MAP;
	if (absent && !v->shared)
		return DO_COPY;
	if (v->shared)
		return DO_SHARE;
	return DO_UNSHARE;
}

enum fault_rule
fault_why(const struct fault_view *v)
{
	if (v->place != PLACE_AREA)
		return FAULT_NO_AREA;
	if (!permitted(v))
		return v->readable ? FAULT_READ_ONLY : FAULT_NO_ACCESS;
	return FAULT_PAST_END;
}
