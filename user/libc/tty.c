// The console as a terminal of POSIX, and the system's name.
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/utsname.h>
#include <termios.h>
#include <unistd.h>

int consmode(int mode); // user/user.h
int winsize(int fd, struct winsize *size, int set);

static struct termios now = {ICRNL,
			     OPOST | ONLCR,
			     CS8 | CREAD,
			     ISIG | ICANON | ECHO | ECHOE | ECHOK | IEXTEN,
			     {[VMIN] = 1}};

int
ioctl(int fd, unsigned long request, ...)
{
	struct winsize *size;
	va_list ap;

	va_start(ap, request);
	size = va_arg(ap, struct winsize *);
	va_end(ap);
	if (request == TIOCGWINSZ || request == TIOCSWINSZ)
		return winsize(fd, size, request == TIOCSWINSZ);
	errno = EINVAL;
	return -1;
}

int
tcgetattr(int fd, struct termios *t)
{
	if (!isatty(fd))
		return -1;
	*t = now;
	return 0;
}

int
tcsetattr(int fd, int when, const struct termios *t)
{
	(void)when;
	if (!isatty(fd))
		return -1;
	now = *t;
	return consmode(t->c_lflag & ICANON ? CONS_LINE : CONS_RAW);
}

int
uname(struct utsname *u)
{
	*u = (struct utsname){ "cr3", "cr3", "1", "1", "i686" };
	return 0;
}
