// The machine pane: variables of the function at work, the call stack, registers with their
// bits in words, breakpoints.
import { callStack } from "./expression.js";
import { REGISTERS } from "./machine.js";
import { hex8 } from "./session.js";

const BITS = { 0: [[31, "PG"], [16, "WP"], [5, "NE"], [1, "MP"], [0, "PE"]],
	4: [[4, "PSE"], [7, "PGE"], [9, "OSFXSR"], [10, "OSXMMEXCPT"], [11, "UMIP"], [20, "SMEP"], [21, "SMAP"]] };
let before = new Map();

// Draws the pane for a stopped machine; what has changed since the last call is marked.
export function showMachine(session) {
	const { machine } = session, seen = new Map();
	const row = (name, value, note = "") => {
		seen.set(name, value);
		return cells([name, value, note], before.has(name) && before.get(name) !== value);
	};
	const named = (n, list) => list.filter(([bit]) => n >>> bit & 1).map(([, name]) => name).join(" ");
	fill("registers", [
		row("cr0", hex8(machine.control(0)), named(machine.control(0), BITS[0])),
		row("cr2", hex8(machine.control(2)), "the address of the last page fault"),
		row("cr3", hex8(machine.control(3)), "the directory, a physical address"),
		row("cr4", hex8(machine.control(4)), named(machine.control(4), BITS[4])),
		row("eip", hex8(machine.eip), session.symbols.label(machine.eip)),
		...REGISTERS.map((name, i) => row(name, hex8(machine.regs[i]))),
		row("cs", hex8(machine.cs), machine.cs & 3 ? "a program" : "the kernel")]);
	fill("variables", variables(session).map(([name, text]) => row(`${name} `, text)));
	fill("stack", callStack(session.expressions).map((frame) => item(stackText(session, frame))));
	fill("breakpoints", [...session.stepper.breakpoints].map(([at, text]) => item(`${text} (${hex8(at)})`)));
	before = seen;
}

function stackText(session, frame) {
	const here = frame.pc === session.machine.eip;
	const row = here ? session.symbols.lineAt(frame.pc) : session.symbols.rowAt(frame.pc - 1);
	return `${frame.f.name}${row ? ` ${row.file}:${row.line}` : ""}`;
}

// [[name, text]] of the variables that can be seen at this line.
export function variables(session) {
	const e = session.expressions;
	return e.variables().map((v) => {
		try {
			const value = e.valueOf(v);
			return [v.name, value ? e.text(value) : "no value on this line"];
		} catch (error) {
			return [v.name, error.message];
		}
	});
}

function cells(texts, changed) {
	const row = document.createElement("tr");
	row.append(...texts.map((text, i) => {
		const cell = document.createElement("td");
		cell.textContent = text;
		if (i === 1 && changed)
			cell.className = "new";
		return cell;
	}));
	return row;
}

function item(text) {
	const li = document.createElement("li");
	li.textContent = text;
	return li;
}

function fill(id, rows) {
	document.getElementById(id).replaceChildren(...rows);
}
