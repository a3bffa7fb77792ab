// Call frames: where the caller's registers are, at any instruction of a function (DWARF 5,
// 6.4: the section .debug_frame). A function's first and last instructions change the stack
// and EBP, so EBP alone does not tell where its frame is.
import { Reader } from "./elf.js";
import { evaluate } from "./places.js";
import { lastNotAbove } from "./sorted.js";

const EBP = 5, ESP = 4, EIP = 8;        // DWARF's numbers of registers

export class Frames {
	// section: the bytes of .debug_frame, or undefined.
	constructor(section) {
		this.functions = [];            // by address: {low, high, common, at, end}: its instructions
		this.bytes = section ?? new Uint8Array();
		const commons = new Map(), r = new Reader(this.bytes);
		while (r.at < this.bytes.length) {
			const start = r.at, end = r.u32() + r.at, id = r.u32();
			if (id === 0xffffffff)
				commons.set(start, this.common(r, end));
			else
				this.functions.push(this.description(r, commons.get(id), end));
			r.at = end;
		}
		this.functions.sort((a, b) => a.low - b.low);
	}
	common(r, end) {
		const version = r.u8();
		r.text();
		if (version >= 4)
			r.at += 2;              // sizes of an address and of a segment
		const code = r.uleb(), data = r.sleb();
		r.uleb();                       // the register of the return address: 8, EIP
		return { code, data, at: r.at, end };
	}
	description(r, common, end) {
		const low = r.u32();
		return { common, low, high: low + r.u32(), at: r.at, end };
	}
	// The rules at pc: {cfa: [register, offset] or an expression, saved: Map of register:
	// offset from the CFA or an expression}. null if pc is in no function that is described.
	rules(pc) {
		const f = this.functions[lastNotAbove(this.functions, pc, ({ low }) => low)];
		if (!f || pc >= f.high)
			return null;
		const state = { pc: f.low, cfa: [ESP, 4], saved: new Map(), kept: [] };
		this.run(f.common, f.common, state, Infinity);
		state.first = new Map(state.saved);
		this.run(f, f.common, state, pc);
		return state;
	}
	// Follows instructions until the location is beyond pc.
	run({ at, end }, common, state, pc) {
		const r = new Reader(this.bytes, at);
		while (r.at < end && state.pc <= pc) {
			const byte = r.u8(), low = byte & 0x3f;
			switch (byte >> 6) {
			case 1: advance(state, low * common.code, pc); break;
			case 2: state.saved.set(low, r.uleb() * common.data); break;
			case 3: restore(state, low); break;
			default: this.other(byte, r, common, state, pc);
			}
			if (state.done)
				return;
		}
	}
	other(op, r, common, state, pc) {
		switch (op) {
		case 0x00: return undefined;
		case 0x02: return advance(state, r.u8() * common.code, pc);
		case 0x03: return advance(state, r.u16() * common.code, pc);
		case 0x04: return advance(state, r.u32() * common.code, pc);
		case 0x05: return state.saved.set(r.uleb(), r.uleb() * common.data);
		case 0x06: return restore(state, r.uleb());
		case 0x07: case 0x08: return state.saved.delete(r.uleb());
		case 0x0a: return state.kept.push({ cfa: state.cfa, saved: new Map(state.saved) });
		case 0x0b: return Object.assign(state, state.kept.pop());
		case 0x0c: state.cfa = [r.uleb(), r.uleb()]; return undefined;
		case 0x0d: state.cfa = [r.uleb(), state.cfa[1]]; return undefined;
		case 0x0e: state.cfa = [state.cfa[0], r.uleb()]; return undefined;
		case 0x0f: state.cfa = block(r); return undefined;
		case 0x10: return state.saved.set(r.uleb(), block(r));
		case 0x11: return state.saved.set(r.uleb(), r.sleb() * common.data);
		case 0x2e: return r.uleb();     // gcc: how many bytes of arguments were pushed
		}
		throw new Error(`the frame instruction ${op} is not known`);
	}
	// The frame in which a machine stands, as unwind() tells.
	innermost(machine) {
		return this.unwind(machine.eip, machine.regs.map((n) => n >>> 0), (va) => machine.word(va));
	}
	// The frame of the function at pc. regs: the eight registers as numbers, null where
	// not known; word(va): the word there or null. Returns {cfa, ret: the return address,
	// regs: the caller's registers}; null if they cannot be known. Code that is not
	// described is taken for a function that has set EBP.
	unwind(pc, regs, word) {
		const rules = this.rules(pc) ?? { cfa: [EBP, 8], saved: new Map([[EBP, -8], [EIP, -4]]) };
		const cfa = Array.isArray(rules.cfa) ? sum(regs[rules.cfa[0]], rules.cfa[1]) :
			evaluate(rules.cfa, { regs }, word)?.address;
		if (cfa === null || cfa === undefined)
			return null;
		const at = (i) => {
			const rule = rules.saved.get(i);
			const place = typeof rule === "number" ? sum(cfa, rule) : evaluate(rule, { regs }, word)?.address;
			return place === null || place === undefined ? null : word(place);
		};
		const outer = regs.map((n, i) => rules.saved.has(i) ? at(i) : i < 3 ? null : n);
		outer[ESP] = cfa;
		return { cfa, ret: at(EIP), regs: outer };
	}
}

function sum(register, offset) {
	return register === null || register === undefined ? null : register + offset >>> 0;
}

// An expression: its length and its bytes.
function block(r) {
	const n = r.uleb();
	r.at += n;
	return r.bytes.subarray(r.at - n, r.at);
}

function advance(state, bytes, pc) {
	state.done = state.pc + bytes > pc;
	state.pc += bytes;
}

function restore(state, register) {
	if (state.first.has(register))
		state.saved.set(register, state.first.get(register));
	else
		state.saved.delete(register);
}
