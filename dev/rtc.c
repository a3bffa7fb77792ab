// The clock that knows the date.
#include "dev/rtc.h"
#include "abi/limits.h"
#include "kern/clock.h"
#include "kern/lock.h"
#include "lib/fmt.h"
#include "x86/insn.h"

// Registers: second, minute, hour, day, month and year, and two of status.
static const uint8_t places[] = { 0, 2, 4, 7, 8, 9 };
enum { SECOND, MINUTE, HOUR, DAY, MONTH, YEAR, FIELDS };
#define STATUS_A 0x0A
#define UPDATING 0x80 // of A: the date changes within 244 us
#define STATUS_B 0x0B
#define BINARY   0x04 // of B: else two decimal digits in a byte
#define HOURS_24 0x02 // of B: else bit 7 of the hour means afternoon
#define PM       0x80
#define TRIES    5000 // an update takes 2 ms; the clock may be broken

static struct spinlock lock = SPINLOCK("date", RANK_TTY);
static uint start; // the time at tick 0, or 0: not known yet

static uint8_t
cmos_read(uint8_t place)
{
	outb(0x70, place);
	return inb(0x71);
}

static void
read_fields(uint8_t field[FIELDS])
{
	for (int i = 0; i < TRIES && cmos_read(STATUS_A) & UPDATING; i++)
		;
	for (int i = 0; i < FIELDS; i++)
		field[i] = cmos_read(places[i]);
}

static uint
binary(uint8_t n, uint8_t mode)
{
	return mode & BINARY ? n : (n >> 4) * 10 + (n & 15);
}

static uint
hour(uint8_t n, uint8_t mode)
{
	uint h = binary(mode & HOURS_24 ? n : n & ~PM, mode);

	if (mode & HOURS_24)
		return h;
	return h % 12 + (n & PM ? 12 : 0);
}

// Days from 1970 to a date. A year of the count begins in March, so that the
// day that some years have more is a year's last.
static uint
days(uint year, uint month, uint day)
{
	static const uint16_t before[] = { 306, 337, 0,	  31,  61,  92,
					  122, 153, 184, 214, 245, 275};

	year -= month < 3;
	return (year - 1968) * 365 + (year - 1968) / 4 +
	       before[(month - 1) % 12] + day - 1 - 671;
}

// Seconds since 1970.
static uint
rtc_read(void)
{
	uint8_t field[FIELDS], mode = cmos_read(STATUS_B);
	uint year, time;

	read_fields(field);
	year = binary(field[YEAR], mode);
	year += year < 70 ? 2000 : 1900;
	time = hour(field[HOUR], mode) * 3600 +
	       binary(field[MINUTE], mode) * 60 + binary(field[SECOND], mode);
	return days(year, binary(field[MONTH], mode),
		    binary(field[DAY], mode)) *
		       86400 +
	       time;
}

// The lock also keeps others from the clock's two ports.
struct wall_time
rtc_time(void)
{
	uint64_t ticks = clock_ticks();
	uint32_t rest;
	uint seconds = div_u64(ticks, HZ, &rest), first;

	acquire(&lock);
	if (!start)
		start = rtc_read() - seconds;
	first = start;
	release(&lock);
	return (struct wall_time){ first + seconds, rest * (1000000000 / HZ) };
}
