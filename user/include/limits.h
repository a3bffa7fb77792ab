// Limits of whole numbers (ISO C 5.2.4.2.1), and of paths.
#pragma once
#define CHAR_BIT   8
#define SCHAR_MIN  (-128)
#define SCHAR_MAX  127
#define UCHAR_MAX  255
#define CHAR_MIN   SCHAR_MIN
#define CHAR_MAX   SCHAR_MAX
#define SHRT_MIN   (-32768)
#define SHRT_MAX   32767
#define USHRT_MAX  65535
#define INT_MAX    2147483647
#define INT_MIN    (-INT_MAX - 1)
#define UINT_MAX   4294967295u
#define LONG_MAX   2147483647L
#define LONG_MIN   (-LONG_MAX - 1)
#define ULONG_MAX  4294967295ul
#define LLONG_MAX  9223372036854775807LL
#define LLONG_MIN  (-LLONG_MAX - 1)
#define ULLONG_MAX 18446744073709551615ull
#define SSIZE_MAX  INT_MAX
#define MB_LEN_MAX 1
#define NAME_MAX   14
#define ARG_MAX    4096
#define OPEN_MAX   32
#define PATH_MAX   1024
