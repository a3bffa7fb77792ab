// A line of text on a terminal, which is edited and may be longer than a row.
// Rows are taken to have CELLS_ROW cells, whatever the terminal's width is, and
// a longer line goes on in the next row. Cells count from the row in which the
// line begins:
//
//	   $ echo one two ... sev      cells 0 .. 79: the prompt, text[0] ..
//	   en eight                    cells 80 ..
//
// Uses only what the screen and every terminal understand: \b, \r, \n and the
// sequences ESC [ n A, ESC [ n C and ESC [ J.
#pragma once
#include "lib/types.h"

#define CELLS_ROW 80

struct cells {
	uint start; // the cell of text[0]
	void (*out)(const char *s, size_t n);
};

// Prints text[from..to), with the cursor on text[from]. A control character is
// printed as a space.
void cells_text(const struct cells *c, const char *text, uint from, uint to);
// Moves the cursor from text[from] to text[to], both printed before.
void cells_move(const struct cells *c, uint from, uint to);
// Blanks everything from the cursor on.
void cells_erase(const struct cells *c);
