// The page: shows one state of the film, and lets the reader move and ask. What is
// shown follows from four things: the state's number, the selected address, whether
// it is only a directory entry that is meant, and in which space.
const FILM = JSON.parse(document.getElementById("film").textContent);
const KINDS = FILM.kinds;
const STATES = makeStates(FILM);
const SAME_MS = 90, READ_MS = 1100, LETTER_MS = 22;
const $ = (id) => document.getElementById(id);
const now = { number: 0, space: "", pdx: 0, ptx: null, timer: 0 };
const short = (kind) => KINDS.find((k) => k.kind === kind).short;
const words = (kind) => KINDS.find((k) => k.kind === kind).words;
const state = () => STATES[now.number];
const before = () => STATES[now.number - 1];

// A new element: el("td", {class: "x"}, "text", child, ...).
function el(tag, attributes = {}, ...children) {
	const out = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes))
		if (value !== null && value !== undefined && value !== false)
			out.setAttribute(name, value);
	out.append(...children);
	return out;
}

function size(bytes) {
	if (bytes >= 1 << 30)
		return `${+(bytes / (1 << 30)).toFixed(1)} GB`;
	return bytes >= 1 << 20 ? `${+(bytes / (1 << 20)).toFixed(1)} MB` : `${bytes >> 10} KB`;
}

// ---- Grids -----------------------------------------------------------------------
// A grid of 1024 cells, made once and then only changed. set() shows a directory
// (level "PDE") or a table ("PTE") of a space.
class Grid {
	constructor(level) {
		this.level = level;
		this.cells = [];
		this.title = el("h2");
		this.box = el("div", { class: "grid", role: "grid" });
		for (let r = 0; r < 32; r++) {
			const row = el("div", { role: "row" });
			for (let c = 0; c < 32; c++) {
				const cell = el("i", { role: "gridcell", tabindex: -1 });
				cell.index = r * 32 + c;
				this.cells.push(cell);
				row.append(cell);
			}
			this.box.append(row);
		}
		this.cells[0].tabIndex = 0;
		this.none = el("div", { class: "none" });
		this.root = el("div", {}, this.title, this.box, this.none);
		this.box.addEventListener("mousedown", (e) => e.preventDefault());
		this.box.addEventListener("click", (e) => this.choose(e.target));
		this.box.addEventListener("keydown", (e) => this.key(e));
		this.box.addEventListener("focusin", (e) => this.rove(e.target));
	}
	choose(cell) {
		if (cell.index === undefined)
			return;
		if (this.level === "PDE")
			select(this.space, cell.index, null);
		else
			select(this.space, this.pdx, cell.index);
	}
	rove(cell) {
		for (const c of this.box.querySelectorAll("[tabindex='0']"))
			c.tabIndex = -1;
		cell.tabIndex = 0;
	}
	key(e) {
		const move = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 32, ArrowUp: -32 }[e.key];
		const at = e.target.index;
		if (move !== undefined || e.key === "Home" || e.key === "End") {
			const to = e.key === "Home" ? at & ~31 : e.key === "End" ? at | 31 : at + move;
			if (this.cells[to])
				this.cells[to].focus();
		} else if (e.key === "Enter" || e.key === " ") {
			this.choose(e.target);
		} else if (e.key === "Escape") {
			e.target.blur();
		} else {
			return;
		}
		e.preventDefault();
		e.stopPropagation();
	}
	// Shows entries of a frame. pdx: of which table, for level "PTE".
	set(space, frame, pdx) {
		const fresh = changedIn(before(), state(), frame);
		this.space = space;
		this.pdx = pdx;
		this.box.hidden = false;
		this.none.hidden = true;
		this.box.style.display = "";
		this.none.style.display = "none";
		this.box.setAttribute("aria-label", this.level === "PDE" ?
			`Directory of ${space}, 1024 entries` :
			`Table ${hex(pdx)} of ${space}, 1024 entries`);
		const step = state().step, fault = step.fault && step.show === space ? step.look : null;
		for (let i = 0; i < 1024; i++)
			this.paint(i, fresh, fault);
	}
	paint(i, fresh, fault) {
		const dir = this.level === "PDE", cell = this.cells[i];
		const kind = dir ? kindOf(state(), this.space, i) : kindOf(state(), this.space, this.pdx, i);
		const va = dir ? address(i) : address(this.pdx, i);
		const mine = now.space === this.space && now.pdx === (dir ? i : this.pdx);
		let look = kind;
		if (fresh.has(i))
			look += fresh.size <= 8 ? " new few" : " new" + contour(fresh, i);
		if (dir ? i === now.pdx : false)
			look += " shown";
		if (mine && (dir ? now.ptx === null : now.ptx === i))
			look += " chosen";
		if (fault !== null && this.wrong(i, fault))
			look += " wrong";
		const label = `${this.level} ${hex(i)}, address ${hex8(va)}: ${short(kind)}` +
			(fresh.has(i) ? ", changed" : "");
		if (cell.className !== look) {
			cell.className = look;
			cell.ariaSelected = look.includes(" chosen");
		}
		if (cell.getAttribute("aria-label") !== label) {
			cell.setAttribute("aria-label", label);
			cell.title = label;
		}
	}
	// Is entry i the one at which the walk to the fault's address ends?
	wrong(i, va) {
		const last = walk(state(), this.space, va).entries.at(-1);
		return last.level === this.level && last.index === i &&
			(this.level === "PDE" || this.pdx === pdxOf(va));
	}
	empty(text) {
		this.title.replaceChildren("No table");
		this.box.style.display = "none";
		this.none.style.display = "";
		this.none.textContent = text;
	}
}

