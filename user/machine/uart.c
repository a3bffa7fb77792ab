// A 16550 serial line: what the guest sends goes to file 1; what is typed comes
// to the guest. A thread waits for the keys.
#include "user/machine/machine.h"
#include "user/pthread.h"

#define IRQ_COM1 4
#define FIFO 256 // bytes typed ahead
#define LEAVE 1  // Ctrl-A

enum { DATA, IER, IIR, LCR, MCR, LSR, MSR, SCRATCH };
#define IER_RX   1
#define LCR_DLAB 0x80
#define LSR_RX   0x01
#define LSR_TX   0x60 // the transmitter is empty

static unsigned char reg[8], divisor[2];
static char out[256];
static unsigned int outs;
static bool console; // file 0 is the console, which is raw now

// The thread writes `typed`, the machine `taken`; both only grow.
static unsigned char keys[FIFO];
static volatile int typed, taken;

// ---- The console ------------------------------------------------------------

void
uart_flush(void)
{
	if (outs)
		write_all(1, out, outs);
	outs = 0;
}

void
uart_end(void)
{
	uart_flush();
	if (console)
		consmode(CONS_LINE);
}

static void
put_key(unsigned char c)
{
	while (typed - taken == FIFO)
		sleep(1);
	keys[typed % FIFO] = c;
	__atomic_add_fetch(&typed, 1, __ATOMIC_RELEASE);
	futex_wake((int *)&typed, 1);
}

static void *
read_keys(void *arg)
{
	bool command = false;
	unsigned char c;

	while (read(0, &c, 1) == 1) {
		if (command && (c == 'x' || c == 'X'))
			machine_off(0);
		if (command || c != LEAVE)
			put_key(c);
		command = !command && c == LEAVE;
	}
	return NULL;
}

void
uart_start(void)
{
	pthread_t t;

	console = isatty(0);
	if (console)
		consmode(CONS_RAW);
	errno = pthread_create(&t, NULL, read_keys, NULL);
	if (errno)
		err(1, "thread");
}

void
uart_wait(void)
{
	int seen = typed;

	uart_flush();
	if (seen == taken)
		futex_wait((int *)&typed, seen, 1);
}

// ---- The registers ----------------------------------------------------------

static void
interrupt(void)
{
	pic_line(IRQ_COM1, reg[IER] & IER_RX && typed != taken);
}

void
uart_poll(void)
{
	uart_flush();
	interrupt();
}

static unsigned int
take_key(void)
{
	unsigned int c = 0;

	if (typed != taken) {
		c = keys[taken % FIFO];
		taken++;
	}
	pic_line(IRQ_COM1, false);
	interrupt();
	return c;
}

unsigned int
uart_read(unsigned int port)
{
	unsigned int r = port & 7;

	if (reg[LCR] & LCR_DLAB && r <= IER)
		return divisor[r];
	switch (r) {
	case DATA: return take_key();
	case IIR:  return typed != taken && reg[IER] & IER_RX ? 0xC4 : 0xC1;
	case LSR:  return LSR_TX | (typed != taken ? LSR_RX : 0);
	case MSR:  return 0xB0; // the other side is there
	default:   return reg[r];
	}
}

void
uart_write(unsigned int port, unsigned int value)
{
	unsigned int r = port & 7;

	if (reg[LCR] & LCR_DLAB && r <= IER) {
		divisor[r] = value;
		return;
	}
	if (r != DATA) {
		reg[r] = value;
		if (r == IER)
			interrupt();
		return;
	}
	out[outs++] = value;
	if (outs == sizeof(out))
		uart_flush();
}
