// A line of text that is being edited on a terminal, when it is longer than a
// row. The terminal is taken to have rows of CELLS_ROW; a longer line goes on
// in the next row, wherever the terminal itself would break it. Cells count
// from the row in which the line begins:
//
//	   $ echo one two ... sev      cells 0 .. 79: the prompt, text[0] ..
//	   en eight                    cells 80 ..
//
// Understands only what the screen and every terminal do: \b, \r, \n and the
// sequences ESC [ n A, ESC [ n C and ESC [ J.
#pragma once
#include "lib/types.h"

#define CELLS_ROW 80

struct cells {
	uint start; // the cell of text[0]
	void (*out)(const char *s, size_t n);
};

// Prints text[from..to); the cursor stands on text[from]. A control character
// takes one cell too, and looks like a space.
void cells_text(const struct cells *c, const char *text, uint from, uint to);
// Moves the cursor from text[from] to text[to], both printed before.
void cells_move(const struct cells *c, uint from, uint to);
// Blanks everything from the cursor on.
void cells_erase(const struct cells *c);
