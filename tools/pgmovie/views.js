// What is shown of a state beside the grids: the panes they stand in, all tables in small,
// the address space, the code and the walk. Each draw function shows one from anew.
const PANES = [0, 1].map((n) => ({ root: $("pane" + n), dir: new Grid("PDE"), table: new Grid("PTE"),
	lens: el("div", { class: "lens" }) }));

// The eight entries around the selected one, large enough to be read and touched: for
// steps that show two spaces, and for small windows, where cells are small.
function drawLens(pane, space, table) {
	const first = (now.ptx || 0) & ~7, fresh = changedIn(before(), state(), table.pa);
	const rows = [];
	for (let i = first; i < first + 8; i++) {
		const e = table.entries[i], kind = kindOf(state(), space, now.pdx, i);
		const row = el("tr", { class: (fresh.has(i) ? "new " : "") +
				(now.space === space && now.ptx === i ? "chosen " : "") +
				(pane.table.cells[i].classList.contains("wrong") ? "wrong" : "") },
		el("th", { scope: "row" }, hex(i)), el("td", { class: kind, title: short(kind) }),
		el("td", {}, e & 1 ? hex8(e & ~0xfff) : "-"), el("td", {}, e & 1 ? flagNames(e) : ""));
		row.addEventListener("click", () => select(space, now.pdx, i));
		rows.push(row);
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
		pane.dir.title.lastChild.append(" ", el("span", { class: "cr3" }, s.step.paging ? "in CR3" : "in CR3, paging off"));
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
		el("small", {}, `frame ${hex8(table.pa)}`, el("span", {}, `, from ${hex8(first)} on`)));
	pane.table.set(space, table.pa, now.pdx);
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
			n === total ? size(n * 4096) : `${n}/${total}`}`)));
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
	refill($("bar"), el("h2", {}, "Address space ", el("small", {}, `of ${space}`)),
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
			el("span", {}, code.first + i), el("code", {}, ...coloured(text))));
	});
	refill($("code"), el("h2", {}, `${code.file}: ${code.name} `,
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
