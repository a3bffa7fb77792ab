// The line editor: keys in, an edited line and its echo out. Pure: it knows no
// lock and no device, so that it can be tested on the host.
#pragma once
#include "lib/cells.h"

#define LINE_MAX 1024 // characters of a line

#define CTRL(c) ((c) & 0x1F)

struct line {
	char text[LINE_MAX];
	uint len; // characters in text
	uint at;  // the cursor: before text[at]; at <= len
	struct cells cells; // where it stands on the terminal
};

enum line_event {
	LINE_MORE, // nothing yet
	LINE_ENTER, // text is a line; its newline is not in it
	LINE_END,  // Ctrl-D: text, possibly empty, ends here without a newline
};

// Applies a key (a byte or a KEY_ of dev/keys.h) and echoes what changes on the
// terminal. After LINE_ENTER and LINE_END the caller takes text and calls
// line_reset. A character that finds the line full rings the bell and is lost.
enum line_event line_key(struct line *l, int key);
void line_reset(struct line *l);

// Terminals send cursor keys as several bytes: ESC [ A. key_decode takes them
// one by one (or a KEY_, passed through) and returns the key, or 0 if there is
// none yet. All zero is the start.
struct key_decoder {
	enum { KEY_PLAIN, KEY_ESC, KEY_SEQ } state;
	uint number; // of ESC [ number ~
};
int key_decode(struct key_decoder *d, int c);
// The reverse: the bytes that a terminal sends for a KEY_, NULL for others.
const char *key_sequence(int key);
