// Arguments of the calls reboot and consmode.
#pragma once

#define REBOOT_RESTART 0
#define REBOOT_POWEROFF 1

#define CONS_LINE 0 // a line at a time, edited and echoed
#define CONS_RAW  1 // every byte at once, no echo, no Ctrl-C
