// The screen: VGA text, 80 columns by 25 rows of cells, each a character and
// its colours.
//
// The adapter has memory for 204 rows, and shows 25 of them from `top` on. To
// scroll, the kernel only moves `top` down. At the end of the memory it copies
// the rows back to the beginning. So a line of output costs as much as a line,
// not as a screen:
//
//	vga[0]   +-----------------+
//	         | scrolled away   |
//	top      +-----------------+ <- CRTC start address
//	         | the 25 rows     |
//	         +-----------------+
//	         | not yet used    |
//	ROWS_ALL +-----------------+
//
// Invariant: row < ROWS, col <= COLS, top + ROWS <= ROWS_ALL. col == COLS means
// that the row is full and that the next character begins another row: a line
// of exactly 80 characters leaves no empty row behind it.
#include "dev/screen.h"
#include "kern/printk.h"
#include "lib/string.h"
#include "memlayout.h"
#include "x86/insn.h"

#define COLS     80
#define ROWS     25
#define ROWS_ALL (0x8000 / 2 / COLS)
#define VGA_TEXT 0xB8000
#define TAB      8

#define GREY_ON_BLACK 0x07
#define BRIGHT        0x08

// The CRT controller: register number and value in one 16-bit write.
#define CRTC       0x3D4
#define CRTC_START 0x0C // first cell shown: high byte, then low byte
#define CRTC_CURSOR 0x0E

#define ESC_PARAMS 4

static volatile uint16_t *vga;
static uint top, row, col;
static uint8_t colour = GREY_ON_BLACK;

// The state inside a control sequence: ESC [ number ; number letter.
static enum { TEXT, ESCAPE, SEQUENCE } state;
static uint param[ESC_PARAMS];
static uint nparam;

static void
cells_clear(uint from_row, uint from_col, uint n)
{
	uint at = (top + from_row) * COLS + from_col;

	while (n-- > 0)
		vga[at++] = colour << 8 | ' ';
}

static void
crtc_write(uint reg, uint cell)
{
	outw(CRTC, (cell & 0xFF00) | reg);
	outw(CRTC, (cell & 0xFF) << 8 | (reg + 1));
}

// Tells the adapter the first row and the cursor's place.
static void
screen_show(void)
{
	uint c = col < COLS ? col : COLS - 1;

	crtc_write(CRTC_START, top * COLS);
	crtc_write(CRTC_CURSOR, (top + row) * COLS + c);
}

static void
screen_scroll(void)
{
	if (top + ROWS == ROWS_ALL) {
		for (uint i = 0; i < ROWS * COLS; i++)
			vga[i] = vga[top * COLS + i];
		top = 0;
	}
	top++;
	cells_clear(ROWS - 1, 0, COLS);
}

static void
screen_newline(void)
{
	col = 0;
	if (row < ROWS - 1)
		row++;
	else
		screen_scroll();
}

static void
screen_put(char c)
{
	if (col == COLS)
		screen_newline();
	vga[(top + row) * COLS + col] = colour << 8 | (uint8_t)c;
	col++;
}

// ESC [ ... m: colours. In ANSI red, green and blue are bits 0, 1 and 2; in the
// adapter they are bits 2, 1 and 0.
static void
screen_colour(uint p)
{
	static const uint8_t vga_of[8] = { 0, 4, 2, 6, 1, 5, 3, 7 };

	if (p == 0)
		colour = GREY_ON_BLACK;
	else if (p == 1)
		colour |= BRIGHT;
	else if (p == 7)
		colour = colour << 4 | colour >> 4;
	else if (p >= 30 && p <= 37)
		colour = (colour & 0xF8) | vga_of[p - 30];
	else if (p >= 40 && p <= 47)
		colour = (colour & 0x8F) | vga_of[p - 40] << 4;
}

// ESC [ n J and K. 0: from the cursor to the end, 1: up to the cursor, 2: all.
static void
screen_erase(uint how, uint first, uint at, uint end)
{
	uint from = how == 0 ? at : first;
	uint to = how == 1 ? at + 1 : end;

	if (how <= 2 && to <= ROWS * COLS)
		cells_clear(from / COLS, from % COLS, to - from);
}

static void
screen_goto(uint r, uint c)
{
	row = min_uint(r, ROWS - 1);
	col = min_uint(c, COLS - 1);
}

// Does what the letter that ends a sequence says. Ignores an unknown letter.
static void
screen_sequence(char c)
{
	uint n = max_uint(param[0], 1);
	uint x = min_uint(col, COLS - 1);
	uint at = row * COLS + x;

	switch (c) {
	case 'A': screen_goto(row - min_uint(n, row), x); break;
	case 'B': screen_goto(row + min_uint(n, ROWS), x); break;
	case 'C': screen_goto(row, x + min_uint(n, COLS)); break;
	case 'D': screen_goto(row, x - min_uint(n, x)); break;
	case 'G': screen_goto(row, n - 1); break;
	case 'H': screen_goto(n - 1, max_uint(param[1], 1) - 1); break;
	case 'J': screen_erase(param[0], 0, at, ROWS * COLS); break;
	case 'K': screen_erase(param[0], at - x, at, at - x + COLS); break;
	case 'm':
		for (uint i = 0; i <= nparam && i < ESC_PARAMS; i++)
			screen_colour(param[i]);
		break;
	}
}

// Takes a byte inside of a control sequence.
static void
screen_escape(char c)
{
	if (state == ESCAPE) {
		state = c == '[' ? SEQUENCE : TEXT;
		memset(param, 0, sizeof(param));
		nparam = 0;
	} else if (c >= '0' && c <= '9') {
		if (nparam < ESC_PARAMS && param[nparam] < 1000)
			param[nparam] = param[nparam] * 10 + c - '0';
	} else if (c == ';') {
		nparam = min_uint(nparam + 1, ESC_PARAMS);
	} else if (c >= '@') {
		state = TEXT;
		screen_sequence(c);
	}
}

static void
screen_putc(char c)
{
	if (state != TEXT) {
		screen_escape(c);
		return;
	}
	switch (c) {
	case '\n': screen_newline(); break;
	case '\r': col = 0; break;
	case '\b': col -= col > 0; break;
	case '\t':
		do
			screen_put(' ');
		while (col % TAB != 0);
		break;
	case '\033': state = ESCAPE; break;
	case '\a':
	case '\0': break;
	default: screen_put(c);
	}
}

// The sink.
static void
screen_write(const char *s, size_t n)
{
	while (n-- > 0)
		screen_putc(*s++);
	screen_show();
}

void
screen_init(void)
{
	static struct printk_sink sink = { .write = screen_write };

	vga = P2V(VGA_TEXT);
	cells_clear(0, 0, ROWS * COLS);
	screen_show();
	printk_register(&sink);
}
