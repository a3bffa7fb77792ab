// Printing and moving over rows. Invariant: the cursor is never left behind the
// last cell of a row, because terminals differ there: a newline follows a full
// row at once.
#include "lib/cells.h"
#include "lib/fmt.h"
#include "lib/string.h"

void
cells_text(const struct cells *c, const char *text, uint from, uint to)
{
	char row[CELLS_ROW + 1];

	while (from < to) {
		uint room = CELLS_ROW - (c->start + from) % CELLS_ROW;
		uint n = to - from < room ? to - from : room;

		for (uint i = 0; i < n; i++)
			row[i] = (uchar)text[from + i] < ' ' ? ' '
							     : text[from + i];
		row[n] = '\n';
		c->out(row, n == room ? n + 1 : n);
		from += n;
	}
}

static void
repeat(const struct cells *c, char what, uint n)
{
	while (n-- > 0)
		c->out(&what, 1);
}

static void
sequence(const struct cells *c, uint n, char letter)
{
	char s[16];

	if (n > 0)
		c->out(s,
		       (size_t)snprintf(s, sizeof(s), "\033[%u%c", n, letter));
}

void
cells_move(const struct cells *c, uint from, uint to)
{
	uint row = (c->start + from) / CELLS_ROW;
	uint want = (c->start + to) / CELLS_ROW;

	if (row == want && from >= to && from - to < 4) {
		repeat(c, '\b', from - to);
		return;
	}
	if (row > want)
		sequence(c, row - want, 'A');
	else
		repeat(c, '\n', want - row);
	c->out("\r", 1);
	sequence(c, (c->start + to) % CELLS_ROW, 'C');
}

void
cells_erase(const struct cells *c)
{
	c->out("\033[J", 3);
}
