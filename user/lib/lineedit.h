// Reading a line from the console with editing and history.
//
//	arrows, Home, End, Del, Backspace
//	Ctrl-A -E -B -F to the beginning, to the end, back, forth
//	Ctrl-K -U -W delete to the end, to the beginning, a word
//	Ctrl-C drops the line, Ctrl-D on an empty line is the end of input
//	up, down: older and newer lines
//	Tab completes a name; twice: all names
//	Ctrl-R searches the history for what is typed next; again: an older line
//	Ctrl-L clears the screen; Ctrl-P: list_processes
#pragma once
#include "lib/types.h"

// Prints the prompt and reads a line, without its newline. NULL at the end of
// input; "" for a dropped line. The text is valid until the next call. A
// console without a raw mode is read line by line.
char *line_read(const char *prompt, void (*list_processes)(void));

// Was the line that line_read returned last dropped by Ctrl-C?
bool line_dropped(void);

// Enters a line into the history, of which HISTORY_MAX are kept.
enum { HISTORY_MAX = 64 };
void history_add(const char *line);
// The n-th newest line (0: the newest), NULL if there is none.
const char *history_get(int n);
