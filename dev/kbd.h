// The PS/2 keyboard.
#pragma once

// Enables the keyboard, if there is a controller; what is typed from here on
// goes to console_input. Needs irq_init.
void kbd_init(void);
