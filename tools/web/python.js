// The commands of tools/gdb in the page: the same Python files, run by MicroPython. What
// they ask of GDB is answered by py/gdb.py and py/target.py, which ask this file.
import { loadMicroPython } from "micropython";
import { callStack } from "./expression.js";

export class Python {
	// files: {name: text} of the Python files; facts: the numbers of the headers, and what
	// layout.py lists. Resolves when the commands can be used.
	static async load(url, files, facts, session) {
		const self = new Python();
		self.out = [];
		self.session = session;
		self.mp = await loadMicroPython({ url, heapsize: 16 << 20, linebuffer: true,
			stdout: (line) => self.out.push(line), stderr: () => {} });
		self.mp.FS.mkdir("/py");
		for (const [name, text] of Object.entries(files))
			self.mp.FS.writeFile(`/py/${name}`, text);
		self.register();
		const layout = { ...session.symbols.layout(facts), constants: facts.constants };
		self.mp.FS.writeFile("/layout.json", JSON.stringify(layout));
		self.mp.runPython(START);
		return self;
	}
	register() {
		const { machine, expressions } = this.session, self = this;
		const value = (frame, text) => {
			expressions.frame = frame;
			try {
				return expressions.number(text);
			} finally {
				expressions.frame = null;
			}
		};
		this.hooks = { stop: null };
		this.mp.registerJsModule("page", {
			hooks: this.hooks,
			control: (n) => machine.control(n),
			read: (pa, n) => {
				const bytes = machine.physical(pa, n);
				if (bytes)
					self.mp.FS.writeFile("/memory", bytes);
				return bytes !== null;
			},
			number: (text) => {
				try {
					return expressions.number(text);
				} catch (e) {
					return e.message;
				}
			},
			frame_count: () => callStack(expressions).length,
			frame_name: (n) => callStack(expressions)[n].f.name,
			frame_value: (n, text) => {
				try {
					const frame = callStack(expressions)[n];
					const root = text.split(/\W/)[0];
					const seen = self.session.symbols.variablesAt(frame.f, frame.pc).some((v) => v.name === root);
					return seen ? value(frame, text) : null;
				} catch {
					return null;
				}
			},
			keep: (name, n) => { expressions.saved[name] = Number(n) >>> 0; },
		});
	}
	// Runs a command of tools/gdb. Returns its lines; an error is a line too.
	command(name, argument) {
		this.out = [];
		this.mp.globals.set("_name", name);
		this.mp.globals.set("_argument", argument);
		try {
			this.mp.runPython(RUN);
		} catch (e) {
			this.out.push(`${name}: ${e.message.trim().split("\n").pop()}`);
		}
		return this.out;
	}
	has(name) {
		return ["pt", "walk", "kmap", "areas", "ps", "ptdiff", "frame"].includes(name);
	}
	// Tells the commands that the machine has stopped: ptdiff remembers.
	stopped() {
		this.out = [];
		this.mp.runPython("commands.on_stop(None)");
		return this.out;
	}
}

const START = `
import sys, json
sys.path.append("/py")
import gdb, target
with open("/layout.json") as f:
    target.layout.update(json.loads(f.read()))
import commands
`;
const RUN = `
try:
    gdb.made[_name].invoke(_argument, True)
except gdb.error as e:
    print(e)
`;
