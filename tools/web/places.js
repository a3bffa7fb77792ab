// Where a variable is at an address of the code: location lists and expressions of DWARF
// (DWARF 5, 2.5 and 2.6), for a stopped machine's registers and memory.
import { AT } from "./dwarf.js";
import { Reader } from "./elf.js";

// The address that an expression of one operation names (a static variable); else null.
export function expressionAt(info, unit, bytes) {
	const r = new Reader(bytes), op = r.u8();
	if (op === 0x03)
		return r.u32();
	if (op === 0xa1)
		return info.address(unit, r.uleb());
	return null;
}

// The code ranges of an entry: [[low, high]].
export function rangesOf(info, entry) {
	const a = entry.attrs;
	if (a[AT.low] !== undefined && a[AT.high])
		return [[a[AT.low], a[AT.high]]];
	if (a[AT.ranges] === undefined)
		return [];
	if (entry.unit.version === 4)
		return ranges4(info, entry, a[AT.ranges]);
	const r = new Reader(info.parts[".debug_rnglists"], a[AT.ranges]), out = [];
	let base = entry.unit.root.attrs[AT.low] ?? 0;
	for (let kind = r.u8(); kind; kind = r.u8()) {
		const found = pair(r, kind, base, (i) => info.address(entry.unit, i));
		if (found.base !== undefined)
			base = found.base;
		else
			out.push([found.low, found.high]);
	}
	return out;
}

function ranges4(info, entry, at) {
	const r = new Reader(info.parts[".debug_ranges"], at), out = [];
	let base = entry.unit.root.attrs[AT.low] ?? 0;
	for (;;) {
		const low = r.u32(), high = r.u32();
		if (!low && !high)
			return out;
		if (low === 0xffffffff)
			base = high;
		else
			out.push([base + low, base + high]);
	}
}

// One item of a range list (kind: DWARF 5, 7.25) or, with the same numbers except 5 to 8,
// of a location list.
function pair(r, kind, base, indexed) {
	switch (kind) {
	case 1: return { base: indexed(r.uleb()) };
	case 2: return { low: indexed(r.uleb()), high: indexed(r.uleb()) };
	case 3: {
		const low = indexed(r.uleb());
		return { low, high: low + r.uleb() };
	}
	case 4: return { low: base + r.uleb(), high: base + r.uleb() };
	case 5: return { base: r.u32() };
	case 6: return { low: r.u32(), high: r.u32() };
	case 7: {
		const low = r.u32();
		return { low, high: low + r.uleb() };
	}
	}
	throw new Error(`the kind ${kind} of a range is not known`);
}

// The expression that tells where an entry's variable is at pc, as bytes; null if the
// code keeps it nowhere there.
export function placeOf(info, entry, pc) {
	const place = entry.attrs[AT.location];
	if (place === undefined || place instanceof Uint8Array)
		return place ?? null;
	let base = entry.unit.root.attrs[AT.low] ?? 0;
	if (entry.unit.version === 4)
		return place4(info, place, base, pc);
	const r = new Reader(info.parts[".debug_loclists"], place);
	const indexed = (i) => info.address(entry.unit, i);
	for (let kind = r.u8(); kind; kind = r.u8()) {
		if (kind === 9) {               // a pair of view numbers, of gcc
			r.uleb(), r.uleb();
			continue;
		}
		const found = kind === 5 ? { low: 0, high: 2 ** 32 } :
			pair(r, kind > 5 ? kind - 1 : kind, base, indexed);
		if (found.base !== undefined) {
			base = found.base;
			continue;
		}
		const n = r.uleb();
		r.at += n;
		if (pc >= found.low && pc < found.high)
			return r.bytes.subarray(r.at - n, r.at);
	}
	return null;
}

function place4(info, at, base, pc) {
	const r = new Reader(info.parts[".debug_loc"], at);
	for (;;) {
		const low = r.u32(), high = r.u32();
		if (!low && !high)
			return null;
		if (low === 0xffffffff) {
			base = high;
			continue;
		}
		const n = r.u16();
		r.at += n;
		if (pc >= base + low && pc < base + high)
			return r.bytes.subarray(r.at - n, r.at);
	}
}

// Evaluates an expression. frame: {regs: eight numbers in the order of DWARF (eax ecx edx
// ebx esp ebp esi edi), cfa, base: the function's DW_AT_frame_base}; word(va): the word
// there or null. Returns {address}, {register} or {value}; null if it cannot be known.
export function evaluate(bytes, frame, word, info, unit) {
	const r = new Reader(bytes), stack = [];
	let value = false;
	while (r.at < bytes.length) {
		const op = r.u8();
		if (op >= 0x30 && op <= 0x4f)
			stack.push(op - 0x30);
		else if (op >= 0x50 && op <= 0x57)
			return frame.regs[op - 0x50] === null ? null : { register: op - 0x50 };
		else if (op >= 0x70 && op <= 0x77) {
			const off = r.sleb();
			if (frame.regs[op - 0x70] === null)
				return null;
			stack.push(frame.regs[op - 0x70] + off >>> 0);
		} else if (op === 0x9f)
			value = true;
		else if (!operate(op, r, stack, frame, word, info, unit))
			return null;
	}
	const top = stack.pop();
	return top === undefined ? null : value ? { value: top >>> 0 } : { address: top >>> 0 };
}

const CONSTANT = { 0x08: (r) => r.u8(), 0x09: (r) => r.u8() << 24 >> 24, 0x0a: (r) => r.u16(),
	0x0b: (r) => r.u16() << 16 >> 16, 0x0c: (r) => r.u32(), 0x0d: (r) => r.u32() | 0,
	0x10: (r) => r.uleb(), 0x11: (r) => r.sleb(), 0x03: (r) => r.u32() };
const BINARY = { 0x1a: (a, b) => a & b, 0x1c: (a, b) => a - b, 0x1e: (a, b) => Math.imul(a, b),
	0x21: (a, b) => a | b, 0x22: (a, b) => a + b, 0x24: (a, b) => a << b,
	0x25: (a, b) => a >>> b, 0x26: (a, b) => a >> b, 0x27: (a, b) => a ^ b,
	0x29: (a, b) => +(a === b), 0x2e: (a, b) => +(a !== b) };

// One other operation; false if it is not known or its operands are not.
function operate(op, r, stack, frame, word, info, unit) {
	if (op in CONSTANT) {
		stack.push(CONSTANT[op](r) >>> 0);
		return true;
	}
	if (op in BINARY) {
		const b = stack.pop(), a = stack.pop();
		stack.push(BINARY[op](a, b) >>> 0);
		return true;
	}
	switch (op) {
	case 0x06: {
		const v = word(stack.pop());
		stack.push(v);
		return v !== null;
	}
	case 0x12: stack.push(stack[stack.length - 1]); return true;
	case 0x23: stack.push(stack.pop() + r.uleb() >>> 0); return true;
	case 0x1f: stack.push(-stack.pop() >>> 0); return true;
	case 0x20: stack.push(~stack.pop() >>> 0); return true;
	case 0x9c: stack.push(frame.cfa); return true;
	case 0xa1: stack.push(info.address(unit, r.uleb())); return true;
	case 0x91: {
		const off = r.sleb(), base = evaluate(frame.base, frame, word, info, unit);
		if (!base)
			return false;
		stack.push((base.register === undefined ? base.address : frame.regs[base.register]) + off >>> 0);
		return true;
	}
	}
	return false;
}
