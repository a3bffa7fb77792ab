// The console's modes, as far as it has them: ICANON (a line at a time, with
// echo and Ctrl-C), or every byte at once, with neither. All else is ignored. A
// read waits for a byte whatever VTIME is.
#pragma once
typedef unsigned int tcflag_t, speed_t;
typedef unsigned char cc_t;
#define NCCS 20
struct termios {
	tcflag_t c_iflag, c_oflag, c_cflag, c_lflag;
	cc_t c_cc[NCCS];
};
enum { VINTR, VQUIT, VERASE, VKILL, VEOF, VTIME, VMIN };
enum { IGNBRK = 1, BRKINT = 2, IGNPAR = 4, PARMRK = 8, INPCK = 16, ISTRIP = 32,
       INLCR = 64, IGNCR = 128, ICRNL = 256, IXON = 1024, IXANY = 2048,
       IXOFF = 4096 };
enum { OPOST = 1, ONLCR = 4 };
enum { CSIZE = 48, CS5 = 0, CS6 = 16, CS7 = 32, CS8 = 48, CSTOPB = 64,
       CREAD = 128, PARENB = 256 };
enum { ISIG = 1, ICANON = 2, ECHO = 8, ECHOE = 16, ECHOK = 32, ECHONL = 64,
       NOFLSH = 128, TOSTOP = 256, IEXTEN = 32768 };
enum { TCSANOW, TCSADRAIN, TCSAFLUSH };
int tcgetattr(int fd, struct termios *t);
int tcsetattr(int fd, int when, const struct termios *t);
