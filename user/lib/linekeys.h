// Keys, as a terminal sends them.
#pragma once

// Numbers for keys that send an escape sequence.
enum {
	KEY_NONE = 0x100,
	KEY_UP,
	KEY_DOWN,
	KEY_RIGHT,
	KEY_LEFT,
	KEY_HOME,
	KEY_END,
	KEY_DEL,
	KEY_PAGE_UP,
	KEY_PAGE_DOWN,
	KEY_EOF,
};
#define CTRL(c) ((c) & 0x1f)

// The next byte of file 0, or KEY_EOF.
int key_byte(void);
// Reads what follows an escape: [ letter, O letter, or [ digits ~. The key, or
// KEY_NONE.
int key_escape(void);
