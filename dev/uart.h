// The serial line: a 16550 UART at COM1.
#pragma once

// Sets the line to 115200 baud, 8 bits, no parity, and registers it as a sink
// of printk. Output only; interrupts are not needed. Does nothing if the
// machine has no UART.
void uart_init(void);
// From here on each byte that arrives goes to sink(), at interrupt time. Needs
// irq_init.
void uart_start_input(void (*sink)(int c));
