// The serial line: a 16550 UART at COM1.
#pragma once

// Sets it to 115200 baud, 8 bits, no parity, and registers it as a sink. Output
// only; interrupts are not needed. Does nothing where there is no UART.
void uart_init(void);
// From here on what arrives goes to console_input. Needs irq_init.
void uart_start_input(void);
