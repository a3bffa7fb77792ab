// The text of the editor: one piece of memory, and what has been done to it, to
// be undone.
#pragma once
#include "lib/types.h"

struct text {
	char *s;
	int len, size;
	struct change *last; // the newest change; NULL: none
};

// Puts n characters at `at`, or takes them out, and remembers that. False:
// memory is out, and nothing has changed.
bool text_insert(struct text *t, int at, const char *s, int n);
bool text_remove(struct text *t, int at, int n);
// Takes the newest change back; where it was, or -1: there is none. Letters
// that were typed one after the other are one change.
int text_undo(struct text *t);

// The beginning and the end of the line that holds `at`; the end is its newline
// or the end of the text.
int text_line(const struct text *t, int at);
int text_line_end(const struct text *t, int at);
// Where `what` stands next behind `at`, from the beginning again; -1: nowhere.
int text_find(const struct text *t, int at, const char *what);