// The sides on which a changed entry has no changed neighbour, as classes.
function contour(fresh, i) {
	return (fresh.has(i - 32) ? "" : " nt") + (fresh.has(i + 32) ? "" : " nb") +
		(i % 32 && fresh.has(i - 1) ? "" : " nl") +
		(i % 32 < 31 && fresh.has(i + 1) ? "" : " nr");
}

const PANES = [0, 1].map((n) => ({ root: $("pane" + n), dir: new Grid("PDE"), table: new Grid("PTE"),
	lens: el("div", { class: "lens" }) }));

// The eight entries around the selected one, large enough to be read: for steps that
// show two spaces, whose grids are small.
function drawLens(pane, space, table) {
	const first = (now.ptx || 0) & ~7, fresh = changedIn(before(), state(), table.pa);
	const rows = [];
	for (let i = first; i < first + 8; i++) {
		const e = table.entries[i], kind = kindOf(state(), space, now.pdx, i);
		rows.push(el("tr", { class: (fresh.has(i) ? "new " : "") +
				(now.space === space && now.ptx === i ? "chosen " : "") +
				(pane.table.cells[i].classList.contains("wrong") ? "wrong" : "") },
		el("th", {}, hex(i)), el("td", { class: kind }),
		el("td", {}, e & 1 ? hex8(e & ~0xfff) : "-"), el("td", {}, e & 1 ? flagNames(e) : "")));
	}
	pane.lens.replaceChildren(el("h2", {}, "Entries ", el("small", {}, "page, flags")),
		el("table", {}, ...rows));
}

// Shows a space's directory, and its table for the selected address.
function drawPane(pane, space) {
	const s = state(), dir = directory(s, space), table = tableOf(s, space, now.pdx);
	if (!pane.root.firstChild)
		pane.root.append(pane.dir.root, pane.table.root, pane.lens);
	pane.root.setAttribute("aria-label", `Directory and table of ${space}`);
	pane.dir.title.replaceChildren(`Directory of ${space} `,
		el("small", {}, `frame ${hex8(dir.pa)}`));
	if (s.step.cr3 === dir.pa)
		pane.dir.title.lastChild.before(el("span", { class: "cr3" }, s.step.paging ? "in CR3" : "in CR3, paging off"));
	pane.dir.set(space, dir.pa);
	if (!table) {
		pane.table.empty(dir.entries[now.pdx] & 1 ?
			`Entry ${hex(now.pdx)} maps 4 MB itself: it needs no table.` :
			`Entry ${hex(now.pdx)} of the directory names no table.`);
		pane.lens.replaceChildren();
		return;
	}
	const first = address(now.pdx);
	pane.table.title.replaceChildren(`Table ${hex(now.pdx)} `,
		el("small", {}, `${hex8(first)}–${hex8(first + 0x3fffff)}, frame ${hex8(table.pa)}`));
	pane.table.set(space, table.pa, now.pdx);
	if (state().step.other)
		drawLens(pane, space, table);
}

// ---- All tables, small -----------------------------------------------------------
let colours = null;

