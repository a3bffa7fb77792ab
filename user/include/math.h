// Mathematics on the FPU, in its 64 bits of mantissa (ISO C 7.12).
#pragma once
#define HUGE_VAL __builtin_huge_val()
#define INFINITY __builtin_inff()
#define NAN      __builtin_nanf("")
#define M_PI     3.14159265358979323846
#define M_E      2.7182818284590452354
#define isnan(x) __builtin_isnan(x)
#define isinf(x) __builtin_isinf(x)
#define isfinite(x) __builtin_isfinite(x)
#define signbit(x) __builtin_signbit(x)
double fabs(double x), floor(double x), ceil(double x), trunc(double x);
double round(double x), rint(double x), sqrt(double x),
	fmod(double x, double y);
double exp(double x), exp2(double x), log(double x), log2(double x);
double log10(double x), pow(double x, double y), hypot(double x, double y);
double sin(double x), cos(double x), tan(double x), asin(double x);
double acos(double x), atan(double x), atan2(double y, double x);
double sinh(double x), cosh(double x), tanh(double x);
double ldexp(double x, int e), frexp(double x, int *e),
	modf(double x, double *i);
