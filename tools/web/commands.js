// The command line: GDB's own commands by the session, the views by the Python files of
// tools/gdb, with the same text as in GDB.
import { variables } from "./machineview.js";
import { callStack } from "./expression.js";

const SHORT = { s: "step", n: "next", c: "continue", fin: "finish", b: "break", p: "print", bt: "backtrace", l: "list", u: "until" };
const HELP = `step next finish continue    as in GDB; s n c fin
until PLACE                  runs to a function, function:N, FILE:LINE or *ADDRESS
break PLACE, tbreak PLACE, delete [PLACE], info breakpoints
print EXPRESSION, print/x    backtrace, info locals, info registers
back, restart, who-wrote VA
pt [PID | -d DIRECTORY]      a directory, folded into ranges
walk [VA [PID]]              one address, step by step; after a page fault: CR2
ptdiff [on | off]            what changed since the last stop
kmap, ps, areas [PID], frame PA
lesson                       the tour`;

export class Commands {
	constructor(page, log, act) {
		Object.assign(this, { page, log, act });
		this.past = [];
		const input = document.getElementById("command");
		document.getElementById("commandform").addEventListener("submit", (e) => {
			e.preventDefault();
			const text = input.value.trim() || this.past[this.past.length - 1] || "";
			input.value = "";
			this.run(text);
		});
		input.addEventListener("keydown", (e) => this.recall(e, input));
	}
	recall(e, input) {
		const step = { ArrowUp: -1, ArrowDown: 1 }[e.key];
		if (!step)
			return;
		this.at = Math.max(0, Math.min(this.past.length, (this.at ?? this.past.length) + step));
		input.value = this.past[this.at] ?? "";
		e.preventDefault();
	}
	print(lines) {
		if (!lines.length)
			return;
		this.log.append(document.createTextNode(lines.join("\n") + "\n"));
		while (this.log.childNodes.length > 200)
			this.log.firstChild.remove();
		this.log.scrollTop = this.log.scrollHeight;
	}
	// Runs one line. Resolves to its answer, as lines.
	async run(text) {
		this.past.push(text);
		this.at = undefined;
		this.print([`(cr3) ${text}`]);
		const [word, ...rest] = text.trim().split(/\s+/);
		const argument = rest.join(" ");
		const lines = await this.act(() => this.execute(SHORT[word] ?? word, argument)) ?? [];
		this.print(lines);
		return lines;
	}
	async execute(word, argument) {
		const { session } = this.page, [name] = word.split("/");
		const python = await this.page.loadPython();
		if (python.has(name) && !(name === "frame" && !argument))
			return python.command(name, argument);
		if (this[`do_${name.replace("-", "_")}`])
			return this[`do_${name.replace("-", "_")}`](argument, session, word);
		return [`Undefined command: "${word}".  Try "help".`];
	}
	do_help() { return HELP.split("\n"); }
	async ran(name) {
		await this.page.session.run(name);
		return this.where();
	}
	// The line at which the machine stands, as GDB prints it.
	where() {
		const { session } = this.page, row = session.symbols.lineAt(session.machine.eip);
		const text = row && this.page.code.sources[row.file]?.split("\n")[row.line - 1];
		return text === undefined || text === null ? [] : [`${row.line}\t${text}`];
	}
	do_step() { return this.ran("step"); }
	do_next() { return this.ran("next"); }
	do_finish() { return this.ran("finish"); }
	do_continue() { return this.ran("go"); }
	async do_until(argument, session) {
		await session.runTo(argument);
		return this.where();
	}
	async do_back(_, session) {
		return await session.back() ? this.where() : ["There is no earlier stop."];
	}
	do_restart() {
		this.page.actions.restart();
		return [];
	}
	// A condition of GDB's break is not there: `until PLACE` and a look at the variables do.
	do_break(argument, session) {
		const at = session.place(argument), row = session.symbols.rowAt(at);
		session.stepper.breakpoints.set(at, argument);
		session.changed("stopped");
		return [`Breakpoint at 0x${at.toString(16)}${row ? `: file ${row.file}, line ${row.line}.` : ""}`];
	}
	do_tbreak(argument, session) {
		session.once.add(session.place(argument));
		return this.do_break(argument, session);
	}
	do_delete(argument, session) {
		if (argument)
			session.stepper.breakpoints.delete(session.place(argument));
		else
			session.stepper.breakpoints.clear();
		session.changed("stopped");
		return [];
	}
	do_info(argument, session) {
		if (argument === "locals")
			return variables(session).map(([n, v]) => `${n} = ${v}`);
		if (argument.startsWith("b"))
			return [...session.stepper.breakpoints].map(([at, t]) => `0x${at.toString(16)} ${t}`);
		return [...document.querySelectorAll("#registers tr")].map((r) => r.innerText);
	}
	do_print(argument, session, word) {
		const e = session.expressions, v = e.parse(argument);
		return [`= ${word.endsWith("/x") ? `0x${(e.load(v) >>> 0).toString(16)}` : e.text(v)}`];
	}
	do_backtrace(_, session) {
		return callStack(session.expressions).map((frame, i) => {
			const row = session.symbols.rowAt(frame.pc - (i ? 1 : 0));
			return `#${i}  ${frame.f.name}${row ? ` at ${row.file}:${row.line}` : ""}`;
		});
	}
	do_frame() { return this.do_backtrace("", this.page.session).slice(0, 1).concat(this.where()); }
	async do_who_wrote(argument, session) {
		const va = session.expressions.number(argument), m = session.machine;
		const pde = m.physicalWord((m.control(3) & ~0xfff) + (va >>> 22) * 4 >>> 0);
		const pa = pde & 1 && !(pde & 0x80) ? (pde & ~0xfff) + (va >>> 12 & 0x3ff) * 4 >>> 0 : (m.control(3) & ~0xfff) + (va >>> 22) * 4 >>> 0;
		return [await session.whoWrote(pa)];
	}
	do_lesson() {
		this.page.tour.start();
		return [];
	}
	do_set(argument, session) {
		const m = argument.match(/^\$(\w+)\s*=\s*(.+)$/);
		if (!m)
			return ["set $NAME = EXPRESSION"];
		session.expressions.saved[m[1]] = session.expressions.number(m[2]);
		return [];
	}
}
