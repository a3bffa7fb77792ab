// The kernel's file: sections, segments and symbols of a 32-bit ELF file (System V ABI,
// chapters 4 and 5). Nothing here knows what the sections mean.

// Reads numbers and texts from bytes, going forward.
export class Reader {
	constructor(bytes, at = 0) {
		this.bytes = bytes;
		this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
		this.at = at;
	}
	u8() { return this.bytes[this.at++]; }
	u16() { this.at += 2; return this.view.getUint16(this.at - 2, true); }
	u32() { this.at += 4; return this.view.getUint32(this.at - 4, true); }
	// An unsigned number of 1, 2, 3, 4 or 8 bytes; of 8 bytes the low 32 bits.
	number(size) {
		let n = 0;
		for (let i = 0; i < size; i++)
			n += i < 4 ? this.bytes[this.at + i] * 2 ** (8 * i) : 0;
		this.at += size;
		return n;
	}
	// Numbers of any length (DWARF 5, 7.6).
	uleb() {
		let n = 0, scale = 1, byte;
		do {
			byte = this.u8();
			n += (byte & 0x7f) * scale;
			scale *= 128;
		} while (byte & 0x80);
		return n;
	}
	sleb() {
		let n = 0, scale = 1, byte;
		do {
			byte = this.u8();
			n += (byte & 0x7f) * scale;
			scale *= 128;
		} while (byte & 0x80);
		return byte & 0x40 ? n - scale : n;
	}
	text() {
		const s = textAt(this.bytes, this.at);
		this.at += s.length + 1;
		return s;
	}
}

// The Latin-1 text that ends with a zero byte.
export function textAt(bytes, at) {
	let s = "";
	for (; bytes[at]; at++)
		s += String.fromCharCode(bytes[at]);
	return s;
}

// bytes: a Uint8Array of the file. Returns {sections: {name: Uint8Array},
// segments: [{offset, va, pa, filesize, size, executable}], symbols: [{name, value,
// size, kind, local, section}]}. Throws an Error if it is no 32-bit ELF file.
export function readElf(bytes) {
	const r = new Reader(bytes);
	if (bytes.length < 52 || r.u32() !== 0x464c457f || bytes[4] !== 1)
		throw new Error("this is no 32-bit ELF file");
	r.at = 28;
	const phoff = r.u32(), shoff = r.u32();
	r.at = 42;
	const phsize = r.u16(), phnum = r.u16(), shsize = r.u16(), shnum = r.u16(), names = r.u16();
	const segments = [];
	for (let i = 0; i < phnum; i++) {
		r.at = phoff + i * phsize;
		const [type, offset, va, pa, filesize, size, flags] = Array.from({ length: 7 }, () => r.u32());
		if (type === 1)
			segments.push({ offset, va, pa, filesize, size, executable: (flags & 1) !== 0 });
	}
	const heads = [];
	for (let i = 0; i < shnum; i++) {
		r.at = shoff + i * shsize;
		const [name, type, flags, va, offset, size, link] = Array.from({ length: 7 }, () => r.u32());
		heads.push({ name, type, flags, va, link,
			data: type === 8 ? new Uint8Array(0) : bytes.subarray(offset, offset + size) });
	}
	const sections = {};
	for (const h of heads)
		sections[textAt(heads[names].data, h.name)] = h.data;
	return { sections, segments, symbols: readSymbols(heads) };
}

function readSymbols(heads) {
	const table = heads.find((h) => h.type === 2), out = [];
	if (!table)
		return out;
	const r = new Reader(table.data);
	while (r.at < table.data.length) {
		const name = textAt(heads[table.link].data, r.u32()), value = r.u32(), size = r.u32();
		const info = r.u8();
		r.u8();
		out.push({ name, value, size, kind: info & 15, local: info >> 4 === 0, section: r.u16() });
	}
	return out;
}

// How many bytes of the file at `start` belong to the ELF file that begins there: the
// boot disk holds the whole file, and then zeros.
export function elfLength(bytes, start) {
	const r = new Reader(bytes, start + 32);
	const shoff = r.u32();
	r.at = start + 46;
	const shsize = r.u16(), shnum = r.u16();
	let end = shoff + shsize * shnum;
	for (let i = 0; i < shnum; i++) {
		r.at = start + shoff + i * shsize + 4;
		const type = r.u32();
		r.at += 8;
		const offset = r.u32(), size = r.u32();
		if (type !== 8)
			end = Math.max(end, offset + size);
	}
	return end;
}
