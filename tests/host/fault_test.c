// Catches: a fault that is decided otherwise than DESIGN's table says, for any
// of all combinations of what a fault can find. Builds alone.
//
// The table is written here a second time, as data with wildcards, and searched
// from the top; fault_case() is code. Both must agree everywhere.
#include "mm/fault_case.c"
#include <stdio.h>
#include <stdlib.h>

#define ANY -1

// Columns of the table; what a row does not name is ANY.
struct row {
	int place, permitted, shared, object, filled, past_end, entry, write;
	enum fault_do action;
};
#define ROW(...)                                                               \
	{ .place = ANY, .permitted = ANY, .shared = ANY, .object = ANY,        \
	  .filled = ANY, .past_end = ANY, .entry = ANY, .write = ANY,          \
	  __VA_ARGS__ }

#pragma GCC diagnostic ignored "-Woverride-init"
static const struct row table[] = {
	ROW(.place = PLACE_REACH, .action = DO_GROW),
	ROW(.place = PLACE_NOTHING, .action = DO_REFUSE),
	ROW(.permitted = 0, .action = DO_REFUSE),
	ROW(.entry = ENTRY_RW, .action = DO_NOTHING),
	ROW(.entry = ENTRY_RO, .write = 0, .action = DO_NOTHING),
	ROW(.entry = ENTRY_HIDDEN, .action = DO_UNHIDE),
	ROW(.entry = ENTRY_SWAPPED, .action = DO_BRING_BACK),
	ROW(.object = 0, .entry = ENTRY_ABSENT, .action = DO_ZERO),
	ROW(.object = 1, .past_end = 1, .action = DO_REFUSE),
	ROW(.filled = 1, .entry = ENTRY_ABSENT, .action = DO_FILL),
	ROW(.object = 1, .entry = ENTRY_ABSENT, .write = 0, .action = DO_MAP),
	ROW(.shared = 0, .entry = ENTRY_ABSENT, .write = 1, .action = DO_COPY),
	ROW(.shared = 1, .entry = ENTRY_ABSENT, .write = 1, .action = DO_SHARE),
	ROW(.shared = 1, .entry = ENTRY_RO, .write = 1, .action = DO_SHARE),
	ROW(.shared = 0, .entry = ENTRY_RO, .write = 1, .action = DO_UNSHARE),
};

static bool
fits(int column, int value)
{
	return column == ANY || column == value;
}

static bool
matches(const struct row *r, const struct fault_view *v)
{
	bool write = v->access == ACCESS_WRITE;

	return fits(r->place, v->place) &&
	       fits(r->permitted, write ? v->writable : v->readable) &&
	       fits(r->shared, v->shared) &&
	       fits(r->object, v->kind != PAGE_ANON) &&
	       fits(r->filled, v->kind == PAGE_FILLED) &&
	       fits(r->past_end, v->past_end) && fits(r->entry, v->entry) &&
	       fits(r->write, write);
}

static void
check(const struct fault_view *v)
{
	const struct row *r = table;
	enum fault_do got = fault_case(v);

	while (r < table + sizeof(table) / sizeof(table[0]) && !matches(r, v))
		r++;
	if (r == table + sizeof(table) / sizeof(table[0]) || r->action != got) {
		printf("place %d readable %d writable %d shared %d kind %d "
		       "past_end %d entry %d access %d: row %d says %d, not "
		       "%d\n",
		       v->place, v->readable, v->writable, v->shared, v->kind,
		       v->past_end, v->entry, v->access, (int)(r - table),
		       (int)r->action, (int)got);
		exit(1);
	}
	if (got == DO_REFUSE && fault_why(v) == FAULT_OK)
		exit(2);
}

// Combination number n: each field takes its digit.
static struct fault_view
combination(uint n)
{
	struct fault_view v;

#define DIGIT(base) (n % (base)); n /= (base)
	v.place = DIGIT(3);
	v.readable = DIGIT(2);
	v.writable = DIGIT(2);
	v.shared = DIGIT(2);
	v.kind = DIGIT(3);
	v.past_end = DIGIT(2);
	v.entry = DIGIT(5);
	v.access = DIGIT(2);
	return v;
}

int
main(void)
{
	const uint count = 3 * 2 * 2 * 2 * 3 * 2 * 5 * 2;
	struct fault_view v;

	for (uint n = 0; n < count; n++) {
		v = combination(n);
		check(&v);
	}
	// The reasons, by example.
	v = (struct fault_view){ .place = PLACE_NOTHING };
	if (fault_why(&v) != FAULT_NO_AREA)
		return 3;
	v = (struct fault_view){
		.place = PLACE_AREA, .readable = true, .access = ACCESS_WRITE};
	if (fault_why(&v) != FAULT_READ_ONLY)
		return 4;
	v.readable = false;
	v.access = ACCESS_READ;
	if (fault_why(&v) != FAULT_NO_ACCESS)
		return 5;
	v = (struct fault_view){.place = PLACE_AREA,
				.readable = true,
				.kind = PAGE_OBJECT,
				.past_end = true};
	if (fault_why(&v) != FAULT_PAST_END)
		return 6;
	printf("%u combinations\n", count);
	return 0;
}
