// A line editor. After a change in the middle it prints the rest of the line
// again and moves the cursor back (lib/cells.c, also for several rows).
//
//	buf   e c h o   o n e   t w o
//	                ^ pos         ^ len
//
// Invariant: the screen shows the prompt and buf[0..len), its cursor at pos.
// It reads one byte at a time, because what is typed behind this line is input
// for the command that the line starts.
#include "user/lib/lineedit.h"
#include "lib/cells.h"
#include "user/user.h"

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
	KEY_EOF,
};
#define CTRL(c) ((c) & 0x1f)

static struct {
	char *buf;
	int pos, len, size;
	int recall; // which history line is shown, -1: none
} ed;

static void show(const char *s, size_t n);
static struct cells cells = { .out = show };

static char
	*history[HISTORY_MAX]; // a ring: history_count % HISTORY_MAX is next
static int history_count;

void
history_add(const char *line)
{
	const char *newest = history_get(0);
	char **slot = &history[history_count % HISTORY_MAX];
	char *copy;

	if (line[0] == 0 || (newest && strcmp(newest, line) == 0))
		return;
	copy = strdup(line);
	if (!copy)
		return;
	free(*slot);
	*slot = copy;
	history_count++;
}

const char *
history_get(int n)
{
	if (n < 0 || n >= HISTORY_MAX || n >= history_count)
		return NULL;
	return history[(history_count - 1 - n) % HISTORY_MAX];
}

static void
show(const char *s, size_t n)
{
	write_all(1, s, n);
}

static void
move_to(int pos)
{
	if (pos < 0 || pos > ed.len)
		return;
	cells_move(&cells, ed.pos, pos);
	ed.pos = pos;
}

// Shows the line from `from` on, where the cursor is. Moves the cursor to pos.
static void
show_from(int from)
{
	cells_text(&cells, ed.buf, from, ed.len);
	if (ed.pos != ed.len)
		cells_move(&cells, ed.len, ed.pos);
}

// Makes room for n more bytes and a final 0.
static bool
reserve(int n)
{
	if (ed.len + n + 1 > ed.size) {
		char *p = realloc(ed.buf, 2 * (ed.len + n + 1));

		if (!p)
			return false;
		ed.buf = p;
		ed.size = 2 * (ed.len + n + 1);
	}
	return true;
}

static void
insert(const char *s, int n)
{
	if (!reserve(n))
		return;
	memmove(ed.buf + ed.pos + n, ed.buf + ed.pos, ed.len - ed.pos);
	memcpy(ed.buf + ed.pos, s, n);
	ed.len += n;
	ed.pos += n;
	show_from(ed.pos - n);
}

// Deletes the bytes [from, to). The cursor may be between them.
static void
erase(int from, int to)
{
	int n = to - from;

	if (from < 0 || to > ed.len || n <= 0)
		return;
	move_to(from);
	memmove(ed.buf + from, ed.buf + to, ed.len - to);
	ed.len -= n;
	cells_erase(&cells);
	show_from(from);
}

// Returns where the word before the cursor begins.
static int
word_begin(void)
{
	int i = ed.pos;

	while (i > 0 && ed.buf[i - 1] == ' ')
		i--;
	while (i > 0 && ed.buf[i - 1] != ' ')
		i--;
	return i;
}

// Replaces the line by line n of the history; -1 is the empty line.
static void
recall(int n)
{
	const char *line = n >= 0 ? history_get(n) : "";

	if (!line || n < -1)
		return;
	erase(0, ed.len);
	insert(line, strlen(line));
	ed.recall = n;
}

static int
read_byte(void)
{
	uchar c;

	return read(0, &c, 1) == 1 ? c : KEY_EOF;
}

// Reads what follows an escape: [ letter, O letter, or [ digits ~.
static int
read_escape(void)
{
	static const struct {
		char code;
		int key;
	} keys[] = {
		{ 'A', KEY_UP },   { 'B', KEY_DOWN }, { 'C', KEY_RIGHT },
		{ 'D', KEY_LEFT }, { 'H', KEY_HOME }, { 'F', KEY_END },
		{ '1', KEY_HOME }, { '7', KEY_HOME }, { '4', KEY_END },
		{ '8', KEY_END },  { '3', KEY_DEL },
	};
	int c = read_byte(), last;

	if (c != '[' && c != 'O')
		return KEY_NONE;
	c = last = read_byte();
	while (isdigit(last) || last == ';')
		last = read_byte();
	for (uint i = 0; i < countof(keys); i++)
		if (keys[i].code == c)
			return keys[i].key;
	return KEY_NONE;
}

