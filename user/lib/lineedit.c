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
#include "user/lib/complete.h"
#include "user/lib/linekeys.h"
#include "user/user.h"

static struct {
	char *buf;
	int pos, len, size;
	int recall; // which history line is shown, -1: none
	bool dropped; // Ctrl-C ended the line
	bool tabbed;  // the last key was a Tab that added nothing
} ed;

static void show(const char *s, size_t n);
static struct cells cells = { .out = show };

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
	if (edit_move(key) || edit_erase(key))
		return;
	if (key < KEY_NONE && key >= ' ')
		insert(&(char){ key }, 1);
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

// ---- Tab --------------------------------------------------------------------

// Prints the names in columns, below the line.
static void
list_names(const struct completion *c)
{
	size_t width = 0;
	uint columns, rows;

	for (int i = 0; i < c->count; i++)
		width = strlen(c->names[i]) > width ? strlen(c->names[i])
						    : width;
	columns = (CELLS_ROW - 1) / (width + 2);
	columns += columns == 0;
	rows = (c->count + columns - 1) / columns;
	for (uint r = 0; r < rows; r++)
		for (uint i = r; i < (uint)c->count; i += rows)
			printf("%-*s%s", (int)width + 2, c->names[i],
			       i + rows < (uint)c->count ? "" : "\n");
}

static void
complete_word(const char *prompt)
{
	struct completion c;
	int pos = ed.pos;

	complete(ed.buf, ed.pos, &c);
	if (c.add && c.add[0]) {
		insert(c.add, strlen(c.add));
	} else if (c.count > 1 && ed.tabbed) {
		leave_line();
		list_names(&c);
		ed.pos = pos;
		show_again(prompt);
	} else {
		ed.tabbed = c.count > 1;
		show("\a", 1);
	}
	complete_free(&c);
}

// ---- Ctrl-R -----------------------------------------------------------------

// The newest line from n on that contains the text, or -1.
static int
find_line(const char *text, int n)
{
	const char *line;

	for (; (line = history_get(n)); n++)
		for (; *line != 0; line++)
			if (strncmp(line, text, strlen(text)) == 0)
				return n;
	return -1;
}

// Shows another prompt before another line.
static void
show_line(const char *prompt, const char *line)
{
	move_to(0);
	show("\r\033[J", 4);
	show(prompt, strlen(prompt));
	cells.start = strlen(prompt);
	ed.pos = ed.len = 0;
	insert(line, strlen(line));
}

// Reads what is searched for, and shows the line that has it. Returns the key
// that ended the search: the line found stands there to be edited.
static int
search(const char *prompt)
{
	char text[32] = "", shown[sizeof(text) + 16];
	int n = 0, found = -1, key;
	const char *line;

	for (;;) {
		line = found >= 0 ? history_get(found) : "";
		snprintf(shown, sizeof(shown), "(search)'%s': ", text);
		show_line(shown, line);
		key = key_byte();
		if (key == CTRL('R') && find_line(text, found + 1) >= 0) {
			found = find_line(text, found + 1);
		} else if ((key == '\b' || key == 0x7f) && n > 0) {
			text[--n] = 0;
			found = find_line(text, 0);
		} else if (key >= ' ' && key < 0x7f && n < 31) {
			text[n++] = key;
			text[n] = 0;
			found = find_line(text, 0);
		} else if (key != CTRL('R')) {
			show_line(prompt, line);
			return key;
		}
	}
}

// ---- The line ---------------------------------------------------------------

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
		int key = key_byte();

		if (key == CTRL('R'))
			key = search(prompt);
		if (key == 0x1b)
			key = key_escape();
		if (key == KEY_EOF || (key == CTRL('D') && ed.len == 0))
			return false;
		if (key == '\r' || key == '\n')
			return true;
		if (key == CTRL('C')) {
			move_to(ed.len);
			show("^C", 2);
			ed.pos = ed.len = 0;
			ed.dropped = true;
			return true;
		}
		if (key == '\t') {
			complete_word(prompt);
			continue;
		}
		ed.tabbed = false;
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

	while ((c = key_byte()) != '\n' && c != KEY_EOF) {
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
	ed.dropped = ed.tabbed = false;
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

bool
line_dropped(void)
{
	return ed.dropped;
}
