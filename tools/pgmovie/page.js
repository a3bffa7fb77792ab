// Moving through the film: with the slider, buttons, keys or the address, or by playing.
const READ_MS = 1100, LETTER_MS = 22;
const ROOM = 1000; // of a chapter on the slider, however many steps it has
const DARK = matchMedia("(prefers-color-scheme: dark)");

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
	$("slider").value = position(now.number);
	$("slider").setAttribute("aria-valuetext", `step ${now.number}: ${s.step.text}`);
	$("count").textContent = `${now.number} / ${STATES.length - 1}`;
	$("caption").textContent = s.step.text;
	for (const b of $("parts").children)
		b.setAttribute("aria-current", b.textContent === s.step.part ? "true" : "false");
	const here = $("parts").querySelector("[aria-current=true]");
	$("parts").scrollLeft = here.offsetLeft - $("parts").offsetLeft - 60;
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
}

function play() {
	if (now.number === STATES.length - 1)
		go(0);
	$("play").textContent = "❙❙ Pause";
	$("play").setAttribute("aria-label", "Pause");
	const tick = () => {
		if (now.number === STATES.length - 1)
			return pause();
		go(now.number + 1);
		now.timer = setTimeout(tick, READ_MS + LETTER_MS * state().step.text.length);
	};
	now.timer = setTimeout(tick, 250);
}

const toggle = () => now.timer ? pause() : play();
const PARTS = STATES.filter((s, i) => !i || s.step.part !== STATES[i - 1].step.part)
	.map((s) => ({ name: s.step.part, number: s.number }));
const partOf = (number) => PARTS.filter((p) => p.number <= number).length - 1;
const stepsOf = (part) => (PARTS[part + 1]?.number ?? STATES.length) - PARTS[part].number;

function chapter(way) {
	go(PARTS[Math.max(0, Math.min(PARTS.length - 1, partOf(now.number) + way))].number);
}

// Where a step stands on the slider, and which step stands at a place of the slider.
function position(number) {
	const part = partOf(number);
	return ROOM * part + Math.ceil(ROOM * (number - PARTS[part].number) / stepsOf(part));
}

function stepAt(place) {
	const part = Math.min(Math.floor(place / ROOM), PARTS.length - 1);
	return PARTS[part].number + Math.floor((place - ROOM * part) * stepsOf(part) / ROOM);
}

const KEYS = {
	ArrowRight: () => go(now.number + 1), ArrowLeft: () => go(now.number - 1),
	ArrowDown: () => chapter(1), ArrowUp: () => chapter(-1),
	PageDown: () => go(now.number + 1), PageUp: () => go(now.number - 1), // a presenter's
	Home: () => go(0), End: () => go(STATES.length - 1), " ": toggle, t: otherTheme,
};

function keyed(e) {
	const theirs = e.target.closest("button") ? " " :
		e.target.closest(".lines, #walk") ? "ArrowUp ArrowDown" : "";
	if (!KEYS[e.key] || theirs === e.key || theirs.split(" ").includes(e.key) || e.altKey || e.ctrlKey || e.metaKey)
		return;
	e.preventDefault();
	if (e.key !== " " && e.key !== "t")
		pause();
	KEYS[e.key]();
}

// Light or dark: as the system has it, until the button says otherwise.
const THEMES = { auto: "as the system", light: "light", dark: "dark" };

function theme(choice) {
	const root = document.documentElement;
	root.dataset.choice = choice;
	root.dataset.theme = choice === "auto" ? DARK.matches ? "dark" : "light" : choice;
	$("theme").setAttribute("aria-label", `Colours: ${THEMES[choice]}`);
	$("theme").title = `Colours: ${THEMES[choice]} (T)`;
	colours = null;
}

function otherTheme() {
	const all = Object.keys(THEMES), at = all.indexOf(document.documentElement.dataset.choice);
	theme(all[(at + 1) % all.length]);
	draw();
}

function start() {
	$("slider").max = position(STATES.length - 1);
	$("slider").addEventListener("input", () => { pause(); go(stepAt(+$("slider").value)); });
	const act = { first: "Home", prev: "ArrowLeft", next: "ArrowRight", last: "End",
		back: "ArrowUp", skip: "ArrowDown" };
	for (const [id, key] of Object.entries(act))
		$(id).addEventListener("click", () => { pause(); KEYS[key](); });
	$("play").addEventListener("click", toggle);
	document.addEventListener("keydown", keyed);
	for (const p of PARTS) {
		const b = el("button", { title: `Chapter ${p.name} (↓ ↑ go from chapter to chapter)` }, p.name);
		b.addEventListener("click", () => { pause(); go(p.number); });
		$("parts").append(b);
	}
	for (const { kind, short: text, words: long } of KINDS)
		$("legend").append(el("li", { title: long }, el("i", { class: kind }), text));
	$("legend").append(el("li", {}, el("i", { class: "m" }), "changed in this step"));
	$("legend").append(el("li", {}, el("i", { class: "f" }), "the fault"));
	$("theme").addEventListener("click", otherTheme);
	theme("auto");
	DARK.addEventListener("change", () => {
		theme(document.documentElement.dataset.choice);
		draw();
	});
	addEventListener("hashchange", () => go(+location.hash.slice(1) || 0));
	go(+location.hash.slice(1) || 0);
}

start();
