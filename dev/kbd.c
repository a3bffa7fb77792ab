// The PS/2 keyboard behind the 8042 controller, as scan codes of set 1 (the
// controller translates; IBM PS/2 hardware interface reference, "Keyboard and
// Auxiliary Device Controller").
//
// A key sends its code when it goes down, and the code | 0x80 when it comes up.
// E0 before the code marks a key that the first PC did not have. US layout.
//
// The controller holds one byte, and interrupts when it gets one. A byte that
// is not read blocks all later bytes: a key that is pressed too early would
// make the keyboard dead. So the buffer is emptied before and after the
// interrupt is turned on.
#include "dev/kbd.h"
#include "dev/keys.h"
#include "kern/printk.h"
#include "x86/insn.h"
#include "x86/irq.h"
#include "x86/timer.h"

#define KBD_DATA   0x60
#define KBD_STATUS 0x64 // read
#define KBD_CMD    0x64 // write

#define STATUS_OUT 0x01 // KBD_DATA holds a byte for the kernel
#define STATUS_IN  0x02 // the controller has not yet taken the last byte
#define STATUS_AUX 0x20 // the byte in KBD_DATA is from the mouse

#define CMD_READ_CONFIG  0x20
#define CMD_WRITE_CONFIG 0x60
#define CMD_DISABLE      0xAD
#define CMD_ENABLE       0xAE

#define CONFIG_IRQ       0x01 // interrupt when a byte has come
#define CONFIG_OFF       0x10 // the keyboard's clock is stopped
#define CONFIG_TRANSLATE 0x40 // to set 1

#define SCAN_E0 0xE0
#define SCAN_E1 0xE1 // the Pause key: two more bytes follow
#define SCAN_UP 0x80
#define SCAN_CTRL   0x1D
#define SCAN_LSHIFT 0x2A
#define SCAN_RSHIFT 0x36
#define SCAN_ALT    0x38
#define SCAN_CAPS   0x3A
#define SCAN_NUM    0x45
#define SCAN_KEYPAD 0x47 // first of the keypad's thirteen keys
#define SCAN_102ND  0x56 // beside the left shift, on European keyboards

// The characters of scan codes 0 and up, one row of the keyboard in each line.
// Enter and Backspace send the same bytes as serial terminals.
static const char plain[] = "\000\0331234567890-=\177"
			    "\tqwertyuiop[]\r"
			    "\000asdfghjkl;'`"
			    "\000\\zxcvbnm,./\000*"
			    "\000 ";
static const char shifted[] = "\000\033!@#$%^&*()_+\177"
			      "\tQWERTYUIOP{}\r"
			      "\000ASDFGHJKL:\"~"
			      "\000|ZXCVBNM<>?\000*"
			      "\000 ";
_Static_assert(sizeof(plain) == SCAN_CAPS + 1, "a row lacks a key");
_Static_assert(sizeof(shifted) == SCAN_CAPS + 1, "a row lacks a key");

// The keypad, with NumLock and without. The grey keys beside it send the same
// codes with E0, and mean the second table.
static const char pad_digit[] = "789-456+1230.";
static const uint16_t pad_key[] = {
	KEY_HOME, KEY_UP,   0,	       '-', // 7 8 9 -
	KEY_LEFT, 0,	    KEY_RIGHT, '+', // 4 5 6 +
	KEY_END,  KEY_DOWN, 0,		    // 1 2 3
	0,	  KEY_DEL,		    // 0 .
};

// The keys that are down or locked. Changed at interrupt time, on the first
// CPU.
static struct {
	bool shift, ctrl, alt, caps, num;
	bool e0;   // the last byte was E0
	uint skip; // bytes of the Pause key that are still to come
} keys;

static void (*kbd_sink)(int c); // [I] who gets the keys

// Waits at most 20 ms until the bit `want` of the status is `set`. Is it?
static bool
kbd_wait(uint want, bool set)
{
	for (int i = 0; i < 2000; i++) {
		if (!!(inb(KBD_STATUS) & want) == set)
			return true;
		timer_udelay(10);
	}
	return false;
}

