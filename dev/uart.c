// The serial line: a 16550 UART at COM1 (National Semiconductor PC16550D data
// sheet, section 8).
//
// Output is polled: the UART has taken a byte before its write returns, so that
// the whole text of a panic comes out. Input comes by interrupt.
//
// Invariant: `fifo` is 0 while no UART has been found. Then nothing is written
// to the ports.
#include "dev/uart.h"
#include "kern/printk.h"
#include "x86/insn.h"
#include "x86/irq.h"

#define COM1 0x3F8

// Registers, as offsets from the base.
#define RBR 0 // read: the byte received
#define THR 0 // write: the byte to send
#define DLL 0 // divisor, low byte, while LCR_DLAB
#define IER 1 // which events interrupt
#define DLM 1 // divisor, high byte, while LCR_DLAB
#define IIR 2 // read: the event that interrupted
#define FCR 2 // write: FIFO control
#define LCR 3 // line format
#define MCR 4 // modem control
#define LSR 5 // line status
#define SCR 7 // scratch: keeps what is written to it

#define IER_RX     0x01 // a byte has arrived
#define IIR_FIFO   0xC0 // both bits: the FIFOs are on and work
#define FCR_ENABLE 0x01
#define LCR_8N1    0x03
#define LCR_DLAB   0x80
#define MCR_DTR    0x01
#define MCR_RTS    0x02
#define MCR_OUT2   0x08 // on a PC: lets the interrupt through
#define LSR_RX     0x01 // a byte is waiting
#define LSR_TX     0x20 // the transmitter takes bytes: as many as `fifo`

// How often a full transmitter is polled before a byte is given up. A poll
// takes at most a microsecond, and a byte 87. So the limit is reached only if
// the other side stops the line for several seconds (a terminal after Ctrl-S).
#define TX_POLLS (1 << 24)

static uint fifo;       // bytes that an empty transmitter takes
static uint room;       // [console lock] how many of them fit now
static bool stalled;    // [console lock] the last byte was given up
static int typed_early = -1;          // a byte that came before uart_init
static void (*uart_sink)(int c);      // [I] who gets what arrives

// Does the scratch register keep what is written to it? Without a UART it reads
// 0xFF.
static bool
uart_probe(void)
{
	outb(COM1 + SCR, 0x5A);
	if (inb(COM1 + SCR) != 0x5A)
		return false;
	outb(COM1 + SCR, 0xA5);
	return inb(COM1 + SCR) == 0xA5;
}

// Waits until the transmitter is empty. After one long wait for a stopped
// terminal, later bytes do not wait until the line moves again.
static bool
uart_tx_ready(void)
{
	uint polls = stalled ? 1 : TX_POLLS;

	while (polls-- > 0) {
		if (inb(COM1 + LSR) & LSR_TX) {
			stalled = false;
			return true;
		}
		cpu_pause();
	}
	stalled = true;
	return false;
}

static void
uart_putc(char c)
{
	if (room == 0) {
		if (!uart_tx_ready())
			return;
		room = fifo;
	}
	outb(COM1 + THR, c);
	room--;
}

// The sink. Terminals want a carriage return at the end of a line.
static void
uart_write(const char *s, size_t n)
{
	for (; n > 0; n--, s++) {
		if (*s == '\n')
			uart_putc('\r');
		uart_putc(*s);
	}
	room = 0; // unknown at the next call
}

void
uart_init(void)
{
	static struct printk_sink sink = { .write = uart_write };

	if (!uart_probe())
		return;
	outb(COM1 + IER, 0);
	outb(COM1 + LCR, LCR_DLAB);
	outb(COM1 + DLL, 1); // 115200 / 1 baud
	outb(COM1 + DLM, 0);
	outb(COM1 + LCR, LCR_8N1);
	// Turning the FIFOs on empties them. So first keep a byte that is
	// there: input from a pipe has come already.
	if (inb(COM1 + LSR) & LSR_RX)
		typed_early = inb(COM1 + RBR);
	outb(COM1 + FCR, FCR_ENABLE);
	outb(COM1 + MCR, MCR_DTR | MCR_RTS | MCR_OUT2);
	fifo = (inb(COM1 + IIR) & IIR_FIFO) == IIR_FIFO ? 16 : 1;
	printk_register(&sink);
	// A BIOS with a serial console may turn off the terminal's wrapping of
	// long lines. Turn it on.
	uart_write("\033[?7h", 5);
}

static void
uart_interrupt(void *arg)
{
	while (inb(COM1 + LSR) & LSR_RX)
		uart_sink(inb(COM1 + RBR));
}

void
uart_start_input(void (*sink)(int c))
{
	if (fifo == 0)
		return;
	uart_sink = sink;
	if (irq_register(IRQ_COM1, uart_interrupt, NULL)) {
		printk("uart: no interrupt, so no input from COM1\n");
		return;
	}
	if (typed_early >= 0)
		sink(typed_early);
	// If a byte waits already, this raises the interrupt line: a rising
	// edge.
	outb(COM1 + IER, IER_RX);
}
