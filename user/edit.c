// edit FILE: changes a text on the whole screen.
//
//	arrows, Home, End, Page up, Page down     move
//	Ctrl-S save   Ctrl-Q quit   Ctrl-Z undo
//	Ctrl-F find   Ctrl-N find again   Ctrl-K take out the line
#include "user.h"
#include "abi/system.h"
#include "user/lib/edittext.h"
#include "user/lib/linekeys.h"

enum { COLUMNS_MAX = 256, TAB = 8, FOUND = 40 };
#define CTRL(c) ((c) & 0x1f)

static struct text text;
static const char *file;
static int cursor, top; // places in the text; top: of the first line shown
static bool changed;
static int rows, columns; // of the text on the screen
static char message[80], wanted[FOUND];

// ---- The screen -------------------------------------------------------------

// The last row is for messages. A character in the last column would begin a
// new row on some terminals.
static void
measure(void)
{
	struct winsize w = { 24, 80, 0, 0 };

	winsize(1, &w, false);
	rows = w.ws_row > 2 ? w.ws_row - 1 : 1;
	columns = w.ws_col > 2 ? w.ws_col - 1 : 1;
	if (columns > COLUMNS_MAX)
		columns = COLUMNS_MAX;
}

// The column in which `at` is shown.
static int
column_of(int at)
{
	int column = 0;

	for (int i = text_line(&text, at); i < at; i++)
		column += text.s[i] == '\t' ? TAB - column % TAB : 1;
	return column;
}

// Prints the part of a line that begins at column `from`. Returns the next
// line.
static int
show_line(int at, int from)
{
	char row[COLUMNS_MAX + 1];
	int column = 0, end = text_line_end(&text, at), n = 0;

	for (; at < end && column < from + columns; at++) {
		int next = text.s[at] == '\t' ? column + TAB - column % TAB
					      : column + 1;

		for (; column < next; column++)
			if (column >= from && n < columns)
				row[n++] = (uchar)text.s[at] < ' ' ? ' '
								   : text.s[at];
	}
	row[n] = 0;
	printf("%s\033[K\r\n", row);
	return end + 1;
}

// The cursor's row below the top; the top moves if the cursor is outside.
static int
cursor_row(void)
{
	int row = 0, at;

	if (cursor < top)
		top = text_line(&text, cursor);
	for (at = top; at < cursor; at++)
		row += text.s[at] == '\n';
	for (; row >= rows; row--)
		top = text_line_end(&text, top) + 1;
	return row;
}

static void
show(void)
{
	int row = cursor_row(), column = column_of(cursor), line = 1, at = top;
	int from = column < columns ? 0 : column - columns / 2;

	for (int i = 0; i < cursor; i++)
		line += text.s[i] == '\n';
	printf("\033[H");
	for (int i = 0; i < rows; i++)
		if (at <= text.len)
			at = show_line(at, from);
		else
			printf("~\033[K\r\n");
	printf("\033[7m%s%s  line %d  %s\033[m\033[K", file,
	       changed ? " (changed)" : "", line, message);
	printf("\033[%d;%dH", row + 1, column - from + 1);
	message[0] = 0;
}

// Asks for a line at the bottom; false: Escape.
static bool
ask(const char *what, char *answer, int size)
{
	int n = 0, key;

	for (;;) {
		printf("\033[%d;1H\033[7m%s%.*s\033[m\033[K", rows + 1, what, n,
		       answer);
		key = key_byte();
		if (key == '\r' || key == '\n')
			break;
		if (key == 0x1b || key == KEY_EOF)
			return false;
		if ((key == '\b' || key == 0x7f) && n > 0)
			n--;
		else if (key >= ' ' && key < 0x7f && n < size - 1)
			answer[n++] = key;
	}
	answer[n] = 0;
	return true;
}

// ---- The file ---------------------------------------------------------------

static void
load(void)
{
	int fd = open(file, O_RDONLY), n;
	char buf[1024];

	if (fd < 0 && errno != ENOENT)
		err(1, "%s", file);
	while (fd >= 0 && (n = read(fd, buf, sizeof(buf))) != 0) {
		if (n < 0 || !text_insert(&text, text.len, buf, n))
			err(1, "%s", file);
	}
	close(fd);
	text.last = NULL; // what was read is not undone
}

