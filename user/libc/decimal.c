// A double is a whole number times a power of two. A negative power is a power
// of five times a power of ten: so every double is a whole number of a power of
// ten, and long multiplication gives all its digits.
#include "decimal.h"
#include <math.h>
#include <string.h>

#define BASE  1000000000u // a limb: nine digits
#define LIMBS 130

struct big {
	unsigned int limb[LIMBS]; // the lowest first
	int count;
};

static void
multiply(struct big *b, unsigned int by)
{
	unsigned long long carry = 0;

	for (int i = 0; i < b->count; i++) {
		carry += (unsigned long long)b->limb[i] * by;
		b->limb[i] = carry % BASE;
		carry /= BASE;
	}
	if (carry)
		b->limb[b->count++] = carry;
}

// The digits without zeros at the beginning.
static void
put_digits(struct decimal *d, const struct big *b)
{
	d->count = 0;
	for (int i = b->count - 1; i >= 0; i--)
		for (unsigned int unit = BASE / 10; unit; unit /= 10) {
			int v = b->limb[i] / unit % 10;

			if (v || d->count)
				d->digit[d->count++] = '0' + v;
		}
}

static void
drop_zeros(struct decimal *d)
{
	while (d->count > 0 && d->digit[d->count - 1] == '0')
		d->count--;
	if (d->count == 0)
		d->point = 0;
}

void
decimal_of(struct decimal *d, double x)
{
	struct big b = { .count = 0 };
	int e, fives = 0;
	unsigned long long m = ldexp(frexp(x, &e), 53);

	for (e -= 53; m; m /= BASE)
		b.limb[b.count++] = m % BASE;
	for (; e > 0; e -= e < 29 ? e : 29)
		multiply(&b, 1u << (e < 29 ? e : 29));
	for (; e < 0; e++, fives++)
		multiply(&b, 5);
	put_digits(d, &b);
	d->point = d->count - fives;
	drop_zeros(d);
}

// Adds one to the last digit.
static void
carry(struct decimal *d)
{
	while (d->count > 0 && d->digit[d->count - 1] == '9')
		d->count--;
	if (d->count > 0) {
		d->digit[d->count - 1]++;
	} else {
		d->digit[d->count++] = '1';
		d->point++;
	}
}

void
decimal_round(struct decimal *d, int n)
{
	int up;

	if (n < 0)
		d->count = 0;
	if (n < 0 || n >= d->count)
		return;
	up = d->digit[n] > '5' ||
	     (d->digit[n] == '5' &&
	      (d->count > n + 1 || (n > 0 && (d->digit[n - 1] & 1))));
	d->count = n;
	if (up)
		carry(d);
	drop_zeros(d);
}
