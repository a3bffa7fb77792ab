// The way back: the state of the machine at every stop. A state is the registers and devices
// as v86 saves them, and the pages of memory that have changed since the stop before, with
// their old contents. Large ones are compressed. The oldest states go when all together
// are larger than LIMIT.

const PAGE = 4096;
const LIMIT = 200 << 20;        // bytes
const LARGE = 64 << 10;         // a delta above this is compressed

export class History {
	constructor(machine) {
		this.machine = machine;
		this.stops = [];
		this.bytes = 0;
		this.watchDisks();
	}
	// Forgets everything; the machine as it stands is the first stop.
	start() {
		this.stops = [];
		this.bytes = 0;
		this.shadow = this.machine.cpu.mem8.slice();
		this.stops.push(this.entry([]));
	}
	// Disks are not part of a state, as v86 would copy them whole. Each write is noted with
	// the bytes that it overwrites.
	watchDisks() {
		this.writes = [];
		for (const disk of this.machine.disks()) {
			const set = disk.set;
			disk.set = (start, data, done) => {
				this.writes.push({ disk, start, old: new Uint8Array(disk.buffer, start, data.length).slice() });
				set.call(disk, start, data, done);
			};
			disk.get_state = () => [];
			disk.set_state = () => {};
		}
	}
	// A stop. What is as at the stop before (the screen's memory, sectors in drives) is kept
	// once.
	entry(pages) {
		const state = share(this.machine.save(), this.stops.at(-1)?.state);
		return { state: state.value, pages, writes: this.writes.length, size: pages.length * PAGE + state.size };
	}
	// Goes on with a new machine. It takes the old one's disks, with what was written.
	moveTo(machine) {
		const { writes } = this, old = this.machine.disks(), disks = machine.disks();
		disks.forEach((disk, i) => new Uint8Array(disk.buffer).set(new Uint8Array(old[i].buffer)));
		this.machine = machine;
		this.watchDisks();
		this.writes = writes.map((w) => ({ ...w, disk: disks[old.indexOf(w.disk)] }));
	}
	// The numbers of the pages that differ from the last stop.
	changed() {
		const now = this.machine.cpu.mem8, old = this.shadow, out = [];
		const a = new Int32Array(now.buffer, now.byteOffset, now.length >> 2);
		const b = new Int32Array(old.buffer, 0, old.length >> 2);
		for (let page = 0; page < a.length >> 10; page++)
			for (let i = page << 10, end = i + 1024; i < end; i += 4)
				if ((a[i] ^ b[i] | a[i + 1] ^ b[i + 1] | a[i + 2] ^ b[i + 2] | a[i + 3] ^ b[i + 3]) !== 0) {
					out.push(page);
					break;
				}
		return out;
	}
	// Notes the stop at which the machine stands.
	note() {
		const numbers = this.changed(), now = this.machine.cpu.mem8;
		const old = new Uint8Array(numbers.length * PAGE);
		numbers.forEach((page, i) => {
			old.set(this.shadow.subarray(page * PAGE, (page + 1) * PAGE), i * PAGE);
			this.shadow.set(now.subarray(page * PAGE, (page + 1) * PAGE), page * PAGE);
		});
		const stop = this.entry(numbers);
		stop.old = old;
		this.stops.push(stop);
		this.bytes += stop.size;
		if (old.length > LARGE)
			this.compress(stop);
		while (this.bytes > LIMIT && this.stops.length > 2) {
			this.stops.shift();
			this.bytes -= this.stops[0].size;
			this.stops[0].old = null;
		}
	}
	async compress(stop) {
		const packed = await squeeze(stop.old, new CompressionStream("deflate-raw"));
		if (!stop.old || !this.stops.includes(stop))
			return;
		this.bytes -= stop.old.length - packed.length;
		stop.size -= stop.old.length - packed.length;
		stop.packed = packed;
		stop.old = null;
	}
	// How many stops back the machine can go.
	get depth() { return this.stops.length - 1; }
	// Puts the machine back to the last stop, whatever has run since.
	async rewind() {
		const now = this.machine.cpu.mem8;
		for (const page of this.changed())
			now.set(this.shadow.subarray(page * PAGE, (page + 1) * PAGE), page * PAGE);
		this.finish(this.stops[this.stops.length - 1]);
	}
	// One stop back. False if there is none.
	async back() {
		if (this.depth < 1)
			return false;
		const stop = this.stops[this.stops.length - 1];
		const old = stop.old ?? await squeeze(stop.packed, new DecompressionStream("deflate-raw"));
		this.stops.pop();
		this.bytes -= stop.size;
		const now = this.machine.cpu.mem8;
		for (const page of this.changed())
			now.set(this.shadow.subarray(page * PAGE, (page + 1) * PAGE), page * PAGE);
		stop.pages.forEach((page, i) => {
			const was = old.subarray(i * PAGE, (i + 1) * PAGE);
			now.set(was, page * PAGE);
			this.shadow.set(was, page * PAGE);
		});
		this.finish(this.stops[this.stops.length - 1]);
		return true;
	}
	finish(stop) {
		while (this.writes.length > stop.writes) {
			const { disk, start, old } = this.writes.pop();
			new Uint8Array(disk.buffer, start, old.length).set(old);
		}
		this.machine.restore(stop.state);
	}
	// The word at a physical address at every stop kept, oldest first: [values].
	async words(pa) {
		const page = pa >>> 12, out = [];
		let value = new DataView(this.shadow.buffer).getUint32(pa, true);
		for (let i = this.stops.length - 1; i >= 0; i--) {
			out.unshift(value);
			const at = this.stops[i].pages.indexOf(page);
			if (at >= 0 && (this.stops[i].old || this.stops[i].packed)) {
				const old = this.stops[i].old ?? await squeeze(this.stops[i].packed, new DecompressionStream("deflate-raw"));
				value = new DataView(old.buffer, old.byteOffset).getUint32(at * PAGE + (pa & 4095), true);
			}
		}
		return out;
	}
}

async function squeeze(bytes, stream) {
	return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
}

// The value with large arrays of the value before in the place of equal ones, and how many
// bytes are new, about: {value, size}.
function share(value, before) {
	if (ArrayBuffer.isView(value))
		return value.byteLength > PAGE && equal(value, before) ? { value: before, size: 8 } : { value, size: value.byteLength };
	if (!Array.isArray(value))
		return { value, size: 8 };
	const parts = value.map((v, i) => share(v, Array.isArray(before) ? before[i] : undefined));
	return { value: parts.map((p) => p.value), size: parts.reduce((n, p) => n + p.size, 8) };
}

function equal(a, b) {
	if (!ArrayBuffer.isView(b) || a.byteLength !== b.byteLength)
		return false;
	const x = new Int32Array(a.buffer, 0, a.byteLength >> 2), y = new Int32Array(b.buffer, 0, b.byteLength >> 2);
	return x.every((n, i) => n === y[i]);
}