static void
kbd_drain(void)
{
	for (int i = 0; i < 64 && (inb(KBD_STATUS) & STATUS_OUT); i++)
		inb(KBD_DATA);
}

static bool
kbd_send(uint16_t port, uint8_t byte)
{
	if (!kbd_wait(STATUS_IN, false))
		return false;
	outb(port, byte);
	return true;
}

// Handles a modifier key. False if code is another key.
static bool
kbd_modifier(uint code, bool down, bool e0)
{
	switch (code) {
	case SCAN_LSHIFT:
	case SCAN_RSHIFT:
		if (!e0) // the keyboard itself puts E0 shifts around grey keys
			keys.shift = down;
		return true;
	case SCAN_CTRL: keys.ctrl = down; return true;
	case SCAN_ALT:  keys.alt = down; return true;
	case SCAN_CAPS: keys.caps ^= down; return true;
	case SCAN_NUM:  keys.num ^= down; return true;
	}
	return false;
}

// The key's character or KEY_, or 0 if it has neither.
static int
kbd_meaning(uint code, bool e0)
{
	if (code < SCAN_CAPS) {
		char c = plain[code];
		bool letter = c >= 'a' && c <= 'z';

		return keys.shift != (keys.caps && letter) ? shifted[code] : c;
	}
	if (code == SCAN_102ND)
		return keys.shift ? '>' : '<';
	if (code - SCAN_KEYPAD < countof(pad_key))
		return keys.num && !e0 ? pad_digit[code - SCAN_KEYPAD]
				       : pad_key[code - SCAN_KEYPAD];
	return 0;
}

static void
kbd_press(uint code, bool e0)
{
	int c = kbd_meaning(code, e0);

	if (c == 0)
		return;
	if (keys.ctrl && c >= '@' && c < 0x7F)
		c &= 0x1F;
	if (keys.alt && c < 0x80) // like a terminal
		kbd_sink('\033');
	kbd_sink(c);
}

static void
kbd_byte(uint byte)
{
	bool e0 = keys.e0, down = !(byte & SCAN_UP);

	keys.e0 = byte == SCAN_E0;
	if (keys.skip > 0)
		keys.skip--;
	else if (byte == SCAN_E1)
		keys.skip = 2;
	else if (!keys.e0 && !kbd_modifier(byte & ~SCAN_UP, down, e0) && down)
		kbd_press(byte, e0);
}

static void
kbd_interrupt(void *arg)
{
	uint status;

	while ((status = inb(KBD_STATUS)) & STATUS_OUT) {
		uint8_t byte = inb(KBD_DATA);

		if (!(status & STATUS_AUX))
			kbd_byte(byte);
	}
}

// Makes the controller translate and interrupt. Meanwhile the keyboard is
// disabled, so that no key is taken for the configuration byte.
static bool
kbd_configure(void)
{
	uint8_t config;

	if (!kbd_send(KBD_CMD, CMD_DISABLE))
		return false;
	kbd_drain();
	if (!kbd_send(KBD_CMD, CMD_READ_CONFIG) || !kbd_wait(STATUS_OUT, true))
		return false;
	config = inb(KBD_DATA);
	config = (config | CONFIG_IRQ | CONFIG_TRANSLATE) & ~CONFIG_OFF;
	return kbd_send(KBD_CMD, CMD_WRITE_CONFIG) &&
	       kbd_send(KBD_DATA, config) && kbd_send(KBD_CMD, CMD_ENABLE);
}

void
kbd_init(void (*sink)(int c))
{
	if (inb(KBD_STATUS) == 0xFF) // a bus without a device
		return;
	if (!kbd_configure()) {
		printk("kbd: the keyboard controller does not answer\n");
		return;
	}
	kbd_sink = sink;
	if (irq_register(IRQ_KBD, kbd_interrupt, NULL)) {
		printk("kbd: no interrupt, so no keyboard\n");
		return;
	}
	kbd_drain();
}
