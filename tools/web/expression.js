// Expressions of C over a stopped machine, as far as `print`, `walk` and the tour's
// conditions use them: names, $registers, numbers, casts, -> . [] and the operators of
// integers. A value is {value} or {address}, with its type (an entry of the debug
// information, or null for unsigned int).
import { AT, TAG } from "./dwarf.js";
import { evaluate, placeOf } from "./places.js";
import { REGISTERS } from "./machine.js";

const LEVELS = [["||"], ["&&"], ["|"], ["^"], ["&"], ["==", "!="], ["<", ">", "<=", ">="],
	["<<", ">>"], ["+", "-"], ["*", "/", "%"]];
const TOKEN = /\s*(?:(0x[0-9a-f]+|\d+)[ul]*|([$A-Za-z_][\w]*|->|<<|>>|<=|>=|==|!=|&&|\|\||[-+*\/%&|^~!<>()[\].]))/iy;

export class Expressions {
	// constants: the headers' numbers. saved: convenience variables {$name: number}.
	constructor(machine, symbols, constants) {
		Object.assign(this, { machine, symbols, constants, saved: {}, frame: null });
	}
	// The value of an expression as an unsigned number. Throws an Error with a sentence.
	number(text) {
		const v = this.parse(text);
		return v.address !== undefined && this.isArray(v.type) ? v.address : this.load(v) >>> 0;
	}
	parse(text) {
		this.tokens = [];
		TOKEN.lastIndex = 0;
		for (let m; TOKEN.lastIndex < text.trimEnd().length; this.tokens.push(m[1] ?? m[2])) {
			m = TOKEN.exec(text);
			if (!m)
				throw new Error(`A syntax error in expression, near \`${text}'.`);
		}
		const v = this.binary(0);
		if (this.tokens.length)
			throw new Error(`A syntax error in expression, near \`${this.tokens.join("")}'.`);
		return v;
	}
	take(token) {
		if (this.tokens[0] !== token)
			return false;
		this.tokens.shift();
		return true;
	}
	need(token) {
		if (!this.take(token))
			throw new Error(`A syntax error in expression: ${token} is missing.`);
	}
	binary(level) {
		if (level === LEVELS.length)
			return this.unary();
		let left = this.binary(level + 1);
		while (LEVELS[level].includes(this.tokens[0])) {
			const op = this.tokens.shift(), right = this.binary(level + 1);
			left = this.operate(op, left, right);
		}
		return left;
	}
	operate(op, left, right) {
		let a = this.load(left) >>> 0, b = this.load(right) >>> 0;
		const type = this.strip(left.type);
		if (type && type.tag === TAG.pointer && (op === "+" || op === "-"))
			b = Math.imul(b, this.symbols.sizeOf(type.attrs[AT.type]) || 1);
		const result = { "+": () => a + b, "-": () => a - b, "*": () => Math.imul(a, b),
			"/": () => Math.floor(a / b), "%": () => a % b, "&": () => a & b, "|": () => a | b,
			"^": () => a ^ b, "<<": () => a << b, ">>": () => a >>> b, "==": () => +(a === b),
			"!=": () => +(a !== b), "<": () => +(a < b), ">": () => +(a > b), "<=": () => +(a <= b),
			">=": () => +(a >= b), "&&": () => +(a && b ? 1 : 0), "||": () => +(a || b ? 1 : 0) }[op]();
		return { value: result >>> 0, type: op === "+" || op === "-" ? left.type : null };
	}
	unary() {
		if (this.take("*"))
			return this.at(this.unary());
		if (this.take("&")) {
			const v = this.unary();
			return { value: v.address ?? v.value, type: null };
		}
		for (const [op, f] of [["-", (n) => -n], ["!", (n) => +!n], ["~", (n) => ~n]])
			if (this.take(op))
				return { value: f(this.load(this.unary())) >>> 0, type: null };
		if (this.tokens[0] === "(" && ["unsigned", "int", "char", "struct"].includes(this.tokens[1])) {
			while (!this.take(")"))
				this.tokens.shift();
			return { value: this.load(this.unary()) >>> 0, type: null };
		}
		return this.postfix(this.primary());
	}
	postfix(v) {
		for (;;) {
			if (this.take("->"))
				v = this.member(this.at(v), this.tokens.shift());
			else if (this.take("."))
				v = this.member(v, this.tokens.shift());
			else if (this.take("[")) {
				const index = this.load(this.binary(0));
				this.need("]");
				const type = this.strip(v.type), base = this.isArray(v.type) ? v.address : this.load(v);
				if (!type || type.attrs[AT.type] === undefined)
					throw new Error("cannot subscript something that is no array");
				const of = type.attrs[AT.type];
				v = { address: base + index * this.symbols.sizeOf(of) >>> 0, type: this.type(of) };
			} else {
				return v;
			}
		}
	}
	primary() {
		const token = this.tokens.shift();
		if (token === "(") {
			const v = this.binary(0);
			this.need(")");
			return v;
		}
		if (token === undefined)
			throw new Error("Argument required (expression to compute).");
		if (/^\d/.test(token))
			return { value: Number(token) >>> 0, type: null };
		if (token[0] === "$")
			return { value: this.register(token.slice(1)), type: null };
		return this.name(token);
	}
	register(name) {
		const i = REGISTERS.indexOf(name);
		if (i >= 0)
			return this.machine.regs[i] >>> 0;
		if (name === "pc" || name === "eip")
			return this.machine.eip;
		if (/^cr[0234]$/.test(name))
			return this.machine.control(Number(name[2]));
		return (this.saved[name || "$"] ?? 0) >>> 0;
	}
	name(name) {
		const local = this.variables().find((v) => v.name === name);
		if (local) {
			const v = this.valueOf(local);
			if (!v)
				throw new Error(`value of ${name} has been optimized out`);
			return v;
		}
		const global = this.symbols.globals.get(name);
		if (global)
			return { address: global.address, type: this.type(global.type) };
		if (name in this.constants)
			return { value: this.constants[name] >>> 0, type: null };
		const address = this.symbols.byName.get(name)?.low ?? this.symbols.address(name);
		if (address === undefined)
			throw new Error(`No symbol "${name}" in current context.`);
		return { value: address, address, type: null, code: true };
	}
	// ---- Variables and types ---------------------------------------------------------
	// The variables of the frame that is looked at, by scope.
	variables() {
		const pc = this.frame ? this.frame.pc : this.machine.eip, f = this.symbols.functionAt(pc);
		return f && !(this.machine.cs & 3) ? this.symbols.variablesAt(f, pc) : [];
	}
	// {address or value, type} of a variable in the frame; null if it is nowhere now.
	valueOf({ entry }) {
		const frame = this.frame ?? this.innermost(), info = this.symbols.info;
		const place = placeOf(info, entry, frame.pc);
		if (!place || !place.length)
			return null;
		const base = info.attr(frame.f.entry, AT.frame) ?? Uint8Array.of(0x9c);
		const found = evaluate(place, { ...frame, base }, (va) => this.machine.word(va), info, entry.unit);
		if (!found)
			return null;
		const type = this.type(info.attr(entry, AT.type));
		return found.register !== undefined ? { value: frame.regs[found.register] >>> 0, type } : { ...found, type };
	}
	innermost() {
		const regs = this.machine.regs.map((n) => n >>> 0), pc = this.machine.eip;
		return { f: this.symbols.functionAt(pc), pc, regs, ...this.caller(pc, regs) };
	}
	// {cfa, outer: {ret, regs}}: where the frame at pc ends, and who called it.
	caller(pc, regs) {
		const outer = this.symbols.frames.unwind(pc, regs, (va) => this.machine.word(va));
		return { cfa: outer?.cfa ?? null, outer };
	}
	type(at) {
		return at === undefined ? null : this.symbols.info.byOffset.get(at);
	}
	// A type without typedef, const and volatile.
	strip(type) {
		while (type && [TAG.typedef, TAG.constant, TAG.volatile].includes(type.tag))
			type = this.type(type.attrs[AT.type]);
		return type ?? null;
	}
	isArray(type) {
		return this.strip(type)?.tag === TAG.array;
	}
	member(v, name) {
		const type = this.strip(v.type);
		const m = type?.children.find((c) => c.attrs[AT.name] === name);
		if (!m)
			throw new Error(`There is no member named ${name}.`);
		return { address: v.address + (m.attrs[AT.place] ?? 0), type: this.type(m.attrs[AT.type]) };
	}
	at(v) {
		const type = this.strip(v.type);
		return { address: this.load(v) >>> 0, type: type?.tag === TAG.pointer ? this.type(type.attrs[AT.type]) : null };
	}
	// The number that a value is: read from memory if it has an address.
	load(v) {
		if (v.value !== undefined)
			return v.value;
		if (this.isArray(v.type))
			return v.address;
		const size = v.type ? this.symbols.sizeOf(v.type.at) : 4, word = this.machine.word(v.address);
		if (word === null)
			throw new Error(`Cannot access memory at address 0x${v.address.toString(16)}`);
		return size === 1 ? word & 0xff : size === 2 ? word & 0xffff : word;
	}
	// A value as text: a pointer and an unsigned int in hexadecimal, a small number also in
	// decimal, a struct as its address.
	text(v) {
		const type = this.strip(v.type);
		if (type && (type.tag === TAG.struct || type.tag === TAG.union || type.tag === TAG.array))
			return `at 0x${v.address.toString(16)}`;
		const n = this.load(v), signed = type?.attrs[AT.encoding] === 5;
		if (type?.tag === TAG.pointer)
			return `0x${n.toString(16)}`;
		return signed ? String(n | 0) : n < 10 ? String(n) : `${n} = 0x${n.toString(16)}`;
	}
}

// The call stack: [{f, pc, regs, cfa}], innermost first. A caller's rules are those of its
// call: its pc is behind that.
export function callStack(expressions) {
	const { machine, symbols } = expressions, out = [];
	if (machine.cs & 3)
		return out;
	let frame = expressions.innermost();
	while (frame.f && out.length < 24) {
		out.push(frame);
		if (!frame.outer?.ret)
			break;
		const { ret, regs } = frame.outer;
		frame = { f: symbols.functionAt(ret - 1), pc: ret, regs, ...expressions.caller(ret - 1, regs) };
	}
	return out;
}
