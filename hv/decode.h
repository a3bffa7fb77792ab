// The few instructions that the processor intercepts and leaves to the host to
// carry out. QEMU's processor does not say how long they are, nor what their
// operands are (APM vol. 2, 15.7.1 and 15.8.4, are optional), so the host reads
// them.
#pragma once
#include "lib/types.h"

#define INSN_MAX 15 // bytes of an instruction (SDM vol. 2, 2.3.11)

// The guest's general registers in the order of their numbers: eax, ecx, edx,
// ebx, esp, ebp, esi, edi.
enum { REG_EAX, REG_ECX, REG_EDX, REG_EBX, REG_ESP, REG_EBP, REG_ESI, REG_EDI,
       REG_COUNT };

struct insn {
	uint length;
	uint8_t opcode;   // after 0F if two_byte
	bool two_byte;
	bool wide;        // no operand-size prefix: 32 bits
	// If the instruction has a ModRM byte:
	uint mod, reg, rm;
	uint32_t address; // of its memory operand, if mod is not 3
};

// Reads the instruction in bytes[0..n). False: it is none that the host knows,
// or it is longer than n. `regs`: for the memory operand's address.
bool decode(const uint8_t *bytes, uint n, const uint32_t regs[REG_COUNT],
	    struct insn *in) __must_check;
