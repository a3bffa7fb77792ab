// Mathematics on the x87 (SDM vol. 1, 8.3). All is computed in its extended
// format, and rounded once.
#include <math.h>

#define TWO63 9223372036854775808.0

double
fabs(double x)
{
	__asm__("fabs" : "+t"(x));
	return x;
}

double
sqrt(double x)
{
	__asm__("fsqrt" : "+t"(x));
	return x;
}

// Rounds with the control word's bits 10 and 11: 1 down, 2 up, 3 to zero.
static double
round_with(double x, unsigned short how)
{
	unsigned short old, new;

	__asm__ volatile("fnstcw %0" : "=m"(old));
	new = (old & ~0xC00) | how << 10;
	__asm__ volatile("fldcw %1; frndint; fldcw %2"
			 : "+t"(x)
			 : "m"(new), "m"(old));
	return x;
}

double
floor(double x)
{
	return round_with(x, 1);
}

double
ceil(double x)
{
	return round_with(x, 2);
}

double
trunc(double x)
{
	return round_with(x, 3);
}

double
rint(double x)
{
	__asm__("frndint" : "+t"(x));
	return x;
}

// Halves go away from zero.
double
round(double x)
{
	double t = trunc(x);

	return fabs(x - t) >= 0.5 ? t + (x < 0 ? -1 : 1) : t;
}

double
modf(double x, double *i)
{
	*i = trunc(x);
	return isinf(x) ? 0 : x - *i;
}

// fprem takes off at most 63 bits at a time; C2 says that it has not ended.
double
fmod(double x, double y)
{
	unsigned short status;
	long double r = x;

	do
		__asm__ volatile("fprem; fnstsw %1"
				 : "+t"(r), "=a"(status)
				 : "u"((long double)y));
	while (status & 0x400);
	return r;
}

double
ldexp(double x, int e)
{
	long double r;

	__asm__("fscale" : "=t"(r) : "0"((long double)x), "u"((long double)e));
	return r;
}

double
frexp(double x, int *e)
{
	long double m = x, exponent;

	*e = 0;
	if (x == 0 || isnan(x) || isinf(x))
		return x;
	__asm__("fxtract" : "=t"(m), "=u"(exponent) : "0"((long double)x));
	*e = (int)exponent + 1;
	return m / 2;
}

// ---- Powers and logarithms --------------------------------------------------

// 2^x: f2xm1 takes only a fraction; fscale brings the whole part.
static long double
two_to(long double x)
{
	long double whole = x, r;

	__asm__("frndint" : "+t"(whole));
	if (whole > 20000)
		return HUGE_VAL;
	if (whole < -20000)
		return 0;
	x -= whole;
	__asm__("f2xm1" : "=t"(r) : "0"(x));
	r += 1;
	__asm__("fscale" : "+t"(r) : "u"(whole));
	return r;
}

// log2(x) times y.
static long double
times_log2(long double y, long double x)
{
	long double r;

	__asm__("fyl2x" : "=t"(r) : "0"(x), "u"(y) : "st(1)");
	return r;
}

static long double
constant(int which)
{
	long double r;

	switch (which) {
	case 'e': __asm__("fldl2e" : "=t"(r)); break; // log2(e)
	case 'n': __asm__("fldln2" : "=t"(r)); break;
	default:  __asm__("fldlg2" : "=t"(r)); break; // log10(2)
	}
	return r;
}

double
exp2(double x)
{
	return two_to(x);
}

// The product has more bits than fit: the rest is a factor of its own.
double
exp(double x)
{
	long double l = constant('e'), high = rint((double)(x * l)), rest;

	if (isinf(x))
		return x > 0 ? x : 0;
	if (high > 20000 || high < -20000)
		return two_to(high);
	// ln 2 in two parts: the first has few bits, its product is exact
	rest = (x - high * 0x1.62e42fefap-1L) -
	       high * 0x1.cf79abc9e3b39803p-40L;
	return ldexp(two_to(rest * l), (int)high);
}

double
log(double x)
{
	return times_log2(constant('n'), x);
}

double
log2(double x)
{
	return times_log2(1, x);
}

double
log10(double x)
{
	return times_log2(constant('1'), x);
}

// A whole exponent: by squaring, which is exact as long as the result is.
static long double
whole_power(long double x, unsigned int n)
{
	long double r = 1;

	for (; n; n >>= 1, x *= x)
		if (n & 1)
			r *= x;
	return r;
}

double
pow(double x, double y)
{
	long double r;

	if (y == 0 || x == 1)
		return 1;
	if (isnan(x) || isnan(y))
		return x + y;
	if (y == trunc(y) && fabs(y) < 1024) {
		r = whole_power(x, (unsigned int)fabs(y));
		return y < 0 ? 1 / r : r;
	}
	if (x < 0 && y != trunc(y) && !isinf(x) && !isinf(y))
		return NAN;
	if (x == 0 || isinf(x) || isinf(y))
		r = (fabs(x) > 1) == (y > 0) ? HUGE_VAL : 0;
	else
		r = two_to(times_log2(y, fabs(x)));
	return x < 0 && fmod(y, 2) != 0 && !isinf(y) ? -r : r;
}

double
hypot(double x, double y)
{
	long double a = x, b = y, r = a * a + b * b;

	__asm__("fsqrt" : "+t"(r));
	return r;
}

// ---- Angles -----------------------------------------------------------------

// fsin and its like take angles below 2^63.
static double
reduced(double x)
{
	return fabs(x) < TWO63 ? x : fmod(x, 2 * M_PI);
}

double
sin(double x)
{
	x = reduced(x);
	__asm__("fsin" : "+t"(x));
	return x;
}

double
cos(double x)
{
	x = reduced(x);
	__asm__("fcos" : "+t"(x));
	return x;
}

double
tan(double x)
{
	return sin(x) / cos(x);
}

static long double
angle(long double y, long double x)
{
	long double r;

	__asm__("fpatan" : "=t"(r) : "0"(x), "u"(y) : "st(1)");
	return r;
}

double
atan2(double y, double x)
{
	return angle(y, x);
}

double
atan(double x)
{
	return angle(x, 1);
}

static long double
other_leg(long double x)
{
	long double r = (1 - x) * (1 + x);

	__asm__("fsqrt" : "+t"(r));
	return r;
}

double
asin(double x)
{
	return angle(x, other_leg(x));
}

double
acos(double x)
{
	return angle(other_leg(x), x);
}

double
sinh(double x)
{
	return fabs(x) < 1e-5 ? x : (exp(x) - exp(-x)) / 2;
}

double
cosh(double x)
{
	return (exp(x) + exp(-x)) / 2;
}

double
tanh(double x)
{
	return x > 20 ? 1 : x < -20 ? -1 : 1 - 2 / (exp(2 * x) + 1);
}
