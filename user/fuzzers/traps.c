// fuzz: random registers and flags at a trap, and random instructions.
//
// Each attempt is a child of its own. It jumps to a page with the code, while
// all registers and the flags hold hostile numbers. The code is one of three:
// bytes as they fall, instructions that a program may not or should not use, or
// a system call. The first two contain no system call, because a wild one might
// kill a process that is not ours, or switch the machine off.
#include "user/fuzz.h"

enum { CODE = 0x24000000, TICKS = 2, LONGEST = 200 };

// What is put together: privileged instructions, loads of segments, traps, the
// FPU's and SSE's, far jumps, prefixes.
static const char *const pieces[] = {
	// cli, sti, hlt
	"\xfa",
	"\xfb",
	"\xf4",
	// int3, into, iret, int1
	"\xcc",
	"\xce",
	"\xcf",
	"\xf1",
	// ud2, wbinvd, wrmsr, rdmsr, rdtsc, rdpmc
	"\x0f\x0b",
	"\x0f\x09",
	"\x0f\x30",
	"\x0f\x32",
	"\x0f\x31",
	"\x0f\x33",
	// sysenter, sysexit, syscall
	"\x0f\x34",
	"\x0f\x35",
	"\x0f\x05",
	// mov from CR0, to CR3, to DR7
	"\x0f\x20\xc0",
	"\x0f\x22\xd8",
	"\x0f\x23\xf8",
	// lgdt, invlpg, clts, clac, stac
	"\x0f\x01\x10",
	"\x0f\x01\x38",
	"\x0f\x06",
	"\x0f\x01\xca",
	"\x0f\x01\xcb",
	// mov to DS, ES, FS, GS, SS
	"\x8e\xd8",
	"\x8e\xc3",
	"\x8e\xe1",
	"\x8e\xea",
	"\x8e\xd6",
	// pushf, popf, pusha, popa
	"\x9c",
	"\x9d",
	"\x60",
	"\x61",
	// pop to DS, ES, FS, GS
	"\x1f",
	"\x07",
	"\x0f\xa1",
	"\x0f\xa9",
	// std, cld, clc, fwait
	"\xfd",
	"\xfc",
	"\xf8",
	"\x9b",
	// fld1, fninit, fdivp, fnsave
	"\xd9\xe8",
	"\xdb\xe3",
	"\xde\xf9",
	"\xdd\x30",
	// fxsave, fxrstor, addps
	"\x0f\xae\x00",
	"\x0f\xae\x08",
	"\x0f\x58\xc1",
	// in, out, ins, outs
	"\xec",
	"\xef",
	"\xe4\x60",
	"\x6c",
	"\x6f",
	// rep movs, rep stos, repne scas
	"\xf3\xa4",
	"\xf3\xab",
	"\xf2\xae",
	// lock xchg, lock nop, enter
	"\xf0\x87\x00",
	"\xf0\x90",
	"\xc8\xff\xff\x1f",
	// far call, far jump, far returns
	"\xff\x18",
	"\xff\x28",
	"\xcb",
	"\xca\x08",
	// lds, les, bound, arpl, lar, ltr
	"\xc5\x00",
	"\xc4\x00",
	"\x62\x00",
	"\x63\xc0",
	"\x0f\x02\xc0",
	"\x0f\x00\xd8",
	// int 3, 14, 0x20, 0x80, 2
	"\xcd\x03",
	"\xcd\x0e",
	"\xcd\x20",
	"\xcd\x80",
	"\xcd\x02",
	// prefixes
	"\x66",
	"\x67",
	"\x2e",
	"\x65",
	"\xf3",
	// push, pop, pop to ESP, xchg with ESP
	"\x50",
	"\x58",
	"\x5c",
	"\x94",
};

// What the code begins with: registers, and flags for popf.
struct state {
	uint flags;
	uint edi, esi, ebp, esp, ebx, edx, ecx, eax; // as popa pops them
};

static uint
add_pieces(struct dice *d, uchar *code)
{
	uint n = 0;

	while (n < LONGEST - 8 && roll(d, 10)) {
		const char *piece = ROLL_OF(d, pieces);
		uint length = strlen(piece);

		// A piece may end with a zero byte, which strlen does not see.
		memcpy(code + n, piece, length + roll(d, 2));
		n += length;
	}
	return n;
}

// Bytes as they fall, but no system call.
static uint
add_bytes(struct dice *d, uchar *code)
{
	uint n = 1 + roll(d, LONGEST - 8);

	for (uint i = 0; i < n; i++) {
		code[i] = (uchar)roll_any(d);
		if (i > 0 && code[i - 1] == 0xcd && code[i] == T_SYSCALL)
			code[i] = 3;
	}
	return n;
}

// mov $SYS_getpid, %eax; int $0x40.
static uint
add_call(struct dice *d, uchar *code)
{
	static const uchar text[] = {0xb8, SYS_getpid, 0,	 0,
				     0,	   0xcd,       T_SYSCALL};

	memcpy(code, text, sizeof(text));
	return sizeof(text);
}

// Loads the registers and flags, and jumps to the code. The stack is only
// changed by the code.
static void
run_code(void *arg)
{
	struct state *s = arg;

	asm volatile("movl %0, %%esp\n\t"
		     "popfl\n\t"
		     "popal\n\t"
		     "movl %1, %%esp\n\t"
		     "jmp *%c2"
		     :
		     : "r"(s), "i"(CODE + 3 * PAGE), "i"(CODE + PAGE)
		     : "memory");
}

void
fuzz_traps(struct dice *d, int attempts)
{
	static uint (*const makers[])(struct dice * d, uchar * code) = {
		add_bytes, add_bytes, add_pieces, add_pieces, add_call,
	};
	const int how = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
	uchar *code = mmap((void *)CODE, 4 * PAGE, PROT_READ | PROT_WRITE, how,
			   -1, 0);
	struct state *s = (struct state *)(code + 2 * PAGE);

	*(uint *)(code + PAGE) = CODE;
	for (attempts /= 4; attempts > 0; attempts--) {
		uint n = ROLL_OF(d, makers)(d, code);
		uint *word = (uint *)s;
		int first = *(int *)code;

		memcpy(code + n, "\x0f\x0b", 2); // ud2
		for (uint i = 0; i < sizeof(*s) / sizeof(*word); i++)
			word[i] = (uint)hostile(d);
		if (roll(d, 8))
			s->flags &= ~0x100u; // TF would end it before the code
		attempt("code", &first, 1);
		run_bounded(run_code, s, TICKS);
	}
}
