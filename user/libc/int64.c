// What the compiler calls for 64-bit numbers on a 32-bit machine. libgcc has
// these, but a 32-bit libgcc is not on every machine.
typedef unsigned long long u64;
typedef long long s64;

u64 __udivmoddi4(u64 n, u64 d, u64 *rem);
u64 __udivdi3(u64 n, u64 d);
u64 __umoddi3(u64 n, u64 d);
s64 __divdi3(s64 n, s64 d);
s64 __moddi3(s64 n, s64 d);
s64 __divmoddi4(s64 n, s64 d, s64 *rem);
u64 __fixunsdfdi(double x);
u64 __fixunsxfdi(long double x);

// Bit by bit, from the first one that can be in the quotient.
u64
__udivmoddi4(u64 n, u64 d, u64 *rem)
{
	u64 q = 0, bit = 1;

	if (d == 0)
		__builtin_trap();
	while (d < n && !(d >> 63)) {
		d <<= 1;
		bit <<= 1;
	}
	for (; bit; bit >>= 1, d >>= 1)
		if (n >= d) {
			n -= d;
			q |= bit;
		}
	if (rem)
		*rem = n;
	return q;
}

u64
__udivdi3(u64 n, u64 d)
{
	return __udivmoddi4(n, d, 0);
}

u64
__umoddi3(u64 n, u64 d)
{
	u64 rem;

	__udivmoddi4(n, d, &rem);
	return rem;
}

s64
__divdi3(s64 n, s64 d)
{
	u64 q = __udivdi3(n < 0 ? -(u64)n : (u64)n, d < 0 ? -(u64)d : (u64)d);

	return (n < 0) != (d < 0) ? -q : q;
}

s64
__moddi3(s64 n, s64 d)
{
	u64 rem = __umoddi3(n < 0 ? -(u64)n : (u64)n, d < 0 ? -(u64)d : (u64)d);

	return n < 0 ? -rem : rem;
}

s64
__divmoddi4(s64 n, s64 d, s64 *rem)
{
	*rem = __moddi3(n, d);
	return __divdi3(n, d);
}

u64
__fixunsxfdi(long double x)
{
	if (x < 9223372036854775808.0L)
		return (s64)x;
	return (u64)(s64)(x - 9223372036854775808.0L) ^ 1ull << 63;
}

u64
__fixunsdfdi(double x)
{
	return __fixunsxfdi(x);
}
