// A session: one machine with its symbols, from the boot on, and what can be done with it.
// The page's panes listen: changed() is called after every stop, and at a start and pause.
import { elfLength } from "./elf.js";
import { Expressions } from "./expression.js";
import { History } from "./history.js";
import { Dead, Machine } from "./machine.js";
import { Stepper } from "./stepper.js";
import { Symbols } from "./symbols.js";

const SECTOR = 512, KERNEL_SECTOR = 16;         // bootmain.c reads the kernel from there
const MB = 1 << 20;
const LINES = 10000, CHUNK = 64;                // who-wrote: so far it steps; a state after each

// The kernel's file inside a boot disk's image.
export function kernelOf(boot) {
	const bytes = new Uint8Array(boot), at = KERNEL_SECTOR * SECTOR;
	return bytes.slice(at, at + elfLength(bytes, at));
}

export class Session {
	// files: {wasm, bios, vgabios, boot, fs, kernel?}; facts: facts.json; memory in MB.
	constructor(files, facts, memory) {
		this.files = files;
		this.facts = facts;
		this.memory = memory;
		this.symbols = new Symbols(files.kernel ?? kernelOf(files.boot));
		this.changed = () => {};
		this.stops = 0;
		this.heard = "";
		this.searching = false;         // who-wrote is at work
		this.once = new Set();          // breakpoints that go when they are reached
	}
	// Boots a machine up to the kernel's first instruction. listener(byte) hears the serial
	// line, progress(text) what is waited for.
	async boot(progress = () => {}) {
		this.machine?.destroy();
		const boot = this.files.boot.slice(0), image = new Uint8Array(boot);
		const entry = new DataView(this.symbols.bytes.buffer, this.symbols.bytes.byteOffset).getUint32(24, true);
		const segment = this.symbols.elf.segments.find((s) => s.pa <= entry && entry < s.pa + s.filesize);
		const at = KERNEL_SECTOR * SECTOR + segment.offset + entry - segment.pa;
		const first = image.slice(at, at + 2);
		image.set([0xeb, 0xfe], at);
		progress("starting the emulator");
		this.heard = "";
		await this.power(boot);
		progress("the BIOS loads the kernel");
		for (let end = performance.now() + 60000; this.machine.eip !== entry;) {
			this.machine.slice();
			if (performance.now() > end)
				throw new Error("the boot disk did not reach the kernel's entry in a minute");
			await new Promise((done) => setTimeout(done));
		}
		this.machine.poke(entry, first);
		image.set(first, at);
		this.stepper = new Stepper(this.machine, this.symbols);
		this.expressions = new Expressions(this.machine, this.symbols, this.facts.constants);
		this.history = new History(this.machine);
		this.history.start();
		this.python = null;
		this.stops = 1;
	}
	// A new machine with this boot disk, at its first instruction.
	async power(boot) {
		this.dead = false;
		this.machine = new Machine({ ...this.files, boot, fs: this.files.fs.slice(0) }, this.memory);
		this.machine.heard = (byte) => {
			this.heard += String.fromCharCode(byte);
			this.listener?.(byte);
		};
		await this.machine.ready();
	}
	get running() { return this.searching || (this.stepper?.running ?? false); }
	// Runs a command of the stepper and notes the stop. Resolves to {at, breakpoint}. Throws
	// Dead after a triple fault: then the machine can only be looked at, and go back.
	async run(name, ...args) {
		if (this.running || this.dead)
			return null;
		const done = this.stepper.command(name, ...args);
		this.changed("running");
		try {
			const found = await done;
			if (found.at !== null && this.once.delete(found.at))
				this.stepper.breakpoints.delete(found.at);
			return found;
		} catch (e) {
			this.dead = e instanceof Dead;
			throw e;
		} finally {
			if (!this.dead)
				this.keep();
			this.tell();
		}
	}
	// Tells the panes that the machine stands.
	tell() {
		this.changed(this.dead ? "dead" : "stopped");
	}
	// Saves the state: a stop.
	keep() {
		this.history.note();
		this.stops += 1;
	}
	// One stop back; false if there is none.
	async back() {
		if (this.dead)
			return this.revive();
		if (this.running || !await this.history.back())
			return false;
		this.stops -= 1;
		this.changed("back");
		return true;
	}
	// After a triple fault the emulator is of no use. A new one goes on from the last stop.
	async revive() {
		const dead = this.machine;
		await this.power(this.files.boot.slice(0));
		this.history.moveTo(this.machine);
		await this.history.rewind();
		this.stepper.machine = this.expressions.machine = this.machine;
		dead.destroy();
		this.changed("back");
		return true;
	}
	pause() {
		this.searching = false;
		this.stepper.pause();
	}
	// The address of "function", "function:N" (its N-th line), "file.c:LINE", "*expression".
	// Throws an Error.
	place(text) {
		const line = text.match(/^([\w\/.]+\.[chS]):(\d+)$/), nth = text.match(/^(\w+):(\d+)$/);
		if (text[0] === "*")
			return this.expressions.number(text.slice(1));
		if (line) {
			for (let n = Number(line[2]); n < Number(line[2]) + 20; n++)
				if (this.symbols.byLine.has(`${line[1]}:${n}`))
					return Math.min(...this.symbols.byLine.get(`${line[1]}:${n}`));
			throw new Error(`No code in ${text}.`);
		}
		const f = this.symbols.byName.get(nth ? nth[1] : text);
		if (!f) {
			const address = this.symbols.address(text);
			if (address === undefined)
				throw new Error(`Function "${nth ? nth[1] : text}" not defined.`);
			return address;
		}
		if (!nth)
			return this.symbols.bodyOf(f);
		const lines = [...new Set(this.symbols.statementsOf(f).filter((r) => r.address > f.low)
			.map((r) => r.line))].sort((a, b) => a - b);
		const want = lines[Number(nth[2]) - 1];
		if (want === undefined)
			throw new Error(`${nth[1]} has ${lines.length} lines with code.`);
		return this.symbols.statementsOf(f).find((r) => r.line === want && r.address > f.low).address;
	}
	// Runs to a place; condition: an expression that must hold there.
	runTo(text, condition) {
		const at = this.place(text);
		const holds = () => {
			try {
				return !condition || this.expressions.number(condition) !== 0;
			} catch {
				return false;
			}
		};
		return this.run("go", new Set([at]), holds);
	}
	// Who wrote the entry at a physical address: goes back to the stop before its last
	// change and steps up to the line that changes it. A and D do not count: the MMU sets
	// them. Resolves to a sentence.
	async whoWrote(pa) {
		const values = (await this.history.words(pa)).map(written);
		let last = values.length - 1;
		while (last > 0 && values[last - 1] === written(this.machine.physicalWord(pa)))
			last -= 1;
		if (last === 0)
			return "The entry has not changed since the first stop that is kept.";
		this.searching = true;
		this.changed("running");
		try {
			for (let n = values.length - last; n > 0; n--) {
				await this.history.back();
				this.stops -= 1;
			}
			return await this.stepTo(pa, this.machine.physicalWord(pa));
		} catch (e) {
			this.dead = e instanceof Dead;
			throw e;
		} finally {
			this.searching = false;
			this.tell();
		}
	}
	// Steps by line until the word changes, then stands before the line that did it. States
	// are saved after every CHUNK lines only: the last chunk is stepped twice.
	async stepTo(pa, old) {
		for (let n = 0; n < LINES && this.searching; n += CHUNK) {
			const steps = await this.stepsTo(CHUNK, () => written(this.machine.physicalWord(pa)) !== written(old));
			if (steps) {
				const value = this.machine.physicalWord(pa);
				await this.history.rewind();
				await this.stepsTo(steps - 1, () => false);
				if (steps > 1)
					this.keep();
				return this.writer(old, value);
			}
			this.keep();
		}
		return this.searching ? `The entry did not change within ${LINES} lines: the machine stands at the last one.` :
			"Stopped before the entry changed.";
	}
	// Steps until holds() says yes; resolves to the number of steps, or null after `most`.
	async stepsTo(most, holds) {
		for (let n = 1; n <= most && this.searching; n++) {
			await this.stepper.command("step");
			if (holds())
				return n;
		}
		return null;
	}
	writer(old, value) {
		const row = this.symbols.rowAt(this.machine.eip), f = this.symbols.functionAt(this.machine.eip);
		return `${f ? f.name : "?"}, ${row ? `${row.file}:${row.line}` : "no line"}, writes it: ` +
			`${hex8(old)} -> ${hex8(value)}. The machine stands before this line.`;
	}
}

// An entry as a line of C wrote it: without A and D.
function written(entry) {
	return (entry & ~0x60) >>> 0;
}

export function hex8(n) {
	return (n >>> 0).toString(16).padStart(8, "0");
}
