// The machine: v86 with cr3's disks, and everything that the page reads or writes in it.
// The page runs the machine itself, a slice of about a millisecond at a time, so that it
// can look between any two slices.
import { V86 } from "v86";

const MB = 1 << 20;
const IF = 0x200;               // EFLAGS: interrupts may come
// The order of v86's registers is the order of instruction encodings.
export const REGISTERS = ["eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi"];

// The machine can run no further.
export class Dead extends Error {
	constructor() {
		super("A triple fault: an instruction faulted, and the CPU could not call the handler either.");
	}
}

export class Machine {
	// files: {wasm: URL, bios, vgabios, boot, fs: ArrayBuffer}; memory in MB.
	constructor(files, memory) {
		this.memory = memory;
		this.heard = () => {};
		this.emulator = new V86({ wasm_path: files.wasm, memory_size: memory * MB,
			vga_memory_size: MB, bios: { buffer: files.bios },
			vga_bios: { buffer: files.vgabios }, hda: { buffer: files.boot },
			hdb: { buffer: files.fs }, acpi: true, autostart: false, fastboot: true,
			disable_speaker: true, disable_keyboard: true, disable_mouse: true,
			net_device: { type: "none" }, log_level: 0 });
		this.emulator.add_listener("serial0-output-byte", (b) => this.heard(b));
	}
	// Resolves when the emulator is loaded and the machine stands at its first instruction.
	ready() {
		return new Promise((done) => this.emulator.add_listener("emulator-loaded", () => {
			this.v86 = this.emulator.v86;
			this.cpu = this.v86.cpu;
			this.v86.do_tick = () => {};    // only slice() runs the machine
			done();
		}));
	}
	// Runs a slice; returns for how many milliseconds the CPU has nothing to do. Throws Dead
	// after a triple fault: v86 has none, so a fault whose handler cannot be called calls
	// itself until the stack of the browser is full.
	slice() {
		try {
			return this.cpu.main_loop();
		} catch (e) {
			if (e instanceof RangeError || e instanceof WebAssembly.RuntimeError)
				throw new Dead();
			throw e;
		}
	}
	get eip() { return this.cpu.instruction_pointer[0] >>> 0; }
	// The eight registers, signed, in the order of REGISTERS.
	get regs() { return Array.from(this.cpu.reg32); }
	get cs() { return this.cpu.sreg[1]; }
	control(n) { return this.cpu.cr[n] >>> 0; }
	// The address of the interrupt table.
	get idt() { return this.cpu.idtr_offset[0] >>> 0; }
	// Does something while no interrupt can come.
	async quietly(what) {
		const { flags } = this.cpu, open = flags[0] & IF;
		flags[0] &= ~IF;
		try {
			return await what();
		} finally {
			flags[0] |= open;
		}
	}
	get halted() { return this.cpu.in_hlt[0] !== 0; }
	// Physical memory: a view, valid until the machine runs again. null beyond RAM.
	physical(pa, n) {
		return pa + n > this.memory * MB ? null : this.cpu.mem8.subarray(pa, pa + n);
	}
	poke(pa, bytes) {
		this.emulator.write_memory(bytes, pa);
	}
	physicalWord(pa) {
		const b = this.physical(pa, 4);
		return b ? (b[0] | b[1] << 8 | b[2] << 16 | b[3] << 24) >>> 0 : null;
	}
	// The physical address of a virtual one through the loaded CR3; null if absent. Sets
	// no bit in the tables.
	translate(va) {
		if (!(this.control(0) & 0x80000000))
			return va;
		const pde = this.physicalWord((this.control(3) & ~0xfff) + (va >>> 22) * 4 >>> 0);
		if (pde === null || !(pde & 1))
			return null;
		if (pde & 0x80 && this.control(4) & 0x10)
			return (pde & 0xffc00000 | va & 0x3fffff) >>> 0;
		const pte = this.physicalWord((pde & ~0xfff) + (va >>> 12 & 0x3ff) * 4 >>> 0);
		return pte === null || !(pte & 1) ? null : (pte & ~0xfff | va & 0xfff) >>> 0;
	}
	// n bytes at a virtual address; bytes that are not mapped read as 0.
	bytes(va, n) {
		const out = new Uint8Array(n);
		for (let i = 0; i < n;) {
			const at = va + i >>> 0, size = Math.min(n - i, 4096 - (at & 4095));
			const pa = this.translate(at), found = pa === null ? null : this.physical(pa, size);
			if (found)
				out.set(found, i);
			i += size;
		}
		return out;
	}
	// The word at a virtual address; null if it is not mapped.
	word(va) {
		if (this.translate(va) === null)
			return null;
		const b = this.bytes(va, 4);
		return (b[0] | b[1] << 8 | b[2] << 16 | b[3] << 24) >>> 0;
	}
	// The disks' buffers in the order of their channels: {buffer, set, get_state, set_state}.
	disks() {
		const ide = this.cpu.devices.ide;
		return [ide.primary, ide.secondary].filter(Boolean)
			.flatMap((channel) => [channel.master, channel.slave])
			.map((drive) => drive && drive.buffer).filter((b) => b && b.buffer instanceof ArrayBuffer);
	}
	type(text) {
		this.emulator.serial0_send(text);
	}
	// The state of everything except the memory: what restore() takes. v86 packs the memory
	// into its state; here it gets none, as history.js keeps memory by the page.
	save() {
		const cpu = this.cpu, pack = cpu.pack_memory;
		cpu.pack_memory = () => ({ bitmap: { get_buffer: () => new ArrayBuffer(0) }, packed_memory: new Uint8Array(0) });
		try {
			return copy(cpu.get_state());
		} finally {
			cpu.pack_memory = pack;
		}
	}
	// Puts everything except the memory back. The memory must be right already.
	restore(state) {
		const cpu = this.cpu, views = {};
		// v86 puts these three of the saved arrays in the place of its views of the CPU, so
		// the flags that the last operation left would be lost.
		for (const name of ["last_result", "fpu_status_word", "mxcsr"])
			views[name] = cpu[name];
		cpu.unpack_memory = () => {};
		try {
			cpu.set_state(copy(state));
		} finally {
			delete cpu.unpack_memory;
			for (const [name, view] of Object.entries(views)) {
				view.set(cpu[name]);
				cpu[name] = view;
			}
		}
	}
	destroy() {
		this.emulator.destroy();
	}
}

// A state of v86 as arrays, numbers and typed arrays of its own: an object is asked for its
// state.
function copy(value) {
	if (value === null || typeof value !== "object")
		return value;
	if (typeof value.get_state === "function")
		return copy(value.get_state());
	if (value.BYTES_PER_ELEMENT) {          // v86's views of the CPU are proxies of typed arrays
		const Kind = globalThis[value.constructor.name.replace("bound ", "")];
		const size = value.length * value.BYTES_PER_ELEMENT;
		return new Kind(new Uint8Array(value.buffer, value.byteOffset, size).slice().buffer);
	}
	if (value instanceof Map)
		return new Map([...value].map(([k, v]) => [k, copy(v)]));
	if (Array.isArray(value))
		return value.map(copy);
	return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, copy(v)]));
}
