// The film's states and what can be asked about them. No document here: the tests
// and the page use the same functions. The format of a film is told in film.py.
"use strict";
const P = 1, W = 2, U = 4, A = 0x20, D = 0x40, PS = 0x80;
const AREA_WRITE = 2, AREA_SHARED = 0x10;
const EMPTY = new Uint32Array(1024);
const FLAGS = [
	[P, "P", "present"], [W, "W", "writable"], [U, "U", "user mode may use it"],
	[8, "PWT", "write-through"], [0x10, "PCD", "not cached"],
	[A, "A", "accessed: the MMU has used it"],
	[D, "D", "dirty: the MMU has seen a write"],
	[PS, "PS", "a 4 MB page"], [0x100, "G", "global: stays in the TLB when CR3 is loaded"],
];

const hex8 = (n) => (n >>> 0).toString(16).padStart(8, "0");
const hex = (n) => "0x" + n.toString(16);
const frameOf = (e) => (e & ~0xfff) >>> 0;
// The frame that an entry of a directory or table at pa names. Both are in the same memory:
// the machine's, or (bit 32) a guest's.
const below = (pa, e) => frameOf(e) + pa - (pa >>> 0);
const address = (pdx, ptx = 0) => ((pdx << 22) | (ptx << 12)) >>> 0;
const pdxOf = (va) => va >>> 22;
const ptxOf = (va) => (va >>> 12) & 0x3ff;

// All states of a film, in order: {step, number, frames: Map(pa -> Uint32Array of
// 1024), spaces: Map(name -> pa), areas: {name: [[start, end, flags, what]]}}.
// Tables that a step leaves as they are are shared with the state before.
function makeStates(film) {
	const out = [];
	let frames = new Map(), areas = {};
	film.steps.forEach((step, number) => {
		const fresh = new Set();
		frames = new Map(frames);
		areas = { ...areas, ...step.areas };
		for (const [pa, first, n, value, stride] of step.set) {
			if (!fresh.has(pa))
				frames.set(pa, (frames.get(pa) || EMPTY).slice());
			fresh.add(pa);
			const table = frames.get(pa);
			for (let i = 0; i < n; i++)
				table[first + i] = value + i * stride;
		}
		out.push({ step, number, frames, spaces: new Map(step.spaces), areas });
	});
	return out;
}

const tableAt = (state, pa) => state.frames.get(pa) || EMPTY;

// The directory of a space, and the table that one of its entries names: null if
// it names none. Both are {pa, entries}.
function directory(state, space) {
	const pa = state.spaces.get(space);
	return { pa, entries: tableAt(state, pa) };
}

function tableOf(state, space, pdx) {
	const pde = directory(state, space).entries[pdx];
	if (!(pde & P) || pde & PS)
		return null;
	const pa = below(state.spaces.get(space), pde);
	return { pa, entries: tableAt(state, pa) };
}

// Does va lie in an area of the space that is writable and private?
function isPrivate(state, space, va) {
	return (state.areas[space] || []).some(([start, end, flags]) =>
		start <= va && va < end && flags & AREA_WRITE && !(flags & AREA_SHARED));
}

// What an entry is: a kind of kinds.json. Without ptx, the directory's entry alone.
function kindOf(state, space, pdx, ptx) {
	const dir = directory(state, space), pde = dir.entries[pdx];
	if (!(pde & P))
		return "absent";
	if (pde & PS)
		return "big";
	const table = below(dir.pa, pde);
	if (ptx === undefined && table === dir.pa)
		return "window";
	const e = ptx === undefined ? pde : tableAt(state, table)[ptx];
	if (!(e & P))
		return "absent";
	if (table === dir.pa)
		return "window";
	const both = e & pde;
	if (both & U && !(both & W) && ptx !== undefined &&
	    isPrivate(state, space, address(pdx, ptx)))
		return "cow";
	return (both & U ? "user" : "kernel") + (both & W ? "-rw" : "-ro");
}

// The frames that are a directory or a table in a state: a Set.
const used = new WeakMap();

function inUse(state) {
	if (!used.has(state)) {
		const out = new Set(state.spaces.values());
		for (const pa of state.spaces.values())
			for (const e of tableAt(state, pa))
				if (e & P && !(e & PS))
					out.add(below(pa, e));
		used.set(state, out);
	}
	return used.get(state);
}

