// The clock on a battery (MC146818): it shows the host's date, in BCD and 24
// hours. It cannot be set.
#include "abi/info.h"
#include "user/lib/date.h"
#include "user/machine/machine.h"

#define STATUS_B 0x0B
#define HOURS_24 0x02

static unsigned int index;

static unsigned int
field(const struct date *d)
{
	switch (index) {
	case 0:  return d->second;
	case 2:  return d->minute;
	case 4:  return d->hour;
	case 6:  return d->weekday + 1;
	case 7:  return d->day;
	case 8:  return d->month;
	case 9:  return d->year % 100;
	case 0x32: return d->year / 100;
	default: return 0;
	}
}

unsigned int
cmos_read(unsigned int port)
{
	struct wall_time now;
	struct date d;
	unsigned int n;

	if (port == 0x70)
		return 0xFF;
	if (index == STATUS_B)
		return HOURS_24;
	gettime(&now);
	date_of(now.seconds, &d);
	n = field(&d);
	return n / 10 << 4 | n % 10;
}

void
cmos_write(unsigned int port, unsigned int value)
{
	if (port == 0x70)
		index = value & 0x7F;
}
