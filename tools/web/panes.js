// The four panes: two splitters change their sizes, by mouse, finger or arrow keys, and a
// button for each pane hides it.
export function arrangePanes(main) {
	const sizes = { col: 50, row: 62 };
	const set = (name, value) => {
		sizes[name] = Math.min(85, Math.max(15, value));
		apply();
	};
	const shown = (name) => !document.getElementById(`pane-${name}`).hidden;
	// A hidden pane gives its room to the others.
	function apply() {
		const left = shown("code") || shown("terminal"), right = shown("tables") || shown("machine");
		const top = shown("code") || shown("tables"), bottom = shown("terminal") || shown("machine");
		main.style.setProperty("--col", !left ? "0px" : !right ? "100%" : `${sizes.col}%`);
		main.style.setProperty("--row", !top ? "0px" : !bottom ? "100%" : `${sizes.row}%`);
		for (const [id, name] of [["split-column", "col"], ["split-row", "row"]])
			document.getElementById(id).setAttribute("aria-valuenow", Math.round(sizes[name]));
		for (const [pane, beside] of [["code", "tables"], ["tables", "code"], ["terminal", "machine"], ["machine", "terminal"]])
			document.getElementById(`pane-${pane}`).style.gridColumn = left && right && !shown(beside) ? "1 / -1" : "";
	}
	for (const [id, name, axis] of [["split-column", "col", "x"], ["split-row", "row", "y"]]) {
		const split = document.getElementById(id);
		split.addEventListener("pointerdown", (e) => split.setPointerCapture(e.pointerId));
		split.addEventListener("pointermove", (e) => {
			if (!split.hasPointerCapture(e.pointerId))
				return;
			const box = main.getBoundingClientRect();
			set(name, axis === "x" ? (e.clientX - box.left) / box.width * 100 : (e.clientY - box.top) / box.height * 100);
		});
		split.addEventListener("keydown", (e) => {
			const step = { ArrowLeft: -3, ArrowUp: -3, ArrowRight: 3, ArrowDown: 3 }[e.key];
			if (step) {
				set(name, sizes[name] + step);
				e.preventDefault();
			}
		});
	}
	for (const button of document.querySelectorAll(".pane-button"))
		button.addEventListener("click", () => {
			const pane = document.getElementById(`pane-${button.dataset.pane}`);
			pane.hidden = !pane.hidden;
			button.setAttribute("aria-pressed", String(!pane.hidden));
			apply();
		});
	apply();
}
