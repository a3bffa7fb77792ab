// The page: loads the files, makes the session, and wires buttons, keys, panes and links.
import { Code } from "./code.js";
import { Commands } from "./commands.js";
import { fetchFiles, readDropped } from "./files.js";
import { Dead } from "./machine.js";
import { showMachine } from "./machineview.js";
import { arrangePanes } from "./panes.js";
import { Python } from "./python.js";
import { hex8, Session } from "./session.js";
import { callStack } from "./expression.js";
import { Tables } from "./tables.js";
import { Tour } from "./tour.js";
import { Console } from "./console.js";

const $ = (id) => document.getElementById(id);
const say = (text) => { $("say").textContent = text; };
const place = () => new URLSearchParams(location.hash.slice(1));
const page = { session: null, python: null, walked: null };
window.cr3 = page;      // for the tests, and for the curious

async function main() {
	theme(localStorage.getItem("theme") ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light"));
	if (place().has("small"))
		document.documentElement.dataset.small = "";
	arrangePanes($("panes"));
	const progress = (part, text) => {
		$("progress").value = part;
		$("loadtext").textContent = text;
	};
	page.files = await fetchFiles(progress);
	page.console = new Console($("terminal"), (text) => page.session?.machine?.type(text));
	page.code = new Code({ box: $("code"), list: $("file"), chosen: (file, line) => act(() => page.session.runTo(`${file}:${line}`)) });
	page.tables = new Tables({ canvas: $("grids"), list: $("directory"), scroll: $("tablescroll"), say, chosen: showWalk });
	page.commands = new Commands(page, $("log"), act);
	page.tour = new Tour(page, act);
	wire();
	await begin(place().get("stop") ?? "kvmalloc");
	legend();
	loadPython();
}

// A new session from page.files: boots, and runs to the first stop.
async function begin(stop) {
	const memory = Number(place().get("mem")) || 32;
	$("loading").hidden = false;
	page.python = null;
	page.session = new Session(page.files, page.files.facts, Math.min(Math.max(memory, 32), 1024));
	page.code.open(page.session, page.files.facts.sources);
	$("functions").replaceChildren(...page.session.symbols.functions.map((f) => new Option(f.name)));
	await restart(stop);
}

async function restart(stop) {
	const { session } = page, kept = session.stepper?.breakpoints;
	if (session.running) {
		session.pause();
		await new Promise((done) => setTimeout(done, 50));
	}
	session.changed = () => {};
	page.walked = null;
	$("walk").hidden = true;
	page.console.clear();
	session.listener = (byte) => page.console.byte(byte);
	await session.boot((text) => { $("progress").value = 90; $("loadtext").textContent = text; });
	kept?.forEach((text, at) => session.stepper.breakpoints.set(at, text));
	session.changed = refresh;
	$("loading").hidden = true;
	page.python = null;
	if (stop && stop !== "entry")
		await act(() => session.runTo(stop));
	else
		refresh("stopped");
	const view = place().get("view");
	if (view)
		showView(view);
}

// MicroPython, once for each machine. It is loaded after the first stop has been drawn.
async function loadPython() {
	const { session } = page;
	if (page.python && page.python.machine === session.machine)
		return page.python;
	page.loading ??= Python.load("vendor/micropython.wasm", page.files.python, page.files.facts, session);
	try {
		page.python = await page.loading;
		page.python.machine = session.machine;
		page.python.stopped();
	} finally {
		page.loading = null;
	}
	return page.python;
}
page.loadPython = loadPython;

// Says where and why the machine has died.
async function explain() {
	const { session } = page, m = session.machine;
	const gone = [["its next instruction", m.eip], ["its stack", m.regs[4] - 4 >>> 0], ["the interrupt table", m.idt + 14 * 8]]
		.find(([, va]) => m.translate(va) === null);
	const lines = [new Dead().message, `It stands at ${placeText(m.eip)}.`];
	if (gone)
		lines.push(`The page of ${gone[0]}, ${hex8(gone[1])}, is not mapped:`,
			...(await loadPython()).command("walk", `0x${hex8(gone[1])}`));
	page.commands.print([...lines, "back (b) goes to the stop before; restart (r) boots again."]);
}

// An address of code in words: "mappages, vm.c:84".
function placeText(pc) {
	const { symbols } = page.session, row = symbols.lineAt(pc), f = symbols.functionAt(pc);
	return row ? `${f ? f.name : symbols.label(pc)}, ${row.file}:${row.line}` : `${symbols.label(pc)} at ${hex8(pc)}`;
}

// Runs what a button or a command asks for; an error is said, not thrown.
async function act(what) {
	try {
		return await what();
	} catch (e) {
		say(e.message);
		if (!page.session?.dead) {      // of a death, explain() tells more
			page.commands.print([e.message]);
			console.warn(e.stack);
		}
		return null;
	}
}

// Draws everything anew. why: "running", "stopped", "back" or "dead".
function refresh(why) {
	const { session } = page, running = why === "running";
	for (const id of ["step", "next", "finish", "continue"])
		$(id).disabled = running || session.dead;
	$("pause").disabled = !running;
	$("restart").disabled = running;
	$("back").disabled = running || !session.dead && session.history.depth < 1;
	if (running) {
		$("where").textContent = "running";
		return;
	}
	const m = session.machine, row = session.symbols.lineAt(m.eip), user = m.cs & 3;
	$("where").textContent = session.dead ? `dead, a triple fault: ${placeText(m.eip)}` :
		`stop ${session.stops}: ${user ? `in a program, at ${hex8(m.eip)}` : placeText(m.eip)}`;
	page.code.show(user ? null : row);
	page.tables.show(m, directories());
	showMachine(session);
	if (page.walked)
		showWalk(page.walked);
	if (session.dead)
		explain();
	if (page.python?.machine === m)
		page.commands.print(page.python.stopped());
	document.documentElement.dataset.stops = session.stops;
}

// The directories at work: CR3's, and those that functions have as `pgdir`.
function directories() {
	const { session } = page, m = session.machine, out = [];
	if (m.control(0) & 0x80000000)
		out.push(["CR3", (m.control(3) & ~0xfff) >>> 0]);
	for (const frame of callStack(session.expressions).slice(0, 8)) {
		session.expressions.frame = frame;
		try {
			if (session.symbols.variablesAt(frame.f, frame.pc).some((v) => v.name === "pgdir")) {
				const va = session.expressions.number("pgdir");
				if (!(va & 0xfff) && va > 0x80000000 && va < 0xfd000000 && !out.some(([, pa]) => pa === va - 0x80000000))
					out.push([`${frame.f.name}'s pgdir`, va - 0x80000000]);
			}
		} catch {
			// The variable has no value here.
		} finally {
			session.expressions.frame = null;
		}
	}
	const kpgdir = session.symbols.globals.get("kpgdir"), value = kpgdir && m.physicalWord(kpgdir.address - 0x80000000);
	if (value && !out.some(([, pa]) => pa === value - 0x80000000))
		out.push(["kpgdir", value - 0x80000000]);
	return out;
}

// The walk to a clicked cell, in the words of the command `walk`.
async function showWalk(found) {
	page.walked = found;
	$("walk").hidden = false;
	const name = page.tables.tiles[0] && page.tables.tiles[0].pa, now = page.tables.again(found);
	const python = await loadPython();
	if (python && now)
		$("walktext").textContent = [now.text, ...python.command("walk", `0x${hex8(found.va)} 0x${hex8(name)}`)].join("\n");
}

// A view of a link: pde512, or pte512.3, or a command such as "pt".
function showView(view) {
	const cell = view.match(/^pde(\d+)$/), pte = view.match(/^pte(\d+)\.(\d+)$/);
	const tile = pte ? page.tables.tiles.findIndex((t) => t.pdx === Number(pte[1])) : 0;
	if (cell || pte && tile > 0)
		page.tables.choose({ tile, cell: Number(cell ? cell[1] : pte[2]) });
	else
		page.commands.run(view.replace(/\+/g, " "));
}

function legend() {
	$("legend").replaceChildren(...page.files.facts.kinds.slice(1).map(({ kind, short }) => {
		const item = document.createElement("span"), box = document.createElement("i");
		box.style.background = `var(--${kind})`;
		item.append(box, short);
		return item;
	}));
}

function theme(name) {
	document.documentElement.dataset.theme = name;
	localStorage.setItem("theme", name);
	if (page.session?.machine && page.tables)
		page.tables.draw();
}

const KEYS = { s: "step", n: "next", f: "finish", c: "continue", b: "back", r: "restart", Escape: "pause" };
function wire() {
	const run = (name) => () => act(() => page.session.run(name));
	const actions = { step: run("step"), next: run("next"), finish: run("finish"), continue: run("go"),
		pause: () => page.session.pause(), back: () => act(() => page.session.back()),
		restart: () => act(() => restart(place().get("stop") ?? "kvmalloc")) };
	page.actions = actions;
	for (const [id, action] of Object.entries(actions))
		$(id).addEventListener("click", action);
	document.addEventListener("keydown", (e) => {
		if (e.target.closest("input, select, #terminal") || e.ctrlKey || e.metaKey || e.altKey || !(e.key in KEYS))
			return;
		if (!$(KEYS[e.key]).disabled)
			$(KEYS[e.key]).click();
	});
	$("breakform").addEventListener("submit", (e) => {
		e.preventDefault();
		page.commands.run(`break ${$("breakat").value}`);
		$("breakat").value = "";
	});
	$("theme").addEventListener("click", () => theme(document.documentElement.dataset.theme === "dark" ? "light" : "dark"));
	$("tour").addEventListener("click", () => page.tour.start());
	$("who").addEventListener("click", () => act(async () => page.commands.print([await page.session.whoWrote(page.tables.again(page.walked).pa)])));
	window.addEventListener("hashchange", () => act(() => restart(place().get("stop") ?? "kvmalloc")));
	new ResizeObserver(() => page.session?.machine && page.tables.directories && page.tables.draw()).observe($("tablescroll"));
	document.addEventListener("dragover", (e) => e.preventDefault());
	document.addEventListener("drop", (e) => {
		e.preventDefault();
		act(async () => {
			page.files = await readDropped([...e.dataTransfer.files], page.files);
			await begin(place().get("stop") ?? "kvmalloc");
		});
	});
	page.restart = restart;
}

main().catch((e) => {
	$("loadtext").textContent = `The page cannot start: ${e.message}`;
	throw e;
});
