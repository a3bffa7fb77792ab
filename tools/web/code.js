// The code pane: a source file with the line at which the machine stands.
export class Code {
	// chosen(file, line): a line was clicked, or Enter was pressed on it.
	constructor({ box, list, chosen }) {
		Object.assign(this, { box, list, chosen });
		list.addEventListener("change", () => this.file(list.value));
		box.addEventListener("click", (e) => this.pick(e.target.closest("[data-line]")));
		box.addEventListener("keydown", (e) => this.key(e));
	}
	open(session, sources) {
		this.session = session;
		this.sources = sources;
		this.shown = null;
		this.list.replaceChildren(...Object.keys(sources).map((name) => new Option(name)));
	}
	// row: {file, line} of the line table, or null.
	show(row) {
		this.now = row;
		if (row && row.file in this.sources)
			this.file(row.file);
		this.paint();
	}
	file(name) {
		if (this.shown !== name) {
			this.shown = name;
			this.list.value = name;
			this.box.replaceChildren(...this.sources[name].replace(/\n$/, "").split("\n").map((text, i) => this.line(name, text, i + 1)));
		}
		this.paint();
	}
	line(name, text, number) {
		const row = document.createElement("div"), label = document.createElement("span"), code = document.createElement("span");
		row.dataset.line = number;
		row.setAttribute("role", "option");
		row.className = this.session.symbols.byLine.has(`${name}:${number}`) ? "has" : "";
		label.className = "n";
		label.textContent = number;
		code.textContent = text || " ";
		row.append(label, code);
		return row;
	}
	paint() {
		for (const old of this.box.querySelectorAll(".now, .stop")) {
			old.classList.remove("now", "stop");
			old.removeAttribute("aria-selected");
		}
		for (const at of this.session.stepper?.breakpoints.keys() ?? []) {
			const row = this.session.symbols.rowAt(at);
			if (row && row.file === this.shown)
				this.row(row.line)?.classList.add("stop");
		}
		if (this.now && this.now.file === this.shown) {
			const row = this.row(this.now.line);
			row?.classList.add("now");
			row?.setAttribute("aria-selected", "true");
			const top = row ? row.offsetTop - this.box.offsetTop : 0;
			if (row && (top < this.box.scrollTop + 20 || top > this.box.scrollTop + this.box.clientHeight - 60))
				this.box.scrollTop = Math.max(0, top - this.box.clientHeight / 3);
		}
	}
	row(line) {
		return this.box.children[line - 1];
	}
	pick(row) {
		if (row && row.classList.contains("has"))
			this.chosen(this.shown, Number(row.dataset.line));
	}
	key(e) {
		const move = { ArrowDown: 1, ArrowUp: -1 }[e.key];
		const old = this.box.querySelector(".cursor") ?? this.box.querySelector(".now");
		if (move) {
			const next = old ? move > 0 ? old.nextSibling : old.previousSibling : this.box.firstChild;
			old?.classList.remove("cursor");
			next?.classList.add("cursor");
			next?.scrollIntoView({ block: "nearest" });
		} else if (e.key === "Enter") {
			this.pick(old);
		} else {
			return;
		}
		e.preventDefault();
	}
}
