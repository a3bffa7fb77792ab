// The live page tells the truth: at each line of kvmalloc its tables are those that GDB and
// QEMU find at that line, its views have GDB's text, and its walks end where QEMU's do.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { browser, openLive, serve } from "./live.mjs";
import { truth } from "./truth.mjs";

const TLB = "monitor info tlb";
const VIEWS = ["pt", "kmap", "walk main", "walk 0x80100000", "walk -p 0x80100000", "walk 0xfee00020"];
let server, chrome, live, tlb;
before(async () => {
	server = await serve();
	chrome = await browser();
	live = await openLive(chrome.context, server.address);
	await live.page.evaluate(recorder);
});
after(async () => {
	await chrome.close();
	server.close();
});

// In the page: window.record(commands) notes where the machine stands and what the page
// shows there; window.recorded is the list.
function recorder() {
	const { cr3 } = window, hex = (bytes) => [...new Uint8Array(bytes)].map((b) => b.toString(16).padStart(2, "0")).join("");
	window.recorded = [];
	window.record = async (commands = []) => {
		const { machine } = cr3.session, { tables } = cr3, pages = [];
		// The kernel's directory in the list of the page is not one of GDB's.
		const directories = tables.directories.filter(([name]) => name !== "kpgdir");
		for (const [name] of directories) {
			tables.pick = name;
			tables.read();
			pages.push(...tables.tiles.map((t) => t.words.map((e) => e & ~0x60)));   // without A and D: see truth.py
		}
		tables.pick = "auto";
		tables.read();
		const digest = hex(await crypto.subtle.digest("SHA-256", await new Blob(pages).arrayBuffer()));
		const answers = {};
		for (const c of commands)
			answers[c] = (await cr3.commands.run(c)).join("\n");
		window.recorded.push({ at: machine.eip, where: document.getElementById("where").textContent, directories, digest, answers });
	};
	window.line = (file, text) => `${file}:${cr3.code.sources[file].split("\n").findIndex((l) => l.includes(text)) + 1}`;
}

// In the page: all of kvmalloc. The first 300 lines one by one; then every table that is
// made, with the lines around it; then the lines after the last one.
async function throughKvmalloc(views) {
	const { session } = window.cr3, here = () => session.symbols.functionAt(session.machine.eip)?.name;
	const step = async (commands) => {
		await session.run("step");
		await window.record(commands);
	};
	await window.record(views);
	for (let i = 0; i < 300; i++)
		await step(i % 50 === 20 ? ["ptdiff"] : []);
	const made = session.place(window.line("vm.c", "table = alloc ? kalloc_zero()")), end = session.place("switchkvm");
	for (;;) {
		await session.run("go", new Set([made, end]));
		await window.record();
		if (session.machine.eip === end)
			break;
		for (let i = 0; i < 9; i++)
			await step();
	}
	while (here() !== "main")
		await step();
	await window.record(views);
}

test("at every line of kvmalloc the tables are those of GDB and QEMU", async () => {
	// Catches a grid that is old or cut off, a step that stops elsewhere, and a view of the
	// page that has another text than GDB's.
	await live.page.evaluate(throughKvmalloc, VIEWS);
	const seen = await live.page.evaluate(() => window.recorded);
	assert.ok(seen.length > 450, `${seen.length} places`);
	const asked = seen.map(({ at, answers }) => [at, Object.keys(answers)]);
	asked.at(-1)[1].push(TLB);
	const found = truth(asked);
	tlb = found.at(-1).answers[TLB];
	let different = 0;
	seen.forEach((page, i) => {
		const gdb = found[i];
		assert.equal(page.at, gdb.at, `place ${i}`);
		assert.deepEqual(page.directories, gdb.directories, page.where);
		assert.equal(page.digest, gdb.digest, page.where);
		different += i && page.digest !== seen[i - 1].digest;
		for (const [command, text] of Object.entries(page.answers))
			assert.equal(text.trim(), gdb.answers[command].trim(), `${page.where}: ${command}`);
	});
	assert.ok(different > 40, `the tables changed ${different} times`);
});

// In the page: on the way to `end`, at each pass of the line that writes an entry, where the
// entry is, and what the pass before wrote into its own. Resolves to [passes, line, end].
async function everyEntry() {
	const { session } = window.cr3, at = session.place("mappages:9"), end = session.place("switchkvm"), passes = [];
	for (;;) {
		await session.stepper.command("go", new Set([at, end]));
		if (session.machine.eip === end)
			return [passes, at, end];
		passes.push([session.expressions.number("pte"), passes.length ? session.machine.word(passes.at(-1)[0]) : 0]);
	}
}

test("every entry that mappages writes is the one that GDB sees written", async () => {
	// Catches a stop that is missed or comes twice, in any of the pages of kmap's rows.
	const { page } = await openLive(chrome.context, server.address, "#stop=setupkvm");
	const [passes, line, end] = await page.evaluate(everyEntry);
	const [gdb] = truth([[end, [], line]]);
	assert.ok(passes.length > 16000, `${passes.length} passes`);
	assert.deepEqual(passes, gdb.passes);
	await page.close();
});

test("every address of kpgdir leads where QEMU's info tlb says, and no other is mapped", async () => {
	// Catches a walk that takes another table, misses a page, or maps one that is absent.
	const wanted = [...tlb.matchAll(/^([0-9a-f]+): ([0-9a-f]+) /gm)].map((m) => [parseInt(m[1], 16) >>> 0, parseInt(m[2], 16)]);
	assert.ok(wanted.length > 16000, `${wanted.length} pages`);
	const found = await live.page.evaluate(() => {
		const { machine } = window.cr3.session, out = [];
		for (let page = 0; page < 1 << 20; page++) {
			const pa = machine.translate(page << 12 >>> 0);
			if (pa !== null)
				out.push([page << 12 >>> 0, pa]);
		}
		return out;
	});
	assert.deepEqual(found, wanted);
});

test("at a program's first page fault the views have GDB's text too", async () => {
	// Catches structs that the page reads at another place than GDB, and a CR2 that is old.
	const views = ["ps", "areas 1", "pt", "walk", "kmap", "frame 0x1000", "frame 0x100000"];
	await live.page.evaluate(async (commands) => {
		window.recorded = [];
		await window.cr3.session.runTo("page_fault");
		await window.record(commands);
		await window.cr3.session.run("finish");
	}, views);
	const [page] = await live.page.evaluate(() => window.recorded);
	const [gdb] = truth([[page.at, views]]);
	assert.deepEqual(page.directories, gdb.directories);
	assert.equal(page.digest, gdb.digest);
	for (const command of views)
		assert.equal(unmarked(page.answers[command]), unmarked(gdb.answers[command]), command);
});

// A view's text without A and D.
const unmarked = (text) => text.trim().replace(/ [AD](:\w+)?(?=[ \]\n]|$)/g, "").replace(/ +/g, " ");