// Writes another file first, so that the text is never lost.
static void
save(void)
{
	char other[80];
	int fd;

	snprintf(other, sizeof(other), "%s~", file);
	fd = open(other, O_WRONLY | O_CREATE | O_TRUNC);
	if (fd < 0 || write_all(fd, text.s, text.len) < 0 || fsync(fd) < 0 ||
	    close(fd) < 0 || rename(other, file) < 0) {
		snprintf(message, sizeof(message), "not saved: %s",
			 strerror(errno));
		return;
	}
	changed = false;
	snprintf(message, sizeof(message), "%d bytes saved", text.len);
}

static bool
may_quit(void)
{
	char answer[4] = "";

	return !changed || (ask("Quit without saving? (y) ", answer, 2) &&
			    answer[0] == 'y');
}

// ---- Keys -------------------------------------------------------------------

// Moves n lines down (up, if n < 0), to the same column.
static void
move_lines(int n)
{
	int column = column_of(cursor), at = text_line(&text, cursor), end;

	for (; n > 0 && text_line_end(&text, at) < text.len; n--)
		at = text_line_end(&text, at) + 1;
	for (; n < 0 && at > 0; n++)
		at = text_line(&text, at - 1);
	end = text_line_end(&text, at);
	for (cursor = at; cursor < end && column_of(cursor + 1) <= column;)
		cursor++;
}

static bool
move(int key)
{
	switch (key) {
	case KEY_UP:	    move_lines(-1); return true;
	case KEY_DOWN:	    move_lines(1); return true;
	case KEY_PAGE_UP:   move_lines(-rows + 1); return true;
	case KEY_PAGE_DOWN: move_lines(rows - 1); return true;
	case KEY_LEFT:	    cursor -= cursor > 0; return true;
	case KEY_RIGHT:	    cursor += cursor < text.len; return true;
	case KEY_HOME:	    cursor = text_line(&text, cursor); return true;
	case KEY_END:	    cursor = text_line_end(&text, cursor); return true;
	}
	return false;
}

static void
remove_text(int at, int n)
{
	if (at < 0 || n <= 0 || at + n > text.len)
		return;
	changed |= text_remove(&text, at, n);
	cursor = at;
}

static void
insert_key(char c)
{
	if (!text_insert(&text, cursor, &c, 1)) {
		snprintf(message, sizeof(message), "memory is out");
		return;
	}
	cursor++;
	changed = true;
}

static void
find(bool again)
{
	int at;

	if (!again && !ask("Find: ", wanted, sizeof(wanted)))
		return;
	at = wanted[0] ? text_find(&text, cursor, wanted) : -1;
	if (at < 0)
		snprintf(message, sizeof(message), "not found");
	else
		cursor = at;
}

static void
undo(void)
{
	int at = text_undo(&text);

	if (at < 0)
		snprintf(message, sizeof(message), "nothing to undo");
	else
		cursor = at;
	changed |= at >= 0;
}

static void
change(int key)
{
	int line = text_line(&text, cursor);

	switch (key) {
	case '\b':
	case 0x7f:	remove_text(cursor - 1, 1); break;
	case KEY_DEL:	remove_text(cursor, 1); break;
	case CTRL('K'): {
		int end = text_line_end(&text, cursor);

		remove_text(line, end + (end < text.len) - line);
		break;
	}
	case CTRL('S'): save(); break;
	case CTRL('F'): find(false); break;
	case CTRL('N'): find(true); break;
	case CTRL('Z'): undo(); break;
	case '\r':	insert_key('\n'); break;
	default:
		if (key == '\t' || key == '\n' ||
		    (key >= ' ' && key < KEY_NONE))
			insert_key(key);
	}
}

int
main(int argc, char *argv[])
{
	int key;

	no_options(&argc, &argv, "FILE");
	if (argc != 2)
		usage("FILE");
	file = argv[1];
	load();
	measure();
	if (consmode(CONS_RAW) < 0)
		err(1, "console");
	snprintf(message, sizeof(message),
		 "Ctrl-S saves, Ctrl-Q quits, Ctrl-F finds, Ctrl-Z undoes");
	for (;;) {
		show();
		key = key_byte();
		if (key == 0x1b)
			key = key_escape();
		if (key == KEY_EOF || (key == CTRL('Q') && may_quit()))
			break;
		if (!move(key))
			change(key);
	}
	printf("\033[H\033[J");
	consmode(CONS_LINE);
	return 0;
}
