// What the page knows of a kernel, from its own file: functions, statements, variables,
// types, and the layout that the Python tools ask for. Nothing is named here that the
// kernel's file does not name itself.
import { AT, Info, readLines, TAG } from "./dwarf.js";
import { readElf } from "./elf.js";
import { Frames } from "./frames.js";
import { decode, successors } from "./instruction.js";
import { expressionAt, rangesOf } from "./places.js";
import { lastNotAbove } from "./sorted.js";

export class Symbols {
	// bytes: the kernel's ELF file. wanted: {structs, variables} as tools/gdb/layout.py
	// lists them. Throws an Error that says what is missing.
	constructor(bytes) {
		this.elf = readElf(bytes);
		this.bytes = bytes;
		this.info = new Info(this.elf.sections);
		this.frames = new Frames(this.elf.sections[".debug_frame"]);
		this.functions = [];
		this.globals = new Map();
		for (const unit of this.info.units)
			this.unit(unit);
		this.addAssembler();
		this.functions.sort((a, b) => a.low - b.low);
		this.byName = new Map();
		for (const f of this.functions)
			if (!this.byName.has(f.name))
				this.byName.set(f.name, f);
		this.statements();
	}
	unit(unit) {
		const file = unit.root.attrs[AT.name];
		const visit = (entry) => {
			if (entry.tag === TAG.function && entry.attrs[AT.low] !== undefined && entry.attrs[AT.high])
				this.functions.push({ name: this.info.attr(entry, AT.name), file, entry,
					low: entry.attrs[AT.low], high: entry.attrs[AT.high] });
			else if (entry.tag === TAG.variable)
				this.global(entry, file);
			else
				return;
		};
		for (const child of unit.root.children)
			visit(child);
	}
	global(entry, file) {
		const place = entry.attrs[AT.location], name = this.info.attr(entry, AT.name);
		if (!(place instanceof Uint8Array) || !name)
			return;
		const at = expressionAt(this.info, entry.unit, place);
		if (at !== null && !this.globals.has(name))
			this.globals.set(name, { address: at, type: this.info.attr(entry, AT.type), file });
	}
	// Functions of the assembler have a symbol and no entry.
	addAssembler() {
		const text = this.elf.segments.find((s) => s.executable);
		this.text = { low: text.va, high: text.va + text.filesize };
		this.labels = this.elf.symbols.filter((s) => s.section && s.name && s.kind <= 2 &&
			s.section < 0xff00 && s.value >= text.va && s.value < text.va + text.filesize &&
			!s.name.startsWith("."))
			.sort((a, b) => a.value - b.value);
	}
	// Rows of the line table, one for each address. Of several rows at an address the last
	// that begins a statement counts, as in GDB.
	statements() {
		const rows = readLines(this.elf.sections).map((row, i) => ({ ...row, i }));
		rows.sort((a, b) => a.address - b.address || Boolean(a.line) - Boolean(b.line) || a.i - b.i);
		this.rows = [];
		for (const row of rows) {
			const last = this.rows[this.rows.length - 1];
			if (!last || last.address !== row.address)
				this.rows.push(row);
			else if (row.line && (row.stmt || !last.stmt || !last.line))
				this.rows[this.rows.length - 1] = row;
		}
		this.starts = this.rows.filter((r) => r.line && r.stmt);
		this.byLine = new Map();
		for (const r of this.starts) {
			const key = `${r.file}:${r.line}`;
			if (!this.byLine.has(key))
				this.byLine.set(key, []);
			this.byLine.get(key).push(r.address);
		}
	}
	// The function that an address stands in, or null.
	functionAt(address) {
		const i = lastNotAbove(this.functions, address, (f) => f.low);
		return i >= 0 && address < this.functions[i].high ? this.functions[i] : null;
	}
	// The row of the line table that covers an address, or null.
	rowAt(address) {
		const i = lastNotAbove(this.rows, address, (r) => r.address);
		return i >= 0 && this.rows[i].line ? this.rows[i] : null;
	}
	// The same for a reader, as GDB shows it: where an inlined function begins, the line
	// that calls it.
	lineAt(address) {
		const f = this.functionAt(address), row = this.rowAt(address);
		const call = f && this.callAt(f.entry, address);
		return call ? { ...row, file: f.file.replace(/^\.\//, ""), line: call } : row;
	}
	// The line in a function at which an inlined call begins at this address, or 0.
	callAt(entry, address) {
		for (const child of entry.children) {
			const begins = child.tag === TAG.inlined &&
				rangesOf(this.info, child).some(([low]) => low === address);
			const line = begins ? child.attrs[AT.callLine] : child.tag === TAG.block && this.callAt(child, address);
			if (line)
				return line;
		}
		return 0;
	}
	// The statements (rows) of a function, by address.
	statementsOf(f) {
		const first = lastNotAbove(this.starts, f.low - 1, (r) => r.address) + 1;
		const out = [];
		for (let i = first; i < this.starts.length && this.starts[i].address < f.high; i++)
			out.push(this.starts[i]);
		return out;
	}
	// Where a function's body begins, after the code that saves registers: at its second
	// row, as GDB does it.
	bodyOf(f) {
		const rows = this.rows.filter((r) => r.address >= f.low && r.address < f.high && r.line);
		const body = rows.find((r) => r.address > f.low);
		return body ? body.address : f.low;
	}
	// "name+0x12" of a code address that has no line.
	label(address) {
		const i = lastNotAbove(this.labels, address, (s) => s.value);
		if (i < 0)
			return "";
		const off = address - this.labels[i].value;
		return this.labels[i].name + (off ? `+0x${off.toString(16)}` : "");
	}
	// Does a jump lead to this address, just behind an instruction of one byte? opcode: that
	// byte.
	entered(va, opcode) {
		this.targets ??= this.jumps();
		return this.targets.has(va) && decode([opcode, 0, 0, 0, 0, 0, 0, 0]).length === 1;
	}
	// The targets of all jumps in the kernel's functions.
	jumps() {
		const out = new Set(), segment = this.elf.segments.find((s) => s.executable);
		const bytes = (va, n) => {
			const at = va - segment.va + segment.offset;
			return this.bytes.subarray(at, at + n);
		};
		const read = { bytes, word: () => 0, regs: [0, 0, 0, 0, 0, 0, 0, 0] };
		for (const f of this.functions)
			for (let pc = f.low; pc >= segment.va && pc < f.high;) {
				const way = successors(read, pc);
				way.next.filter((a) => a !== pc + way.length).forEach((a) => out.add(a));
				pc += way.length;
			}
		return out;
	}
	// The value of a symbol, or undefined.
	address(name) {
		return this.elf.symbols.find((s) => s.name === name && s.section)?.value;
	}
	// The variables that can be seen at an address of function f: [{name, entry}], the
	// innermost block's first, parameters last.
	variablesAt(f, address) {
		const out = [];
		const block = (entry) => {
			const mine = entry.children.filter((c) => c.tag === TAG.variable || c.tag === TAG.param);
			for (const child of entry.children)
				if (child.tag === TAG.block && rangesOf(this.info, child)
					.some(([lo, hi]) => address >= lo && address < hi))
					block(child);
			for (const entry of mine)
				if (this.info.attr(entry, AT.name))
					out.push({ name: this.info.attr(entry, AT.name), entry, param: entry.tag === TAG.param });
		};
		block(f.entry);
		return out.filter((v) => !v.param).concat(out.filter((v) => v.param));
	}
	// {structs, enums, symbols}: what tools/gdb/layout.py tells of a kernel. asked:
	// {structs: [names], variables: {name: file or null}}.
	layout(asked) {
		const structs = {}, enums = {}, symbols = {};
		for (const unit of this.info.units)
			for (const e of unit.root.children)
				this.describe(e, asked, structs, enums);
		let file = null;
		for (const s of this.elf.symbols) {
			if (s.kind === 4)
				file = s.name;
			else if (s.section && s.name in asked.variables && !(s.name in symbols) &&
				(!s.local || asked.variables[s.name] === file))
				symbols[s.name] = s.value;
		}
		return { structs, enums, symbols };
	}
	describe(e, asked, structs, enums) {
		const name = e.attrs[AT.name];
		if (e.tag === TAG.struct && asked.structs.includes(name) && !structs[name] &&
			!e.attrs[AT.declaration]) {
			structs[name] = { size: e.attrs[AT.size] };
			for (const m of e.children)
				if (m.tag === TAG.member && m.attrs[AT.name])
					structs[name][m.attrs[AT.name]] = [m.attrs[AT.place] ?? 0,
						this.sizeOf(m.attrs[AT.type])];
		}
		if (e.tag === TAG.enum && name === "thread_state")
			for (const m of e.children)
				enums[m.attrs[AT.name]] = m.attrs[AT.value];
	}
	// The bytes of a type.
	sizeOf(at) {
		const e = this.info.byOffset.get(at);
		if (!e || e.attrs[AT.size] !== undefined)
			return e ? e.attrs[AT.size] : 0;
		if (e.tag === TAG.pointer)
			return 4;
		const n = this.sizeOf(e.attrs[AT.type]);
		return e.tag === TAG.array ? n * this.countOf(e) : n;
	}
	// How many elements an array has; 0 if it does not say.
	countOf(e) {
		return e.children.filter((c) => c.tag === TAG.subrange).reduce((n, c) =>
			n * (c.attrs[AT.count] ?? (c.attrs[AT.upper] ?? -1) + 1), 1);
	}
}
