// The console: input as lines or raw, and output to printk's sinks.
//
//	uart, kbd --> console_input --> line editor --> ring --> read
//	                     |         (CONS_LINE)       ^
//	                     +---------------------------+
//	                              (CONS_RAW)
//
// The ring holds the input that read may take. In line mode these are whole
// lines only, so that a line can be edited until its end. An END in the ring
// marks a Ctrl-D.
//
// Invariants: tail <= head <= tail + RING, where both count for ever. Input
// that does not fit is lost, and rings the bell: a program that does not read
// cannot stop the console. All of struct console is guarded by its lock, except
// key_hooks, which are set once. The hooks run without the lock, because they
// take other locks.
#include "dev/console.h"
#include "abi/errno.h"
#include "abi/stat.h"
#include "abi/system.h"
#include "dev/chardev.h"
#include "dev/kbd.h"
#include "dev/line.h"
#include "dev/screen.h"
#include "dev/uart.h"
#include "kern/lock.h"
#include "kern/panic.h"
#include "kern/wait.h"
#include "lib/string.h"

#define RING 4096 // a power of two, at least LINE_MAX + 1
#define END  0x100 // in the ring: Ctrl-D
#define CHUNK 128 // of output, under printk's lock at a time

static struct {
	struct spinlock lock;
	struct waitq readers; // sleep while the ring is empty
	uint16_t ring[RING];  // bytes and END
	uint head, tail;      // input comes in at head, read takes at tail
	int mode;             // CONS_LINE or CONS_RAW
	int group;            // in the foreground; 0: none
	struct line line;     // being typed
	uint column;          // the cursor's, where the next line begins
	struct key_decoder keys;
	struct winsize size;  // abi/system.h
} console = {
	.lock = SPINLOCK("console input", RANK_TTY),
	.readers = WAITQ(console.readers, "console"),
	.line = { .cells = { .out = printk_raw } },
	.size = { .ws_row = 24, .ws_col = 80 },
};
static struct console_hooks key_hooks; // [I]

// ---- The ring --------------------------------------------------------------

static uint
ring_room(void)
{
	return RING - (console.head - console.tail);
}

static void
ring_put(uint16_t c)
{
	assert(holding(&console.lock));
	console.ring[console.head++ % RING] = c;
}

static bool
ring_empty(void)
{
	return console.head == console.tail;
}

static uint16_t
ring_get(void)
{
	return console.ring[console.tail++ % RING];
}

// An entry of the ring as the byte that was typed.
static uint8_t
ring_byte(uint16_t c)
{
	return c == END ? CTRL('D') : c;
}

static bool
ring_at_end(void)
{
	return !ring_empty() && console.ring[console.tail % RING] == END;
}

// Moves the typed line to the ring, and behind it `last`: a newline, END, or 0
// for nothing.
static void
line_commit(int last)
{
	struct line *l = &console.line;

	if (ring_room() <= l->len) {
		printk_raw("\a", 1); // the line stays: Enter works later
		return;
	}
	for (uint i = 0; i < l->len; i++)
		ring_put((uint8_t)l->text[i]);
	if (last)
		ring_put(last);
	console.column = last == '\n' ? 0 : l->cells.start + l->len;
	line_reset(l);
	wake_all(&console.readers);
}

// ---- Input -----------------------------------------------------------------

// A byte or key in line mode, except Ctrl-C and Ctrl-P.
static void
input_line(int c)
{
	int key = key_decode(&console.keys, c);

	if (console.line.len == 0)
		console.line.cells.start = console.column % CELLS_ROW;
	switch (key ? line_key(&console.line, key) : LINE_MORE) {
	case LINE_ENTER: line_commit('\n'); break;
	case LINE_END:   line_commit(END); break;
	case LINE_MORE:  break;
	}
}

// A byte or key in raw mode. All bytes of a key go in, or none.
static void
input_raw(int c)
{
	const char *seq = key_sequence(c);
	uint n = seq ? strlen(seq) : 1;

	if (ring_room() < n || (!seq && c > 0xFF))
		return;
	for (uint i = 0; i < n; i++)
		ring_put(seq ? seq[i] : c);
	wake_all(&console.readers);
}

