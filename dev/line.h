// The line editor: it gets keys, keeps the edited line and prints its echo. It
// uses no lock and no device, so that it can be tested on the host.
#pragma once
#include "lib/cells.h"

#define LINE_MAX 1024 // characters of a line

#define CTRL(c) ((c) & 0x1F)

struct line {
	char text[LINE_MAX];
	uint len; // characters in text
	uint at;  // the cursor: before text[at]; at <= len
	struct cells cells; // its place on the terminal
};

enum line_event {
	LINE_MORE, // nothing yet
	LINE_ENTER, // text is a line, without its newline
	LINE_END,  // Ctrl-D: text, perhaps empty, ends without a newline
};

// Applies a key (a byte or a KEY_ of dev/keys.h) and prints what changes. After
// LINE_ENTER and LINE_END the caller takes text and calls line_reset. If the
// line is full, a character is lost and the bell rings.
enum line_event line_key(struct line *l, int key);
void line_reset(struct line *l);

// Terminals send cursor keys as several bytes: ESC [ A. key_decode takes them
// one by one, and returns the key after the last of them, and 0 before. It
// returns a KEY_ unchanged. A decoder starts with all zeros.
struct key_decoder {
	enum { KEY_PLAIN, KEY_ESC, KEY_SEQ } state;
	uint number; // of ESC [ number ~
};
int key_decode(struct key_decoder *d, int c);
// The bytes that a terminal sends for a KEY_, or NULL for any other key.
const char *key_sequence(int key);
