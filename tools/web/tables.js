// The tables as they stand in the machine's memory: the directory and each of its tables
// as a grid of 1024 cells on one canvas, with what has changed since the last stop marked.
import { hex8 } from "./session.js";

const P = 1, W = 2, U = 4, PS = 0x80;
const BAR = 30;                 // pixels above the grids for the bar of the address space
const NAMES = [[1, "P"], [2, "W"], [4, "U"], [32, "A"], [64, "D"], [256, "G"], [128, "PS"], [8, "PWT"], [16, "PCD"]];
const WORDS = { P: "present", W: "writable", U: "for user code", A: "accessed", D: "dirty",
	G: "global", PS: "a page of 4 MB", PWT: "write-through", PCD: "not cached" };

export function flagsText(entry) {
	return NAMES.filter(([bit]) => entry & bit).map(([, n]) => n).join(" ") || "-";
}
export function flagsWords(entry) {
	return NAMES.filter(([bit]) => entry & bit).map(([, n]) => WORDS[n]).join(", ") || "not present";
}

export class Tables {
	// canvas, list (a select of directories), say(text): the live region; chosen({va, pa,
	// entry, level, index}): a cell was clicked.
	constructor({ canvas, list, scroll, say, chosen }) {
		Object.assign(this, { canvas, list, scroll, say, chosen });
		this.tiles = [];
		this.cursor = { tile: 0, cell: 0 };
		this.before = new Map();
		this.pick = "auto";
		canvas.addEventListener("click", (e) => this.click(e));
		canvas.addEventListener("keydown", (e) => this.key(e));
		canvas.addEventListener("mousemove", (e) => this.hover(e));
		list.addEventListener("change", () => { this.pick = list.value; this.read(); this.draw(); });
	}
	// Reads the directory that is shown and its tables. fresh: the machine has stopped
	// anew, so what differs from the last reading is marked.
	read(fresh = false) {
		const { machine } = this;
		const pa = this.directory();
		const dir = pa === null ? null : this.words(pa);
		this.tiles = dir ? [{ title: `directory ${hex8(pa)}`, pa, words: dir, pdx: null }] : [];
		const pse = machine.control(4) & 0x10 || !(machine.control(0) & 0x80000000);
		for (let i = 0; dir && i < 1024; i++) {
			if (!(dir[i] & P) || dir[i] & PS && pse)
				continue;
			const table = (dir[i] & ~0xfff) >>> 0, words = this.words(table);
			if (words)
				this.tiles.push({ title: `0x${i.toString(16)}: ${hex8(i << 22)}`, pa: table, words, pdx: i, pde: dir[i] });
		}
		this.mark(fresh);
	}
	mark(fresh) {
		if (fresh)
			this.before = this.last ?? new Map();
		this.last = new Map(this.tiles.map((t) => [t.pa, t.words]));
		for (const tile of this.tiles) {
			const old = this.before.get(tile.pa);
			tile.changed = new Set();
			for (let i = 0; i < 1024; i++)
				if (tile.words[i] !== (old ? old[i] : 0) && (old || this.before.size))
					tile.changed.add(i);
		}
	}
	words(pa) {
		const bytes = this.machine.physical(pa, 4096);
		return bytes ? new Uint32Array(bytes.slice().buffer) : null;
	}
	// The physical address of the directory that is shown: one that a function has in hand
	// as pgdir, else the one in CR3.
	directory() {
		const names = this.directories, chosen = names.find(([name]) => name === this.pick);
		const inHand = names.find(([name]) => name.endsWith("'s pgdir"));
		return (chosen ?? inHand ?? names[0] ?? [null, null])[1];
	}
	// directories: [[name, pa]]; after a stop.
	show(machine, directories) {
		this.machine = machine;
		this.directories = directories;
		const names = ["auto", ...directories.map(([name]) => name)];
		if ([...this.list.options].map((o) => o.value).join() !== names.join()) {
			this.list.replaceChildren(...names.map((n) => new Option(n === "auto" ? "the one at work" : n, n)));
			if (!names.includes(this.pick))
				this.pick = "auto";
			this.list.value = this.pick;
		}
		this.read(true);
		this.draw();
	}
	layout() {
		const width = Math.max(280, this.scroll.clientWidth - 8), big = 8, small = 4;
		let x = 0, y = 18 + BAR, row = 0;
		this.tiles.forEach((tile, i) => {
			tile.size = i ? small : Math.min(big, Math.floor(width / 32));
			const side = tile.size * 32;
			if (x + side > width) {
				x = 0;
				y += row + 24;
				row = 0;
			}
			Object.assign(tile, { x, y });
			x += side + 10;
			row = Math.max(row, side);
		});
		return { width, height: y + row + 8 };
	}
	draw() {
		const { width, height } = this.layout(), scale = window.devicePixelRatio || 1;
		const { canvas } = this, g = canvas.getContext("2d");
		if (canvas.width !== width * scale || canvas.height !== height * scale) {
			canvas.width = width * scale;
			canvas.height = height * scale;
			canvas.style.width = `${width}px`;
			canvas.style.height = `${height}px`;
		}
		g.setTransform(scale, 0, 0, scale, 0, 0);
		g.clearRect(0, 0, width, height);
		const style = getComputedStyle(document.documentElement);
		this.colours = Object.fromEntries(["absent", "kernel-ro", "kernel-rw", "user-ro", "user-rw", "cow", "big",
			"window", "ink", "edge", "mark"].map((k) => [k, style.getPropertyValue(`--${k}`).trim()]));
		this.bar(g, width);
		this.tiles.forEach((tile, i) => this.tile(g, tile, i));
	}
	// The address space as a bar, 4 MB after 4 MB: what is mapped there most. A table is at
	// least two pixels wide.
	bar(g, width) {
		const most = new Map(this.tiles.slice(1).map((t) => [t.pdx, this.most(t)])), [directory] = this.tiles;
		g.fillStyle = this.colours.absent;
		g.fillRect(0, 14, width, 12);
		for (let i = 0; directory && i < 1024; i++) {
			const own = this.kind(directory, directory.words[i]);
			const kind = own === "window" || own === "big" ? own : most.get(i) ?? "absent";
			g.fillStyle = this.colours[kind];
			if (kind !== "absent")
				g.fillRect(Math.floor(i * width / 1024), 14, Math.max(2, Math.ceil(width / 1024)), 12);
		}
		g.fillStyle = this.colours.ink;
		g.font = "11px system-ui, sans-serif";
		["0", "KERNBASE 80000000", "ffffffff"].forEach((text, i) => {
			g.textAlign = ["left", "center", "right"][i];
			g.fillText(text, i * width / 2, 10);
		});
		g.textAlign = "left";
	}
	// The kind of most of a table's pages; "absent" if it has none.
	most(tile) {
		const count = {};
		for (const entry of tile.words)
			if (entry & P) {
				const kind = this.kind(tile, entry);
				count[kind] = (count[kind] ?? 0) + 1;
			}
		return Object.keys(count).sort((a, b) => count[b] - count[a])[0] ?? "absent";
	}
	tile(g, tile, number) {
		const { x, y, size } = tile;
		g.fillStyle = this.colours.ink;
		g.font = "11px system-ui, sans-serif";
		g.fillText(tile.title, x, y - 4, size * 32 + 8);
		g.fillStyle = this.colours.absent;
		g.fillRect(x, y, size * 32, size * 32);
		for (let i = 0; i < 1024;) {            // runs of one colour in a row are one rectangle
			const kind = this.kind(tile, tile.words[i]), from = i;
			do
				i++;
			while (i & 31 && this.kind(tile, tile.words[i]) === kind);
			if (kind === "absent")
				continue;
			g.fillStyle = this.colours[kind];
			g.fillRect(x + (from & 31) * size, y + (from >> 5) * size, (i - from) * size, size);
		}
		this.grid(g, tile);
		g.fillStyle = this.colours.mark;
		g.strokeStyle = this.colours.edge;
		g.lineWidth = 1;
		for (const i of tile.changed) {
			const cx = x + (i & 31) * size, cy = y + (i >> 5) * size;
			g.fillRect(cx + size / 4, cy + size / 4, size / 2, size / 2);
			if (size > 4)
				g.strokeRect(cx + .5, cy + .5, size - 1, size - 1);
		}
		if (this.cursor.tile === number && this.cursor.shown) {
			g.lineWidth = 2;
			g.strokeRect(x + (this.cursor.cell & 31) * size - 1, y + (this.cursor.cell >> 5) * size - 1, size + 2, size + 2);
		}
	}
	grid(g, { x, y, size }) {
		if (size < 6)
			return;
		g.strokeStyle = this.colours.absent;
		g.lineWidth = .5;
		g.beginPath();
		for (let i = 0; i <= 32; i++) {
			g.moveTo(x + i * size, y), g.lineTo(x + i * size, y + 32 * size);
			g.moveTo(x, y + i * size), g.lineTo(x + 32 * size, y + i * size);
		}
		g.stroke();
	}
	kind(tile, entry) {
		if (!(entry & P))
			return "absent";
		if (tile.pdx === null && (entry & ~0xfff) >>> 0 === tile.pa)
			return "window";
		if (tile.pdx === null && entry & PS)
			return "big";
		const both = tile.pdx === null ? entry : entry & tile.pde;
		return `${both & U ? "user" : "kernel"}-${both & W ? "rw" : "ro"}`;
	}
	// ---- The hand ---------------------------------------------------------------------
	cellAt(e) {
		const box = this.canvas.getBoundingClientRect(), px = e.clientX - box.left, py = e.clientY - box.top;
		for (const [tile, t] of this.tiles.entries()) {
			const c = Math.floor((px - t.x) / t.size), r = Math.floor((py - t.y) / t.size);
			if (c >= 0 && c < 32 && r >= 0 && r < 32)
				return { tile, cell: r * 32 + c, shown: true };
		}
		return null;
	}
	describe({ tile, cell }) {
		const t = this.tiles[tile], entry = t.words[cell];
		const va = (t.pdx === null ? cell << 22 : t.pdx << 22 | cell << 12) >>> 0;
		const level = t.pdx === null ? "PDE" : "PTE";
		return { va, entry, level, index: cell, pa: t.pa + 4 * cell,
			text: `${level} 0x${cell.toString(16)} of va ${hex8(va)}: ${hex8(entry)}, ${flagsWords(entry)}` };
	}
	// The same cell as it is now: of the table that is there for its address, else of the
	// directory.
	again({ va, level }) {
		const tile = level === "PTE" ? this.tiles.findIndex((t) => t.pdx === va >>> 22) : 0;
		if (tile > 0)
			return this.describe({ tile, cell: va >>> 12 & 1023 });
		return this.tiles.length ? this.describe({ tile: 0, cell: va >>> 22 }) : null;
	}
	hover(e) {
		const at = this.cellAt(e);
		this.canvas.title = at ? this.describe(at).text : "";
	}
	click(e) {
		const at = this.cellAt(e);
		if (at)
			this.choose(at);
	}
	choose(at) {
		this.cursor = { ...at, shown: true };
		this.draw();
		const found = this.describe(at);
		this.say(found.text);
		this.chosen(found);
	}
	key(e) {
		const move = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 32, ArrowUp: -32 }[e.key];
		const tile = { PageDown: 1, PageUp: -1 }[e.key];
		if (!this.tiles.length)
			return;
		const c = this.cursor = { tile: Math.min(this.cursor.tile, this.tiles.length - 1), cell: this.cursor.cell, shown: true };
		if (move)
			c.cell = Math.max(0, Math.min(1023, c.cell + move));
		else if (tile)
			c.tile = Math.max(0, Math.min(this.tiles.length - 1, c.tile + tile));
		else if (e.key === "Enter" || e.key === " ")
			this.choose(c);
		else
			return;
		this.say(this.describe(c).text);
		this.draw();
		e.preventDefault();
		e.stopPropagation();
	}
}