// Ctrl-C: drops all input, because it was for the programs that end now.
static void
input_drop(void)
{
	console.tail = console.head;
	console.keys = (struct key_decoder){ 0 };
	line_reset(&console.line);
	console.column = 0;
	printk_raw("^C\n", 3);
}

// The sink of both drivers, at interrupt time: a byte or a KEY_.
static void
console_input(int c)
{
	bool line;
	int group;

	acquire(&console.lock);
	line = console.mode == CONS_LINE;
	group = console.group;
	if (!line)
		input_raw(c);
	else if (c == CTRL('C'))
		input_drop();
	else if (c != CTRL('P'))
		input_line(c);
	release(&console.lock);

	if (line && c == CTRL('C') && group != 0 && key_hooks.interrupt)
		key_hooks.interrupt(group);
	if (line && c == CTRL('P') && key_hooks.list)
		key_hooks.list();
}

// ---- The device ------------------------------------------------------------

// Takes up to n bytes for a read, in line mode not beyond the end of a line. An
// END ends the read and is removed. An END right behind the n bytes belongs to
// them, and is removed too: else the next read would return 0, the end of all
// input.
static int
ring_read(char *dst, uint n)
{
	bool line = console.mode == CONS_LINE;
	uint got = 0;

	while (got < n && !ring_empty()) {
		uint16_t c = ring_get();

		if (c == END && line)
			return got;
		dst[got++] = ring_byte(c);
		if (c == '\n' && line)
			return got;
	}
	if (line && ring_at_end())
		ring_get();
	return got;
}

static int
console_read(void *dst, uint n)
{
	int err = 0;

	if (n == 0)
		return 0;
	acquire(&console.lock);
	while (!err && ring_empty())
		err = wait_killable(&console.readers, &console.lock);
	n = err ? 0 : ring_read(dst, n);
	release(&console.lock);
	return err ? err : (int)n;
}

// The cursor's column after a program's output, which may be a prompt. The
// kernel's messages are whole lines.
static uint
column_after(uint column, const char *s, size_t n)
{
	for (; n > 0; n--, s++) {
		if (*s == '\n' || *s == '\r')
			column = 0;
		else if (*s == '\b')
			column -= column > 0;
		else if ((uchar)*s >= ' ')
			column++;
	}
	return column;
}

// Writes in pieces, a line each if possible: interrupts are off under printk's
// lock, and a serial line is slow.
static int
console_write(const void *src, uint n)
{
	const char *s = src, *end = s + n;

	while (s < end) {
		size_t piece = min_uint(end - s, CHUNK);
		const char *newline = memchr(s, '\n', piece);

		if (newline)
			piece = newline + 1 - s;
		printk_raw(s, piece);
		s += piece;
	}
	acquire(&console.lock);
	console.column = column_after(console.column, src, n);
	release(&console.lock);
	return n;
}

// Input of the old mode that was not yet read is not lost. In raw mode a
// half-typed line becomes input. In line mode raw input goes through the line
// editor, as if it were typed again.
int
console_set_mode(int flags)
{
	uint waiting;

	if (flags != CONS_LINE && flags != CONS_RAW)
		return -EINVAL;
	acquire(&console.lock);
	waiting = console.mode == flags ? 0 : console.head - console.tail;
	if (console.mode == CONS_LINE && flags == CONS_RAW)
		line_commit(0);
	console.mode = flags;
	console.keys = (struct key_decoder){ 0 };
	while (flags == CONS_LINE && waiting-- > 0)
		input_line(ring_byte(ring_get()));
	release(&console.lock);
	return 0;
}

void
console_set_foreground(int group)
{
	acquire(&console.lock);
	console.group = group;
	release(&console.lock);
}

void
console_size(struct winsize *size, bool set)
{
	acquire(&console.lock);
	if (set)
		console.size = *size;
	else
		*size = console.size;
	release(&console.lock);
}

void
console_hooks(const struct console_hooks *h)
{
	key_hooks = *h;
}

void
console_init_early(void)
{
	uart_init();
	screen_init();
	panic_init();
}

void
console_init(void)
{
	static const struct chardev dev = { console_read, console_write };
	int err = chardev_register(DEV_CONSOLE, &dev);

	assert(!err);
	uart_start_input(console_input);
	kbd_init(console_input);
}
