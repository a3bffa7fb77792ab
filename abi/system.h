// Arguments of the calls reboot, consmode and winsize.
#pragma once

#define REBOOT_RESTART 0
#define REBOOT_POWEROFF 1

#define CONS_LINE 0 // a line at a time, edited and echoed
#define CONS_RAW  1 // every byte at once, no echo, no Ctrl-C

// How many rows and columns a program may use. The console starts with 24 and
// 80, which the screen and every terminal have. A program that knows better,
// because it has asked the terminal, says so to the others.
struct winsize {
	unsigned short ws_row, ws_col;
	unsigned short ws_xpixel, ws_ypixel; // 0: it has none
};
