// Sums of the shell: $((...)).
#pragma once

// The value of an expression of whole numbers, names, + - * / %, < <= > >= ==
// !=, and parentheses. value(name, arg) gives what a name stands for.
// 0, or -1 for a text that is no expression (also a division by 0).
int sh_sum(const char *text, int (*value)(const char *name, void *arg),
	   void *arg, int *result);
