// The debug information of the kernel: entries of .debug_info (DWARF 4 and 5, as gcc and
// clang write them) and the line table. Only this file knows the encoding.
import { Reader, textAt } from "./elf.js";

// Tags and attributes that others ask for (DWARF 5, 7.5.4).
export const TAG = { array: 0x01, enum: 0x04, param: 0x05, block: 0x0b, member: 0x0d,
	pointer: 0x0f, unit: 0x11, struct: 0x13, typedef: 0x16, union: 0x17, inlined: 0x1d,
	subrange: 0x21, base: 0x24, constant: 0x26, enumerator: 0x28, function: 0x2e,
	variable: 0x34, volatile: 0x35 };
export const AT = { location: 0x02, name: 0x03, size: 0x0b, stmts: 0x10, low: 0x11,
	high: 0x12, value: 0x1c, inline: 0x20, upper: 0x2f, origin: 0x31, count: 0x37,
	place: 0x38, file: 0x3a, line: 0x3b, declaration: 0x3c, encoding: 0x3e,
	frame: 0x40, callLine: 0x59, specification: 0x47, type: 0x49, ranges: 0x55,
	strings: 0x72, addresses: 0x73, rnglists: 0x74, loclists: 0x8c };
const FIXED = { 0x01: 4, 0x05: 2, 0x06: 4, 0x07: 8, 0x0b: 1, 0x0c: 1, 0x11: 1, 0x12: 2,
	0x13: 4, 0x14: 8, 0x17: 4, 0x10: 4, 0x1e: 16, 0x20: 8 };
const BLOCK = { 0x0a: 1, 0x03: 2, 0x04: 4 };
// Forms that are an index: of strings, addresses, location lists, range lists.
const INDEX = { 0x1a: 0, 0x25: 1, 0x26: 2, 0x27: 3, 0x28: 4, 0x1b: 0, 0x29: 1, 0x2a: 2,
	0x2b: 3, 0x2c: 4, 0x22: 0, 0x23: 0 };

// Reads all of .debug_info. Returns the units: [{version, root, entries, parts}]. An entry
// is {at, tag, attrs: {attribute: value}, children, parent, unit}; `byOffset` finds one.
export class Info {
	constructor(sections) {
		this.parts = sections;
		this.byOffset = new Map();
		this.units = [];
		this.kept = new Map();
		const data = sections[".debug_info"];
		if (!data)
			throw new Error("the kernel's file has no debug information");
		const r = new Reader(data);
		while (r.at < data.length)
			this.units.push(this.unit(r));
	}
	unit(r) {
		const unit = { base: r.at, strings: 8, addresses: 8, loclists: 12, rnglists: 12 };
		const end = r.u32() + r.at;
		unit.version = r.u16();
		if (unit.version !== 4 && unit.version !== 5)
			throw new Error(`DWARF ${unit.version} is not read, 4 and 5 are`);
		if (unit.version === 5)
			r.at += 2;
		const codes = this.abbreviations(r.u32());
		if (unit.version === 4)
			r.at += 1;
		let parent = null;
		while (r.at < end) {
			const at = r.at, code = r.uleb();
			if (code === 0) {
				parent = parent && parent.parent;
				continue;
			}
			const entry = this.entry(r, unit, codes.get(code), at, parent);
			unit.root ??= entry;
			if (codes.get(code).children)
				parent = entry;
		}
		return unit;
	}
	entry(r, unit, form, at, parent) {
		const raw = form.list.map(([name, kind, value]) => [name, kind, this.value(r, unit, kind, value)]);
		for (const [name, , value] of raw) {
			const base = { [AT.strings]: "strings", [AT.addresses]: "addresses",
				[AT.loclists]: "loclists", [AT.rnglists]: "rnglists" }[name];
			if (base)
				unit[base] = value;
		}
		const attrs = {};
		for (const [name, kind, value] of raw)
			attrs[name] = value && value.index !== undefined ?
				this.indexed(unit, kind, value.index) : value;
		// A high address of a class other than address is a length.
		const high = raw.find(([name]) => name === AT.high);
		if (high && high[1] !== 0x01 && !(high[1] === 0x1b || high[1] >= 0x29 && high[1] <= 0x2c))
			attrs[AT.high] += attrs[AT.low];
		const entry = { at, tag: form.tag, attrs, children: [], parent, unit };
		if (parent)
			parent.children.push(entry);
		this.byOffset.set(at, entry);
		return entry;
	}
	abbreviations(at) {
		if (this.kept.has(at))
			return this.kept.get(at);
		const out = new Map(), r = new Reader(this.parts[".debug_abbrev"], at);
		for (let code = r.uleb(); code; code = r.uleb()) {
			const form = { tag: r.uleb(), children: r.u8(), list: [] };
			for (;;) {
				const name = r.uleb(), kind = r.uleb();
				const value = kind === 0x21 ? r.sleb() : undefined;
				if (!name && !kind)
					break;
				form.list.push([name, kind, value]);
			}
			out.set(code, form);
		}
		this.kept.set(at, out);
		return out;
	}
	value(r, unit, kind, constant) {
		if (kind in INDEX)
			return { index: INDEX[kind] ? r.number(INDEX[kind]) : r.uleb() };
		if (kind in FIXED) {
			const n = r.number(FIXED[kind]);
			return kind >= 0x11 && kind <= 0x14 ? n + unit.base : n;
		}
		switch (kind) {
		case 0x08: return r.text();
		case 0x0d: return r.sleb();
		case 0x0e: return textAt(this.parts[".debug_str"], r.u32());
		case 0x1f: return textAt(this.parts[".debug_line_str"], r.u32());
		case 0x0f: return r.uleb();
		case 0x15: return r.uleb() + unit.base;
		case 0x19: return true;
		case 0x21: return constant;
		}
		if (!(kind in BLOCK) && kind !== 0x09 && kind !== 0x18)
			throw new Error(`the form 0x${kind.toString(16)} of an attribute is not known`);
		const n = kind in BLOCK ? r.number(BLOCK[kind]) : r.uleb();
		r.at += n;
		return r.bytes.subarray(r.at - n, r.at);
	}
	indexed(unit, kind, index) {
		const word = (name, at) => new Reader(this.parts[name], at).u32();
		if (kind === 0x22)
			return unit.loclists + word(".debug_loclists", unit.loclists + 4 * index);
		if (kind === 0x23)
			return unit.rnglists + word(".debug_rnglists", unit.rnglists + 4 * index);
		if (kind === 0x1a || kind >= 0x25 && kind <= 0x28)
			return textAt(this.parts[".debug_str"],
				word(".debug_str_offsets", unit.strings + 4 * index));
		return this.address(unit, index);
	}
	// Entry `index` of the unit's addresses.
	address(unit, index) {
		return new Reader(this.parts[".debug_addr"], unit.addresses + 4 * index).u32();
	}
	// An attribute of an entry, or of the entry that it is a copy of.
	attr(entry, name) {
		for (let e = entry; e; e = this.byOffset.get(e.attrs[AT.origin] ?? e.attrs[AT.specification]))
			if (e.attrs[name] !== undefined)
				return e.attrs[name];
		return undefined;
	}
}

