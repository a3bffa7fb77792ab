// The PS/2 keyboard.
#pragma once

// Enables the keyboard, if there is a controller. From here on each key that is
// typed goes to sink(), at interrupt time: a byte, or a KEY_ of dev/keys.h.
// Needs irq_init.
void kbd_init(void (*sink)(int c));
