// The line editor: keys in, an edited line and its echo out.
//
//	text    e c h o   h e l o
//	                      ^ at          len = 9
//
// Invariant: at <= len <= LINE_MAX. The terminal shows text[0..len), one cell
// for each character, with its cursor on text[at] (lib/cells.h). After a change
// the rest of the line is printed again, and the cursor goes back.
#include "dev/line.h"
#include "dev/keys.h"
#include "lib/string.h"

#define ESC 0x1B
#define DEL 0x7F

static void
bell(struct line *l)
{
	l->cells.out("\a", 1);
}

// Prints the line again from text[from] on, where the cursor is. Then moves the
// cursor to text[at].
static void
show_tail(struct line *l, uint from)
{
	cells_text(&l->cells, l->text, from, l->len);
	if (l->at != l->len)
		cells_move(&l->cells, l->len, l->at);
}

static void
move_to(struct line *l, uint at)
{
	cells_move(&l->cells, l->at, at);
	l->at = at;
}

static void
insert_char(struct line *l, char c)
{
	if (l->len == LINE_MAX) {
		bell(l);
		return;
	}
	memmove(l->text + l->at + 1, l->text + l->at, l->len - l->at);
	l->text[l->at] = c;
	l->len++;
	l->at++;
	show_tail(l, l->at - 1);
}

// Removes text[from..to); from <= at <= to.
static void
cut(struct line *l, uint from, uint to)
{
	if (from == to)
		return;
	move_to(l, from);
	memmove(l->text + from, l->text + to, l->len - to);
	l->len -= to - from;
	cells_erase(&l->cells);
	show_tail(l, from);
}

// The begin of the word before the cursor.
static uint
word_start(const struct line *l)
{
	uint i = l->at;

	while (i > 0 && l->text[i - 1] == ' ')
		i--;
	while (i > 0 && l->text[i - 1] != ' ')
		i--;
	return i;
}

// Ends the line: later output begins a new row.
static void
leave(struct line *l)
{
	move_to(l, l->len);
	if (l->len == 0 || (l->cells.start + l->len) % CELLS_ROW != 0)
		l->cells.out("\n", 1);
}

void
line_reset(struct line *l)
{
	l->len = l->at = 0;
}

enum line_event
line_key(struct line *l, int key)
{
	switch (key) {
	case '\r':
	case '\n': leave(l); return LINE_ENTER;
	case CTRL('D'): move_to(l, l->len); return LINE_END;
	case CTRL('H'):
	case DEL:        cut(l, l->at - (l->at > 0), l->at); break;
	case KEY_DEL:    cut(l, l->at, l->at + (l->at < l->len)); break;
	case CTRL('U'):  cut(l, 0, l->at); break;
	case CTRL('W'):  cut(l, word_start(l), l->at); break;
	case CTRL('K'):  cut(l, l->at, l->len); break;
	case KEY_LEFT:
	case CTRL('B'):  move_to(l, l->at - (l->at > 0)); break;
	case KEY_RIGHT:
	case CTRL('F'):  move_to(l, l->at + (l->at < l->len)); break;
	case KEY_HOME:
	case CTRL('A'):  move_to(l, 0); break;
	case KEY_END:
	case CTRL('E'):  move_to(l, l->len); break;
	default:
		if (key == '\t' || (key >= ' ' && key <= 0xFF))
			insert_char(l, key);
	}
	return LINE_MORE;
}

// ---- Keys as bytes ---------------------------------------------------------

static const struct {
	char letter;  // ESC [ letter and ESC O letter
	uint number;  // or ESC [ number ~
	int key;
	const char *sequence; // for key_sequence; NULL: in another row
} sequences[] = {
	{ 'A', 0, KEY_UP, "\033[A" },    { 'B', 0, KEY_DOWN, "\033[B" },
	{ 'C', 0, KEY_RIGHT, "\033[C" }, { 'D', 0, KEY_LEFT, "\033[D" },
	{ 'H', 0, KEY_HOME, "\033[H" },  { 'F', 0, KEY_END, "\033[F" },
	{ '~', 3, KEY_DEL, "\033[3~" },  { '~', 1, KEY_HOME, NULL },
	{ '~', 4, KEY_END, NULL },       { '~', 7, KEY_HOME, NULL },
	{ '~', 8, KEY_END, NULL },
};

const char *
key_sequence(int key)
{
	for (uint i = 0; i < countof(sequences); i++)
		if (sequences[i].key == key)
			return sequences[i].sequence;
	return NULL;
}

// The key that a complete sequence means, or 0 if the sequence is unknown.
static int
sequence_key(int letter, uint number)
{
	for (uint i = 0; i < countof(sequences); i++)
		if (sequences[i].letter == letter &&
		    (letter != '~' || sequences[i].number == number))
			return sequences[i].key;
	return 0;
}

int
key_decode(struct key_decoder *d, int c)
{
	if (c == ESC) {
		d->state = KEY_ESC;
		return 0;
	}
	switch (d->state) {
	case KEY_PLAIN: return c;
	case KEY_ESC:
		d->number = 0;
		d->state = c == '[' || c == 'O' ? KEY_SEQ : KEY_PLAIN;
		return d->state == KEY_SEQ ? 0 : c;
	case KEY_SEQ:
		if (c >= '0' && c <= '9' && d->number < 100)
			d->number = d->number * 10 + c - '0';
		// Bytes below @ belong to the sequence. Control characters
		// and keys do not.
		if (c >= ' ' && c < '@')
			return 0;
		d->state = KEY_PLAIN;
		return c < ' ' || c > 0x7E ? c : sequence_key(c, d->number);
	}
	return 0;
}