// ---- The line table (DWARF 5, 6.2) -------------------------------------------------
// All rows of all programs: [{address, file, line, stmt}] by address; file is the name
// as the compiler was given it. A row with line 0 ends a sequence.
export function readLines(sections) {
	const out = [], data = sections[".debug_line"];
	const r = new Reader(data);
	while (r.at < data.length)
		program(r, sections, out);
	return out;
}

function program(r, sections, out) {
	const end = r.u32() + r.at, version = r.u16();
	if (version === 5)
		r.at += 2;
	const start = r.u32() + r.at;
	const head = { step: r.u8() };
	r.at += 1;                      // operations in an instruction: always 1 here
	head.stmt = r.u8() !== 0;
	head.base = r.u8() << 24 >> 24;
	head.range = r.u8();
	head.opcode = r.u8();
	head.lengths = Array.from({ length: head.opcode - 1 }, () => r.u8());
	const files = version === 5 ? names5(r, sections) : names4(r);
	r.at = start;
	while (r.at < end)
		sequence(r, end, head, files, out);
}

function names4(r) {
	const files = [null];
	while (r.text())
		;
	for (let name = r.text(); name; name = r.text()) {
		files.push(name);
		r.uleb(), r.uleb(), r.uleb();
	}
	return files;
}

function names5(r, sections) {
	const table = () => {
		const forms = Array.from({ length: r.u8() }, () => [r.uleb(), r.uleb()]);
		return Array.from({ length: r.uleb() }, () => {
			const item = {};
			for (const [kind, form] of forms)
				item[kind] = nameField(r, form, sections);
			return item;
		});
	};
	const folders = table().map((f) => f[1]);
	return table().map((f) => {
		const folder = folders[f[2] ?? 0];
		return f[1].startsWith("/") || !f[2] || !folder || folder.startsWith("/") ? f[1] :
			`${folder}/${f[1]}`;
	});
}

function nameField(r, form, sections) {
	switch (form) {
	case 0x08: return r.text();
	case 0x0b: return r.u8();
	case 0x05: return r.u16();
	case 0x0f: return r.uleb();
	case 0x0e: return textAt(sections[".debug_str"], r.u32());
	case 0x1f: return textAt(sections[".debug_line_str"], r.u32());
	case 0x1e: r.at += 16; return null;
	}
	throw new Error(`the form 0x${form.toString(16)} in the line table is not known`);
}

// One sequence of the program, up to its end.
function sequence(r, end, head, files, out) {
	const now = { address: 0, file: 1, line: 1, stmt: head.stmt };
	const row = () => out.push({ address: now.address, file: files[now.file]?.replace(/^\.\//, ""), line: now.line, stmt: now.stmt });
	while (r.at < end) {
		const op = r.u8();
		if (op >= head.opcode) {
			now.address += Math.floor((op - head.opcode) / head.range) * head.step;
			now.line += head.base + (op - head.opcode) % head.range;
			row();
		} else if (op === 0) {
			const next = r.uleb() + r.at, kind = r.u8();
			if (kind === 2)
				now.address = r.u32();
			r.at = next;
			if (kind === 1) {
				out.push({ address: now.address, file: null, line: 0, stmt: true });
				return;
			}
		} else {
			standard(op, r, head, now, row);
		}
	}
}

function standard(op, r, head, now, row) {
	switch (op) {
	case 1: row(); break;
	case 2: now.address += r.uleb() * head.step; break;
	case 3: now.line += r.sleb(); break;
	case 4: now.file = r.uleb(); break;
	case 6: now.stmt = !now.stmt; break;
	case 8: now.address += Math.floor((255 - head.opcode) / head.range) * head.step; break;
	case 9: now.address += r.u16(); break;
	default:
		for (let i = 0; i < head.lengths[op - 1]; i++)
			r.uleb();
	}
}
