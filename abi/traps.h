// Numbers of the processor's exceptions (SDM vol. 3, 6.15). Programs that were
// written for xv6 name them too.
#pragma once

enum {
	T_DIVIDE = 0,
	T_DEBUG,
	T_NMI,
	T_BRKPT,
	T_OFLOW,
	T_BOUND,
	T_ILLOP,
	T_DEVICE, // an FPU instruction while CR0.TS is set (#NM)
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
