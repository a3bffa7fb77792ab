// Messages about what went wrong, and the texts of the error numbers.
#include "user/user.h"

const char *
strerror(int number)
{
#define X(name, value, text)                                                   \
	case value:                                                            \
		return text;
	switch (number) {
		ERRNO_LIST(X)
	}
#undef X
	return number == 0 ? "No error" : "Unknown error";
}

const char *
signal_name(int number)
{
	static const struct {
		int number;
		const char *name;
	} names[] = {
		{SIGINT, "SIGINT"},   {SIGILL, "SIGILL"}, {SIGTRAP, "SIGTRAP"},
		{SIGBUS, "SIGBUS"},   {SIGFPE, "SIGFPE"}, {SIGKILL, "SIGKILL"},
		{ SIGSEGV, "SIGSEGV" },
	};

	for (uint i = 0; i < countof(names); i++)
		if (names[i].number == number)
			return names[i].name;
	return "signal";
}

// Prints a message with one write, so that the lines of two programs do not
// mix. If reason is NULL no reason is printed.
static void
message(const char *reason, const char *fmt, va_list ap)
{
	char line[256];
	int n = snprintf(line, sizeof(line), "%s: ", progname);

	if (n < (int)sizeof(line))
		vsnprintf(line + n, sizeof(line) - n, fmt, ap);
	if (reason)
		dprintf(2, "%s: %s\n", line, reason);
	else
		dprintf(2, "%s\n", line);
}

void
warn(const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	va_start(ap, fmt);
	message(strerror(saved), fmt, ap);
	va_end(ap);
	errno = saved;
}

void
warnx(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	message(NULL, fmt, ap);
	va_end(ap);
}

void
err(int status, const char *fmt, ...)
{
	va_list ap;

	// The reader of a pipe has read enough: that is no failure.
	if (errno == EPIPE)
		exit(status);
	va_start(ap, fmt);
	message(strerror(errno), fmt, ap);
	va_end(ap);
	exit(status);
}

void
errx(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	message(NULL, fmt, ap);
	va_end(ap);
	exit(status);
}

void
usage(const char *args)
{
	dprintf(2, "usage: %s%s%s\n", progname, *args ? " " : "", args);
	exit(2);
}

void
perror(const char *s)
{
	dprintf(2, "%s: %s\n", s, strerror(errno));
}

void
end_machine(int how)
{
	if (sync() < 0)
		warn("sync");
	reboot(how);
	err(1, "the machine stays on");
}