function colourOf(kind) {
	if (!colours) {
		const style = getComputedStyle(document.documentElement);
		colours = Object.fromEntries(KINDS.map(({ kind: k }) => {
			const n = parseInt(style.getPropertyValue("--" + k).trim().slice(1), 16);
			return [k, [n >> 16, (n >> 8) & 255, n & 255, 255]];
		}));
	}
	return colours[kind];
}

function thumbnail(space, pdx) {
	const canvas = el("canvas", { width: 32, height: 32, "aria-hidden": "true" });
	const image = new ImageData(32, 32);
	for (let i = 0; i < 1024; i++)
		image.data.set(colourOf(kindOf(state(), space, pdx, i)), 4 * i);
	canvas.getContext("2d").putImageData(image, 0, 0);
	return canvas;
}

function drawThumbs(space) {
	const out = [], s = state();
	if (s.step.other === null) {
		directory(s, space).entries.forEach((e, i) => {
			const table = tableOf(s, space, i);
			if (!table)
				return;
			const fresh = changedIn(before(), s, table.pa).size > 0;
			const b = el("button", { title: `Table ${hex(i)} in frame ${hex8(table.pa)}`,
				"aria-label": `Table ${hex(i)}${fresh ? ", changed" : ""}`, tabindex: -1,
				class: (i === now.pdx ? "shown " : "") + (fresh ? "new" : "") },
			thumbnail(space, i), i.toString(16));
			b.addEventListener("mousedown", (e) => e.preventDefault());
			b.addEventListener("click", () => select(space, i, null));
			out.push(b);
		});
		if (out.length)
			out.unshift(el("h2", {}, `All tables of this directory: ${out.length} `,
				el("small", {}, "a page each, named by their entry in the directory")));
	}
	$("thumbs").replaceChildren(...out);
}

// ---- The address space -----------------------------------------------------------
function regionItem(space, r) {
	const n = Object.values(r.pages).reduce((a, b) => a + b, 0);
	const total = (r.end - r.start) / 4096;
	const va = address(now.pdx, now.ptx || 0);
	const hit = now.space === space && va >= r.start && va < r.end;
	const name = r.name || "mapped";
	const fill = el("button", { class: "fill" + (hit ? " hit" : ""), "aria-label":
		`${name}, ${hex8(r.start)} to ${hex8(r.end - 1)}, ${n} of ${total} pages present` });
	for (const [kind, count] of [["absent", total - n], ...Object.entries(r.pages)]) {
		const part = el("i", { class: kind });
		part.style.flex = count ? `${Math.max(count / total, 0.12)} 0 0` : "0 0 0";
		fill.append(part);
	}
	fill.addEventListener("click", () => select(space, pdxOf(r.start), ptxOf(r.start)));
	const item = el("li", { class: "region" }, fill, el("div", { class: "text" },
		el("b", { title: name }, name), el("span", {}, `${hex8(r.start)}  ${
			n === total ? size(n * 4096) : `${n} of ${total}`}`)));
	item.style.flex = `${4 + Math.log2(total + 1)} 1 0`;
	return item;
}

function drawBar(space) {
	const out = [];
	let above = 2 ** 32;
	const gap = (from, to) => {
		if (to > from)
			out.push(el("li", { class: "gap", "aria-label": `nothing, ${size(to - from)}` },
				el("div", { class: "fill" }), el("div", { class: "text" }, `nothing, ${size(to - from)}`)));
		if (to > from)
			out.at(-1).style.flex = "4 1 16px";
	};
	for (const r of regions(FILM, state(), space)) {
		gap(r.end, above);
		out.push(regionItem(space, r));
		above = r.start;
	}
	gap(0, above);
	$("bar").replaceChildren(el("h2", {}, "Address space ", el("small", {}, `of ${space}`)),
		el("ol", {}, ...out));
}