// Handles a key that moves the cursor or shows a line of the history.
static bool
edit_move(int key)
{
	switch (key) {
	case KEY_LEFT:
	case CTRL('B'): move_to(ed.pos - 1); return true;
	case KEY_RIGHT:
	case CTRL('F'): move_to(ed.pos + 1); return true;
	case KEY_HOME:
	case CTRL('A'): move_to(0); return true;
	case KEY_END:
	case CTRL('E'): move_to(ed.len); return true;
	case KEY_UP: recall(ed.recall + 1); return true;
	case KEY_DOWN: recall(ed.recall - 1); return true;
	}
	return false;
}

static bool
edit_erase(int key)
{
	switch (key) {
	case '\b':
	case 0x7f: erase(ed.pos - 1, ed.pos); return true;
	case KEY_DEL:
	case CTRL('D'): erase(ed.pos, ed.pos + 1); return true;
	case CTRL('K'): erase(ed.pos, ed.len); return true;
	case CTRL('U'): erase(0, ed.pos); return true;
	case CTRL('W'): erase(word_begin(), ed.pos); return true;
	}
	return false;
}

// Handles a key that does not end the line.
static void
edit(int key)
{
	char c = key == '\t' ? ' ' : key;

	if (edit_move(key) || edit_erase(key))
		return;
	if (key < KEY_NONE && (uchar)c >= ' ')
		insert(&c, 1);
}

// Shows the prompt and the line again, below what has been printed meanwhile.
static void
show_again(const char *prompt)
{
	show(prompt, strlen(prompt));
	show_from(0);
}

// Moves the cursor to an empty row, for output.
static void
leave_line(void)
{
	move_to(ed.len);
	if (ed.len == 0 || (cells.start + ed.len) % CELLS_ROW != 0)
		show("\n", 1);
}

// Ctrl-P shows the line again below the list, Ctrl-L on a clear screen.
static void
show_anew(int key, const char *prompt, void (*list_processes)(void))
{
	int pos = ed.pos;

	if (key == CTRL('P')) {
		leave_line();
		list_processes();
	} else {
		show("\033[H\033[J", 6);
	}
	ed.pos = pos;
	show_again(prompt);
}

// Reads keys until the line ends. False at the end of input.
static bool
edit_line(const char *prompt, void (*list_processes)(void))
{
	for (;;) {
		int key = read_byte();

		if (key == 0x1b)
			key = read_escape();
		if (key == KEY_EOF || (key == CTRL('D') && ed.len == 0))
			return false;
		if (key == '\r' || key == '\n')
			return true;
		if (key == CTRL('C')) {
			move_to(ed.len);
			show("^C", 2);
			ed.pos = ed.len = 0;
			return true;
		}
		if (key == CTRL('P') || key == CTRL('L'))
			show_anew(key, prompt, list_processes);
		else
			edit(key);
	}
}

// Reads a line that the console itself lets the user edit.
static bool
plain_line(void)
{
	int c;

	while ((c = read_byte()) != '\n' && c != KEY_EOF) {
		if (!reserve(1))
			return false;
		ed.buf[ed.len++] = c;
	}
	return c == '\n' || ed.len > 0;
}

char *
line_read(const char *prompt, void (*list_processes)(void))
{
	bool raw = consmode(CONS_RAW) == 0, ok;

	ed.pos = ed.len = 0;
	ed.recall = -1;
	cells.start = strlen(prompt);
	if (!reserve(1))
		return NULL;
	show(prompt, strlen(prompt));
	ok = raw ? edit_line(prompt, list_processes) : plain_line();
	if (raw) {
		consmode(CONS_LINE);
		leave_line();
	}
	ed.buf[ed.len] = 0;
	return ok ? ed.buf : NULL;
}
