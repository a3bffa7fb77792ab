// Numbers of the FPU in decimal, exactly.
#pragma once

#define DECIMAL_MAX 1200 // digits of any double, and some more

// A finite number >= 0 as 0.d1 d2 d3 ... * 10^point.
struct decimal {
	char digit[DECIMAL_MAX]; // '0'..'9', without a 0 at either end
	int count;               // 0: the number is 0
	int point;
};

void decimal_of(struct decimal *d, double x);
// Rounds to n digits, halves to even. n may be negative: 0 digits or fewer.
void decimal_round(struct decimal *d, int n);
