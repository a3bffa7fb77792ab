// The tour: the stops and texts of GDB's `lesson` (tools/gdb/tour.py), in the page.
const $ = (id) => document.getElementById(id);

export class Tour {
	constructor(page, act) {
		Object.assign(this, { page, act });
		$("lessonnext").addEventListener("click", () => this.act(() => this.go()));
		$("lessonend").addEventListener("click", () => this.end());
	}
	// From the kernel's first instruction.
	async start() {
		this.number = -1;
		await this.page.restart("entry");
		await this.go();
	}
	async go() {
		const stops = this.page.files.facts.tour.stops;
		this.number += 1;
		if (this.number === stops.length) {
			$("lessontitle").textContent = "the end";
			$("lessontext").textContent = this.page.files.facts.tour.end.split("In this terminal")[0];
			$("lessonnext").hidden = true;
			return;
		}
		$("lesson").hidden = $("lessonnext").hidden = false;
		const stop = stops[this.number], [where, condition] = stop.where.split(" if ");
		$("lessonnext").disabled = true;
		try {
			const at = this.page.session.place(this.place(where));
			if (this.page.session.machine.eip !== at || condition)
				await this.page.session.runTo(this.place(where), condition);
			await this.show(stop, stops.length);
		} finally {
			$("lessonnext").disabled = false;
		}
	}
	// FILE:/TEXT/ as FILE:LINE.
	place(where) {
		const [name, text] = where.split(":/");
		if (text === undefined)
			return where;
		const lines = this.page.code.sources[name].split("\n");
		return `${name}:${lines.findIndex((l) => l.includes(text.replace(/\/$/, ""))) + 1}`;
	}
	async show(stop, count) {
		const { commands, session } = this.page;
		for (const command of stop.then ?? []) {
			if (command === "finish") {
				await session.run("finish");
				session.expressions.saved.$ = session.machine.regs[0] >>> 0;
			} else {
				await commands.run(command);
			}
		}
		$("lessontitle").textContent = `${this.number + 1} of ${count}: ${stop.title}`;
		$("lessontext").textContent = stop.text.trim().replace(/\s+/g, " ");
		for (const command of stop.show)
			await commands.run(command);
	}
	end() {
		$("lesson").hidden = true;
	}
}
