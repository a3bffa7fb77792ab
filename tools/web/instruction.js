// Which instruction comes next: the length of an i386 instruction and how it goes on, for
// code that a compiler wrote (SDM vol. 2, appendix A). Registers are needed only for
// indirect calls and jumps.

// Bytes of opcodes with a ModRM byte: one bit for each, by row of 16.
const MODRM1 = bits([
	"xxxx....xxxx....", "xxxx....xxxx....", "xxxx....xxxx....", "xxxx....xxxx....",
	"................", "................", "..xx.....x.x....", "................",
	"xxxxxxxxxxxxxxxx", "................", "................", "................",
	"xx..xxxx........", "xxxx....xxxxxxxx", "................", "......xx......xx"]);
const MODRM2 = bits([
	"xxxx.........x..", "xxxxxxxxxxxxxxxx", "xxxx....xxxxxxxx", "................",
	"xxxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxxx", "xxxxxxx.xx..xxxx",
	"................", "xxxxxxxxxxxxxxxx", "...xxx.....xxxxx", "xxxxxxxxxxxxxxxx",
	"xxxxxxxx........", "xxxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxxx", "xxxxxxxxxxxxxxx."]);

function bits(rows) {
	return Array.from(rows.join(""), (c) => c === "x");
}

// Bytes of an immediate operand of a one-byte opcode; wide: 4, or 2 after the prefix 66.
function immediate1(op, wide, modrm) {
	const low = op & 7;
	if (op < 0x40)
		return low === 4 ? 1 : low === 5 ? wide : 0;
	if (op >= 0x70 && op <= 0x7f || op >= 0xb0 && op <= 0xb7 || op >= 0xe0 && op <= 0xe7)
		return 1;
	if (op >= 0xb8 && op <= 0xbf)
		return wide;
	if (op >= 0xa0 && op <= 0xa3)
		return 4;
	if (op === 0xf6 || op === 0xf7)
		return modrm >> 3 & 6 ? 0 : op === 0xf6 ? 1 : wide;
	return { 0x68: wide, 0x69: wide, 0x81: wide, 0xa9: wide, 0xc7: wide, 0xe8: wide, 0xe9: wide,
		0x6a: 1, 0x6b: 1, 0x80: 1, 0x82: 1, 0x83: 1, 0xa8: 1, 0xc0: 1, 0xc1: 1, 0xc6: 1,
		0xcd: 1, 0xd4: 1, 0xd5: 1, 0xeb: 1, 0xc2: 2, 0xca: 2, 0xc8: 3, 0x9a: wide + 2,
		0xea: wide + 2 }[op] ?? 0;
}

function immediate2(op, wide) {
	if (op >= 0x80 && op <= 0x8f)
		return wide;
	return [0x70, 0x71, 0x72, 0x73, 0xa4, 0xac, 0xba, 0xc2, 0xc4, 0xc5, 0xc6].includes(op) ? 1 : 0;
}

// Decodes the instruction in bytes[0..14]. Returns {length, op, modrm, two, at, short}: op the
// opcode's last byte, two if 0F stood before it, at where the operands begin (the byte after
// the opcode), short if the prefix 66 stood.
export function decode(bytes) {
	let at = 0, wide = 4, narrow = false;
	for (; [0x66, 0x67, 0xf0, 0xf2, 0xf3, 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65].includes(bytes[at]); at++) {
		wide = bytes[at] === 0x66 ? 2 : wide;
		narrow = narrow || bytes[at] === 0x67;
	}
	const two = bytes[at] === 0x0f;
	at += two ? 1 : 0;
	let op = bytes[at++], extra = 0;
	if (two && (op === 0x38 || op === 0x3a)) {
		extra = op === 0x3a ? 1 : 0;
		op = bytes[at++];
		return { length: at + modrmLength(bytes, at) + extra, op: 0x100, two, at, modrm: bytes[at] };
	}
	const has = two ? MODRM2[op] : MODRM1[op], modrm = has ? bytes[at] : 0;
	const operands = has ? narrow ? modrmLength16(bytes, at) : modrmLength(bytes, at) : 0;
	const value = two ? immediate2(op, wide) : narrow && op >= 0xa0 && op <= 0xa3 ? 2 :
		immediate1(op, wide, modrm);
	return { length: at + operands + value, op, two, at, modrm, short: wide === 2 };
}

function modrmLength(bytes, at) {
	const mod = bytes[at] >> 6, rm = bytes[at] & 7;
	if (mod === 3)
		return 1;
	const sib = rm === 4 ? 1 : 0;
	const base = sib ? bytes[at + 1] & 7 : rm;
	return 1 + sib + (mod === 1 ? 1 : mod === 2 || base === 5 ? 4 : 0);
}

function modrmLength16(bytes, at) {
	const mod = bytes[at] >> 6, rm = bytes[at] & 7;
	return mod === 3 ? 1 : 1 + (mod === 1 ? 1 : mod === 2 || rm === 6 ? 2 : 0);
}

// The address of a ModRM operand in memory; null for a register. regs: in the order eax
// ecx edx ebx esp ebp esi edi.
export function operand(bytes, at, regs) {
	const mod = bytes[at] >> 6;
	let rm = bytes[at] & 7, n = 0;
	if (mod === 3)
		return null;
	let next = at + 1;
	if (rm === 4) {
		const sib = bytes[next++], index = sib >> 3 & 7;
		rm = sib & 7;
		n = index === 4 ? 0 : Math.imul(regs[index], 1 << (sib >> 6));
	}
	const word = () => bytes[next] | bytes[next + 1] << 8 | bytes[next + 2] << 16 | bytes[next + 3] << 24;
	if (mod === 0 && rm === 5)
		return n + word() >>> 0;
	const off = mod === 1 ? bytes[next] << 24 >> 24 : mod === 2 ? word() : 0;
	return n + regs[rm] + off >>> 0;
}

// Where execution can be after the instruction at pc: {next: [addresses], call: address or
// null, returns: is it a return?}. machine: {bytes(va, n), word(va), regs, eip}.
export function successors(machine, pc) {
	const bytes = machine.bytes(pc, 15), i = decode(bytes), after = pc + i.length >>> 0;
	const signed = (size) => size === 1 ? bytes[i.at] << 24 >> 24 :
		bytes[i.at] | bytes[i.at + 1] << 8 | bytes[i.at + 2] << 16 | bytes[i.at + 3] << 24;
	const to = (size) => after + signed(size) >>> 0;
	const plain = { next: [after], call: null, returns: false, length: i.length };
	if (i.two)
		return i.op >= 0x80 && i.op <= 0x8f ? { ...plain, next: [after, to(4)] } : plain;
	if (i.op >= 0x70 && i.op <= 0x7f || i.op >= 0xe0 && i.op <= 0xe3)
		return { ...plain, next: [after, to(1)] };
	switch (i.op) {
	case 0xeb: return { ...plain, next: [to(1)] };
	case 0xe9: return { ...plain, next: [to(4)] };
	case 0xe8: return { ...plain, call: to(4) };
	case 0xc3: case 0xc2:
		return { ...plain, next: [machine.word(machine.regs[4])], returns: true };
	case 0xcf: return { ...plain, next: [machine.word(machine.regs[4])], returns: true };
	case 0xff: {
		const kind = i.modrm >> 3 & 7, at = operand(bytes, i.at, machine.regs);
		const target = () => at === null ? machine.regs[i.modrm & 7] >>> 0 : machine.word(at);
		return kind === 2 ? { ...plain, call: target() } : kind === 4 ? { ...plain, next: [target()] } : plain;
	}
	}
	return plain;
}