// Indexes of the entries of a frame that differ between two states in more than
// what the MMU itself notes (A and D). A frame that was no table before was empty.
function changedIn(before, state, pa) {
	const now = tableAt(state, pa);
	const old = !before ? now : inUse(before).has(pa) ? tableAt(before, pa) : EMPTY;
	const out = new Set();
	if (now !== old)
		for (let i = 0; i < 1024; i++)
			if ((now[i] ^ old[i]) & ~(A | D))
				out.add(i);
	return out;
}

// The translation of va in a space, as the MMU does it: {va, cr3, entries: [{level,
// index, at, value}], pa (null if it faults), big, write, user}.
function walk(state, space, va) {
	const dir = directory(state, space), pdx = pdxOf(va), ptx = ptxOf(va);
	const pde = dir.entries[pdx];
	const out = { va, cr3: dir.pa, pa: null, big: false, write: false, user: false,
		entries: [{ level: "PDE", index: pdx, at: dir.pa + 4 * pdx, value: pde }] };
	if (!(pde & P))
		return out;
	let both = pde;
	if (pde & PS) {
		out.big = true;
		out.pa = ((pde & 0xffc00000) | (va & 0x3fffff)) >>> 0;
	} else {
		const table = below(dir.pa, pde), pte = tableAt(state, table)[ptx];
		out.entries.push({ level: "PTE", index: ptx, at: table + 4 * ptx, value: pte });
		both &= pte;
		if (pte & P)
			out.pa = (frameOf(pte) | (va & 0xfff)) >>> 0;
	}
	if (out.pa !== null) {
		out.write = (both & W) !== 0;
		out.user = (both & U) !== 0;
	}
	return out;
}

const flagNames = (e) => FLAGS.filter(([bit]) => e & bit).map(([, name]) => name)
	.join(" ") || "-";
const flagWords = (e) => FLAGS.filter(([bit]) => e & bit)
	.map(([, name, words]) => `${name}: ${words}`);

// [{start, end, kind}] of what is mapped, neighbours of a kind joined; by address.
// Both are page addresses up to 2^32; the window is left out if asked.
function mapped(state, space, withWindow = true) {
	const out = [], dir = directory(state, space);
	const add = (start, pages, kind) => {
		const last = out[out.length - 1];
		if (last && last.end === start && last.kind === kind)
			last.end += pages * 4096;
		else
			out.push({ start, end: start + pages * 4096, kind });
	};
	for (let i = 0; i < 1024; i++) {
		if (!(dir.entries[i] & P))
			continue;
		if (dir.entries[i] & PS) {
			add(address(i), 1024, "big");
			continue;
		}
		const pa = below(dir.pa, dir.entries[i]);
		if (!withWindow && pa === dir.pa)
			continue;
		const table = tableAt(state, pa);
		for (let j = 0; j < 1024; j++)
			if (table[j] & P)
				add(address(i, j), 1, kindOf(state, space, i, j));
	}
	return out;
}

// The regions of a space, highest first: [{start, end, name, pages: {kind: n}}].
// What is mapped outside of all areas and rows becomes a region without a name.
function regions(film, state, space) {
	const rows = space === "entrypgdir" ? [] : film.rows;
	const areas = (state.areas[space] || []).map(([s, e, , what]) => [s, e, what]);
	const out = [...areas, ...rows].filter(([s, e]) => e > s)
		.map(([start, end, name]) => ({ start, end, name, pages: {} }));
	for (const run of mapped(state, space)) {
		let at = run.start;
		while (at < run.end) {
			let r = out.find((x) => x.start <= at && at < x.end);
			if (!r) {
				const next = out.filter((x) => x.start > at).map((x) => x.start);
				r = { start: at, end: Math.min(run.end, ...next), name: "", pages: {} };
				out.push(r);
			}
			const end = Math.min(run.end, r.end);
			r.pages[run.kind] = (r.pages[run.kind] || 0) + (end - at) / 4096;
			at = end;
		}
	}
	return out.sort((a, b) => b.start - a.start);
}

if (typeof module !== "undefined")
	module.exports = { makeStates, directory, tableOf, kindOf, changedIn, walk, mapped,
		regions, flagNames, flagWords, hex8, hex, address, pdxOf, ptxOf };
