// The machine that vmm builds around a guest: a PC with one processor, memory,
// a serial line, one IDE disk, and the clocks and interrupt controllers of the
// first PCs. Each device is a file here; this is how they meet.
//
//	guest's in, out ---> port_read, port_write ---> a device (ports.c)
//	a device ---> pic_line ---> the guest's interrupt
//	time     ---> pit_poll, and the input thread ---> uart
#pragma once
#include "abi/guest.h"
#include "user/user.h"

extern unsigned char *memory;  // the guest's physical memory
extern unsigned int memory_size;

// ---- ports.c: which device answers at which port ----------------------------
// size: 1, 2 or 4 bytes. A port without a device reads as ones.
unsigned int port_read(unsigned int port, unsigned int size);
void port_write(unsigned int port, unsigned int size, unsigned int value);

// ---- load.c: a multiboot kernel ---------------------------------------------
// Loads the kernel, and sets the registers with which it begins. Ends the
// program if the file is no kernel for this memory.
void load_kernel(const char *path, struct guest_regs *regs);

// ---- pic.c: two 8259 (Intel's data sheet) -----------------------------------
// Sets an interrupt line, 0 to 15. A change from low to high is an interrupt.
void pic_line(int line, bool high);
// Is there an interrupt that is not masked, nor held back by one in service?
bool pic_waiting(void);
// The vector of that interrupt, which is in service from now on.
int pic_acknowledge(void);
// Has the line interrupted, and has this not been acknowledged yet?
bool pic_pending(int line);
unsigned int pic_read(unsigned int port);
void pic_write(unsigned int port, unsigned int value);

// ---- clock.c: the host's time -----------------------------------------------
void clock_start(void);
// Counts of the PIT's clock, 1,193,182 Hz, since clock_start.
unsigned long long clock_counts(void);

// ---- pit.c: an 8254, and port 61 --------------------------------------------
// Interrupts if the period of channel 0 has passed.
void pit_poll(void);
unsigned int pit_read(unsigned int port);
void pit_write(unsigned int port, unsigned int value);

// ---- cmos.c: the clock that knows the date ----------------------------------
unsigned int cmos_read(unsigned int port);
void cmos_write(unsigned int port, unsigned int value);

// ---- uart.c: a 16550 --------------------------------------------------------
// Makes the console raw, if file 0 is the console, and starts a thread that
// reads file 0. Ctrl-A X ends the
// program, Ctrl-A Ctrl-A is a Ctrl-A.
void uart_start(void);
// Takes what has been typed since the last call, and prints what was sent.
void uart_poll(void);
// Sleeps until something is typed, but at most one tick.
void uart_wait(void);
// Prints what was sent.
void uart_flush(void);
// The same, and makes the console as it was. All ends of the program come by
// here.
void uart_end(void);
unsigned int uart_read(unsigned int port);
void uart_write(unsigned int port, unsigned int value);

// ---- ide.c: one disk, by PIO ------------------------------------------------
// path NULL: no disk. Ends the program if the file cannot be opened.
void ide_start(const char *path);
unsigned int ide_read(unsigned int port, unsigned int size);
void ide_write(unsigned int port, unsigned int size, unsigned int value);
// Moves up to n bytes of the sector under way, from the disk or to it. Returns
// how many there were.
unsigned int ide_take(void *to, unsigned int n);
unsigned int ide_give(const void *from, unsigned int n);

// ---- vmm.c ------------------------------------------------------------------
__noreturn void machine_reset(void);   // begins again
__noreturn void machine_off(int status); // ends the program