// ---- Code ------------------------------------------------------------------------
function coloured(text) {
	const cut = text.search(/\/\/|^\s*#/), code = cut < 0 ? text : text.slice(0, cut);
	const out = code.split(/\b(if|for|return|while|do|else|void|int|uint|char|struct|static|const|NULL)\b/)
		.map((part, i) => i % 2 ? el("span", { class: "k" }, part) : part);
	if (cut >= 0)
		out.push(el("span", { class: "c" }, text.slice(cut)));
	return out;
}

function drawCode() {
	const step = state().step, code = FILM.code[step.code];
	const lines = el("div", { class: "lines", tabindex: 0, role: "group", "aria-label": `Source of ${code.name}` });
	code.lines.forEach((text, i) => {
		const here = code.first + i === step.line;
		lines.append(el("div", { class: here ? "now" : "", "aria-current": here ? "true" : null },
			el("span", {}, code.first + i), ...coloured(text)));
	});
	$("code").replaceChildren(el("h2", {}, `${code.file}: ${code.name} `,
		el("small", {}, step.via ? `called by ${step.via}` : "")), lines);
	const line = lines.querySelector(".now");
	lines.scrollTop = line.offsetTop - lines.clientHeight / 2;
}

// ---- The walk --------------------------------------------------------------------
function bitsOf(va) {
	const bits = (n, width) => n.toString(2).padStart(width, "0");
	const part = (name, n, width) => el("span", { class: "mono" }, bits(n, width),
		el("small", {}, `${name} ${hex(n)}`));
	return el("div", { class: "bits" }, part("PDX", pdxOf(va), 10), part("PTX", ptxOf(va), 10),
		part("offset", va & 0xfff, 12));
}

function verdict(w, kind) {
	const last = w.entries.at(-1), step = state().step;
	if (w.pa === null)
		return `Page fault: the ${last.level} is not present.`;
	const text = `Leads to ${hex8(w.pa)}: ${words(kind)}.`;
	return step.fault && step.look !== null && pdxOf(step.look) === pdxOf(w.va) &&
		ptxOf(step.look) === ptxOf(w.va) && step.show === now.space ?
		text + " This write faulted: W is missing." : text;
}

function drawWalk() {
	const s = state(), whole = now.ptx === null;
	const look = s.step.look;
	const same = look !== null && pdxOf(look) === now.pdx && ptxOf(look) === now.ptx;
	const va = same ? look : address(now.pdx, now.ptx || 0);
	const w = walk(s, now.space, va);
	const kind = whole ? kindOf(s, now.space, now.pdx) : kindOf(s, now.space, now.pdx, now.ptx);
	const entries = whole ? w.entries.slice(0, 1) : w.entries;
	const rows = [el("tr", {}, el("th", {}, "CR3"), el("td", { colspan: 2 },
		`${hex8(w.cr3)}  the directory of ${now.space}` + (s.step.cr3 === w.cr3 ? "" : " (not loaded now)")))];
	for (const e of entries)
		rows.push(el("tr", {}, el("th", {}, `${e.level} ${hex(e.index)}`),
			el("td", {}, `at ${hex8(e.at)} = ${hex8(e.value)}`), el("td", {}, flagNames(e.value))));
	const last = entries.at(-1), table = tableOf(s, now.space, now.pdx);
	const text = whole && table ? `Names the table in frame ${hex8(table.pa)}: ${
		table.entries.filter((e) => e & 1).length} of its 1024 entries are present.` : verdict(w, kind);
	const line = el("p", { class: "verdict" }, text);
	line.style.setProperty("--kind", `var(--${kind})`);
	$("walk").replaceChildren(
		el("h2", {}, "The walk to ", el("span", { class: "mono" }, hex8(va)),
			el("small", {}, whole ? " and the 4 MB from there on" : "")),
		bitsOf(va), el("table", {}, ...rows), line,
		el("ul", { "aria-label": "Flags of the last entry" },
			...flagWords(last.value).map((f) => el("li", {}, f))));
	$("walk").dataset.va = hex8(va);
}

// ---- Moving ----------------------------------------------------------------------
// What a step is about: its address, or else the first entry that changed.
function focusOf(s) {
	const space = s.step.show;
	if (s.step.look !== null)
		return [space, pdxOf(s.step.look), changedIn(before(), s, directory(s, space).pa)
			.has(pdxOf(s.step.look)) && !s.step.fault ? null : ptxOf(s.step.look)];
	const dir = directory(s, space);
	for (let i = 0; i < 1024; i++) {
		const table = tableOf(s, space, i);
		if (!table || table.pa === dir.pa)
			continue;
		const [first] = changedIn(before(), s, table.pa);
		if (first !== undefined)
			return [space, i, first];
	}
	const [first] = changedIn(before(), s, dir.pa);
	const used = dir.entries.findIndex((e) => e & 1);
	const keep = now.space === space ? now.pdx : used;
	return [space, first !== undefined ? first : Math.max(keep, 0), null];
}

function select(space, pdx, ptx) {
	$("walk").setAttribute("aria-live", "polite");
	Object.assign(now, { space, pdx, ptx });
	draw();
}

function draw() {
	const s = state(), { show, other } = s.step;
	const pair = other && s.spaces.has(other) ? [show, other].sort((a, b) => (b === "story") - (a === "story")) : [show];
	$("middle").className = pair.length > 1 ? "two" : "one";
	PANES.forEach((pane, i) => pair[i] ? drawPane(pane, pair[i]) : pane.root.replaceChildren());
	drawThumbs(show);
	drawBar(now.space);
	drawWalk();
}

function go(number) {
	now.number = Math.max(0, Math.min(STATES.length - 1, number));
	$("walk").setAttribute("aria-live", "off"); // the caption speaks
	const s = state();
	[now.space, now.pdx, now.ptx] = focusOf(s);
	$("slider").value = now.number;
	$("slider").setAttribute("aria-valuetext", `step ${now.number}: ${s.step.text}`);
	$("count").textContent = `${now.number} / ${STATES.length - 1}`;
	$("caption").textContent = s.step.text;
	for (const b of $("parts").children)
		b.setAttribute("aria-current", b.textContent === s.step.part ? "true" : "false");
	draw();
	drawCode();
	try {
		history.replaceState(null, "", "#" + now.number);
	} catch {
		// A page that is not at an address of its own: nothing to note.
	}
}

function pause() {
	clearTimeout(now.timer);
	now.timer = 0;
	$("play").textContent = "▶ Play";
	$("play").setAttribute("aria-label", "Play");
	$("caption").setAttribute("aria-live", "polite");
}

function play() {
	if (now.number === STATES.length - 1)
		go(0);
	$("play").textContent = "❙❙ Pause";
	$("play").setAttribute("aria-label", "Pause");
	$("caption").setAttribute("aria-live", "off");
	const tick = () => {
		if (now.number === STATES.length - 1)
			return pause();
		go(now.number + 1);
		const s = state().step;
		now.timer = setTimeout(tick, s.same ? SAME_MS : READ_MS + LETTER_MS * s.text.length);
	};
	now.timer = setTimeout(tick, 250);
}

const toggle = () => now.timer ? pause() : play();
const PARTS = STATES.filter((s, i) => !i || s.step.part !== STATES[i - 1].step.part)
	.map((s) => ({ name: s.step.part, number: s.number }));

function chapter(way) {
	const at = PARTS.filter((p) => p.number <= now.number).length - 1;
	go(PARTS[Math.max(0, Math.min(PARTS.length - 1, at + way))].number);
}

const KEYS = {
	ArrowRight: () => go(now.number + 1), ArrowLeft: () => go(now.number - 1),
	ArrowDown: () => chapter(1), ArrowUp: () => chapter(-1),
	PageDown: () => go(now.number + 10), PageUp: () => go(now.number - 10),
	Home: () => go(0), End: () => go(STATES.length - 1), " ": toggle,
};

function keyed(e) {
	const theirs = e.target.closest("button") ? " " : e.target.closest("#slider") ?
		"ArrowUp ArrowDown" : e.target.closest(".lines") ? "ArrowUp ArrowDown PageUp PageDown" : "";
	if (!KEYS[e.key] || theirs === e.key || theirs.split(" ").includes(e.key) || e.altKey || e.ctrlKey || e.metaKey)
		return;
	e.preventDefault();
	if (e.key !== " ")
		pause();
	KEYS[e.key]();
}

function start() {
	$("slider").max = STATES.length - 1;
	$("slider").addEventListener("input", () => { pause(); go(+$("slider").value); });
	const act = { first: "Home", prev: "ArrowLeft", next: "ArrowRight", last: "End" };
	for (const [id, key] of Object.entries(act))
		$(id).addEventListener("click", () => { pause(); KEYS[key](); });
	$("play").addEventListener("click", toggle);
	document.addEventListener("keydown", keyed);
	for (const p of PARTS) {
		const b = el("button", {}, p.name);
		b.addEventListener("click", () => { pause(); go(p.number); });
		$("parts").append(b);
	}
	for (const { kind, short: text } of KINDS)
		$("legend").append(el("li", {}, el("i", { class: kind }), text));
	$("legend").append(el("li", {}, el("i", { class: "m" }), "changed in this step"));
	matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
		colours = null;
		draw();
	});
	addEventListener("hashchange", () => go(+location.hash.slice(1) || 0));
	go(+location.hash.slice(1) || 0);
}

start();
