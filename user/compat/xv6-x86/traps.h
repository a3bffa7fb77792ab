// Exception numbers as the CPU has them, and the vector of system calls.
#pragma once
#include "abi/syscalls.h" // T_SYSCALL

enum {
	T_DIVIDE = 0,
	T_DEBUG,
	T_NMI,
	T_BRKPT,
	T_OFLOW,
	T_BOUND,
	T_ILLOP,
	T_DEVICE,
	T_DBLFLT,
	T_TSS = 10,
	T_SEGNP,
	T_STACK,
	T_GPFLT,
	T_PGFLT,
	T_FPERR = 16,
	T_ALIGN,
	T_MCHK,
	T_SIMDERR,
};
