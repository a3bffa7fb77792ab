// A grid of 1024 cells: a directory or a table of the state that is shown, to be looked at,
// clicked and walked through with the keyboard.
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
