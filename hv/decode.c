// Decodes hlt, cpuid, clts, invlpg, lmsw, smsw, mov from and to control and
// debug registers, and what has neither operand nor use here (SDM vol. 2, 2.1).
#include "hv/decode.h"

struct reader {
	const uint8_t *at, *end;
	bool bad; // there was no more
};

static uint32_t
next_bytes(struct reader *r, uint bytes)
{
	uint32_t v = 0;

	if ((uint)(r->end - r->at) < bytes) {
		r->bad = true;
		return 0;
	}
	for (uint i = 0; i < bytes; i++)
		v |= (uint32_t)*r->at++ << (8 * i);
	return v;
}

// Segment overrides, sizes, lock and rep. %fs and %gs have bases of their own:
// an address through them is not known here.
static uint8_t
skip_prefixes(struct reader *r, struct insn *in)
{
	for (;;) {
		uint8_t b = next_bytes(r, 1);

		switch (b) {
		case 0x66: in->wide = false; break;
		case 0x26:
		case 0x2E:
		case 0x36:
		case 0x3E:
		case 0xF0:
		case 0xF2:
		case 0xF3: break;
		default: return b;
		}
	}
}

static uint32_t
displacement(struct reader *r, uint mod)
{
	if (mod == 1)
		return (int8_t)next_bytes(r, 1);
	return mod == 2 ? next_bytes(r, 4) : 0;
}

// The address of a memory operand with 32-bit addressing (table 2-2, 2-3).
static uint32_t
memory_operand(struct reader *r, const struct insn *in, const uint32_t regs[])
{
	uint base = in->rm, index = REG_ESP;
	uint32_t sib = 0, a = 0;

	if (base == REG_ESP) {
		sib = next_bytes(r, 1);
		base = sib & 7;
		index = sib >> 3 & 7;
	}
	if (in->mod == 0 && base == REG_EBP)
		a = next_bytes(r, 4);
	else
		a = regs[base];
	if (index != REG_ESP)
		a += regs[index] << (sib >> 6);
	return a + displacement(r, in->mod);
}

static void
take_modrm(struct reader *r, const uint32_t regs[], struct insn *in)
{
	uint8_t b = next_bytes(r, 1);

	in->mod = b >> 6;
	in->reg = b >> 3 & 7;
	in->rm = b & 7;
	// A move of a control register takes two registers, whatever mod says.
	if (in->opcode >= 0x20 && in->opcode <= 0x23)
		in->mod = 3;
	if (in->mod != 3)
		in->address = memory_operand(r, in, regs);
}

static bool
has_modrm(uint8_t opcode)
{
	return opcode == 0x01 || (opcode >= 0x20 && opcode <= 0x23);
}

bool
decode(const uint8_t *bytes, uint n, const uint32_t regs[REG_COUNT],
       struct insn *in)
{
	struct reader r = { bytes, bytes + n, false };

	*in = (struct insn){ .wide = true };
	in->opcode = skip_prefixes(&r, in);
	if (in->opcode == 0x0F) {
		in->two_byte = true;
		in->opcode = next_bytes(&r, 1);
		if (has_modrm(in->opcode))
			take_modrm(&r, regs, in);
	} else if (in->opcode != 0xF4) { // hlt
		return false;
	}
	in->length = r.at - bytes;
	return !r.bad;
}
