// Stepping by line without help from the machine: v86 has no breakpoints. A breakpoint is
// a jump to itself ("jmp $", EB FE) that is written over the first two bytes of an
// instruction while the machine runs. When EIP stands on one, the machine is stopped, and
// the bytes are put back before anybody looks at memory. The machine is never stopped
// with a jump in its memory.
import { successors } from "./instruction.js";

const JUMP = Uint8Array.of(0xeb, 0xfe);
const RETURNS = new Set([0xc3, 0xcf]);
const FLAGS = new Set([0x9c, 0x9d, 0xfa, 0xfb]);        // pushf, popf, cli, sti
const KERNBASE = 0x80000000;
const BURST = 12;               // milliseconds that the machine runs before the page draws

export class Stepper {
	constructor(machine, symbols) {
		this.machine = machine;
		this.symbols = symbols;
		this.breakpoints = new Map();   // address: text
		this.running = false;
		this.armed = new Map();
	}
	// The physical address of code; null if it is not mapped.
	place(va) {
		return va >= KERNBASE ? va - KERNBASE : this.machine.translate(va);
	}
	// A jump has two bytes. Over an instruction of one byte it covers the next one too, so
	// none may stand there that EIP can be at: the place after it is armed instead. Behind
	// a return there is no such place: a return is armed only if it is `sure`, the
	// instruction that runs next.
	arm(addresses, sure) {
		for (const va of [...addresses].sort((a, b) => b - a)) {
			const pa = this.place(va), old = pa === null ? null : this.machine.physical(pa, 2);
			if (!old || this.armed.has(va) || this.armed.has(va + 1))
				continue;
			if (va === sure || !this.symbols.entered(va + 1, old[0]))
				this.set(va, pa);
			else if (!RETURNS.has(old[0]))
				this.set(va + 1, pa + 1);
		}
		for (const { pa } of this.armed.values())
			this.machine.poke(pa, JUMP);
	}
	set(va, pa) {
		const { eip } = this.machine;   // what runs first must be whole
		if (va !== eip && va !== eip - 1 && !this.armed.has(va + 1))
			this.armed.set(va, { pa, old: this.machine.physical(pa, 2).slice() });
	}
	disarm() {
		for (const { pa, old } of this.armed.values())
			this.machine.poke(pa, old);
		this.armed.clear();
	}
	// Lets the machine run until EIP is one of the addresses. Resolves to the address, or
	// to null if pause() was called; the machine is then between two instructions of any
	// place.
	async until(addresses, sure = null) {
		this.arm(addresses, sure);
		try {
			for (;;) {
				const end = performance.now() + BURST;
				let idle = 0;
				do {
					idle = this.machine.slice();
					if (this.armed.has(this.machine.eip))
						return this.machine.eip;
				} while (!this.paused && idle <= 0 && performance.now() < end);
				if (this.paused)
					return null;
				await rest(Math.min(idle, 20));
				if (this.paused)
					return null;
			}
		} finally {
			this.disarm();
		}
	}
	// Does this stack belong to the same thread as the one at esp?
	static near(a, b) {
		return Math.abs(a - b) < 8192;
	}
	// One instruction; a called function is entered. Resolves to false after pause().
	async instruction() {
		const m = this.machine, pc = m.eip, esp = m.regs[4] >>> 0, user = m.cs & 3;
		const way = successors({ bytes: (va, n) => m.bytes(va, n), word: (va) => m.word(va), regs: m.regs }, pc);
		const next = (way.call === null ? way.next : [way.call]).filter((a) => a !== null && a !== pc);
		for (;;) {
			const at = await this.onto(pc, next);
			if (at === null)
				return false;
			if (this.breakpoints.has(at) || user || Stepper.near(m.regs[4] >>> 0, esp) || way.returns)
				return true;
			if (!await this.passes(at))
				return false;
		}
	}
	// Runs the instruction at pc. If a return is all that can follow, no interrupt may come
	// in between: its handler could run the code that the jump over the return covers. An
	// instruction that reads or sets IF runs as it is.
	onto(pc, next) {
		const m = this.machine, code = (va) => m.bytes(va, 1)[0], all = new Set([...next, ...this.around(pc)]);
		const sure = next.length === 1 && RETURNS.has(code(next[0])) ? next[0] : null;
		const run = () => this.until(all, sure);
		return sure === null || FLAGS.has(code(pc)) ? run() : m.quietly(run);
	}
	// Past an instruction at which somebody else's thread stands.
	async passes(at) {
		const m = this.machine;
		const way = successors({ bytes: (va, n) => m.bytes(va, n), word: (va) => m.word(va), regs: m.regs }, at);
		const next = (way.call === null ? way.next : [way.call]).filter((a) => a !== null && a !== at);
		return await this.until(new Set(next)) !== null;
	}
	// The breakpoints that can be armed while an instruction at pc is passed.
	around(pc) {
		return [...this.breakpoints.keys()].filter((a) => a !== pc && a !== pc + 1 && a !== pc - 1);
	}
	// Runs until EIP is one of the targets and accept(address) says yes, or at a breakpoint.
	// Resolves to {at, breakpoint}; at is null after pause().
	async run(targets, accept = () => true) {
		const all = new Set([...targets, ...this.breakpoints.keys()]);
		if (all.has(this.machine.eip)) {
			const from = this.machine.eip;
			if (!await this.instruction())
				return { at: null };
			const at = this.machine.eip;
			if (at !== from && (this.breakpoints.has(at) || targets.has(at) && accept(at)))
				return { at, breakpoint: this.breakpoints.get(at) };
		}
		for (;;) {
			const at = await this.until(all);
			if (at === null)
				return { at: null };
			if (this.breakpoints.has(at) || targets.has(at) && accept(at))
				return { at, breakpoint: this.breakpoints.get(at) };
			if (!await this.instruction())
				return { at: null };
			const now = this.machine.eip;
			if (this.breakpoints.has(now) || targets.has(now) && accept(now))
				return { at: now, breakpoint: this.breakpoints.get(now) };
		}
	}
	pause() {
		this.paused = true;
	}
	// One of the commands below, as a run that can be paused. Resolves to {at, breakpoint}.
	async command(name, ...args) {
		this.paused = false;
		this.running = true;
		try {
			return await this[name](...args);
		} finally {
			this.running = false;
		}
	}
	// GDB's continue.
	go(targets = new Set(), accept) {
		return this.run(targets, accept);
	}
	// GDB's step: to the next line, also of a function that this line calls.
	step() {
		return this.line(true);
	}
	// GDB's next: to the next line of this function or of its caller.
	next() {
		return this.line(false);
	}
	// GDB's finish: until this function has returned.
	async finish() {
		const frame = this.frame();
		if (!frame || frame.ret === null)
			return this.line(false);
		return this.run(new Set([frame.ret]), () => frame.left());
	}
	// The call in which the machine stands: {f, ret: where it returns to, entry: is it at
	// its first instruction, near(), left(), here()}: is the machine now on this stack, has
	// the call returned, is it the same call. null for code without lines.
	frame() {
		const m = this.machine, f = this.symbols.functionAt(m.eip);
		const caller = () => this.symbols.frames.innermost(m), at = f && !(m.cs & 3) ? caller() : null;
		if (!at)
			return null;
		const esp = m.regs[4] >>> 0, near = () => Stepper.near(m.regs[4] >>> 0, esp);
		return { f, ret: at.ret, entry: m.eip === f.low, near,
			left: () => near() && m.regs[4] >>> 0 >= at.cfa && m.regs[5] >>> 0 === at.regs[5],
			here: () => caller()?.cfa === at.cfa };
	}
	async line(into) {
		const m = this.machine, frame = this.frame(), row = this.symbols.rowAt(m.eip);
		if (!frame || !row) {
			await this.instruction();
			return { at: this.paused ? null : m.eip };
		}
		if (frame.entry)
			return this.run(new Set([this.symbols.bodyOf(frame.f)]), () => frame.near());
		const others = this.symbols.statementsOf(frame.f)
			.filter((r) => (r.line !== row.line || r.file !== row.file) && r.address !== frame.f.low)
			.map((r) => r.address);
		const targets = new Set(others), calls = into ? this.calls(frame.f, row) : { bodies: [], sites: [] };
		if (frame.ret)
			targets.add(frame.ret);
		calls.bodies.concat(calls.sites).forEach((a) => targets.add(a));
		const bodies = new Set(calls.bodies), sites = new Set(calls.sites);
		const esp = m.regs[4] >>> 0;
		const found = await this.run(targets, (at) => at === frame.ret && !others.includes(at) ? frame.left() :
			bodies.has(at) ? frame.near() && m.regs[4] >>> 0 < esp : frame.here());
		return sites.has(found.at) ? this.enter() : found;
	}
	// At an indirect call: into the function if it has lines, else past it.
	async enter() {
		const m = this.machine;
		await this.instruction();
		const f = this.symbols.functionAt(m.eip);
		if (f && m.eip === f.low)
			return this.run(new Set([this.symbols.bodyOf(f)]));
		return { at: m.eip };
	}
	// The functions with lines that the code of a line calls: {bodies: where their bodies
	// begin, sites: instructions that call through a register or memory}.
	calls(f, row) {
		const m = this.machine, bodies = [], sites = [];
		const read = { bytes: (va, n) => m.bytes(va, n), word: () => 0, regs: [0, 0, 0, 0, 0, 0, 0, 0] };
		for (let pc = f.low; pc < f.high;) {
			const way = successors(read, pc), here = this.symbols.rowAt(pc);
			if (here && here.line === row.line && here.file === row.file && way.call !== null) {
				const callee = this.symbols.functionAt(way.call);
				if (callee && callee.low === way.call)
					bodies.push(this.symbols.bodyOf(callee));
				else if (m.bytes(pc, 1)[0] === 0xff)
					sites.push(pc);
			}
			pc += way.length;
		}
		return { bodies, sites };
	}
}

// Lets the page draw; a machine with nothing to do waits a little longer.
function rest(ms) {
	if (ms > 1)
		return new Promise((done) => setTimeout(done, ms));
	return new Promise((done) => {
		const { port1, port2 } = new MessageChannel();
		port1.onmessage = () => {
			port1.close();
			done();
		};
		port2.postMessage(0);
	});
}
