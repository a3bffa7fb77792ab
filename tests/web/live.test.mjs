// The live page in a real browser: boot, steps, back, commands, a page fault.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { browser, BUILD, hands, openLive, ROOT, serve } from "./live.mjs";

let server, chrome, live, hand;
before(async () => {
	server = await serve();
	chrome = await browser();
	live = await openLive(chrome.context, server.address);
	hand = hands(live.page);
});
after(async () => {
	await chrome.close();
	server.close();
});
const digest = () => live.page.evaluate(async () => {
	const { cpu } = window.cr3.session.machine;
	const bytes = await crypto.subtle.digest("SHA-256", cpu.mem8.slice());
	return [...new Uint8Array(bytes)].join() + [...cpu.reg32].join() + cpu.instruction_pointer[0];
});

test("the page opens in kvmalloc and asks nobody else", async () => {
	// Catches a page that needs a network, or stops before or after kvmalloc's body.
	assert.match(await hand.where(), /kvmalloc, vm\.c/);
	assert.deepEqual(live.asked.filter((u) => !u.startsWith(server.address) && !u.startsWith("blob:")), []);
	assert.equal(await live.page.evaluate(() => window.cr3.session.symbols.functions.length > 100), true);
});

test("a second build is the same, byte for byte", () => {
	// Catches a date, an order or a path of this machine in the page's files.
	const again = mkdtempSync(join(tmpdir(), "cr3-again-")), list = (f) => readdirSync(f, { recursive: true }).sort();
	try {
		execFileSync(process.env.PYTHON || "python3", ["-B", "tools/web/build.py", BUILD, join(again, "web")], { cwd: ROOT, stdio: "pipe" });
		const names = list(join(BUILD, "web"));
		assert.deepEqual(list(join(again, "web")), names);
		for (const name of names.filter((n) => /\.\w+$/.test(n)))
			assert.ok(readFileSync(join(again, "web", name)).equals(readFileSync(join(BUILD, "web", name))), name);
	} finally {
		rmSync(again, { recursive: true, force: true });
	}
});

test("step goes into the functions of a line, finish comes back", async () => {
	// Catches a jump that stays in memory, and a step that runs past a call.
	const seen = new Set();
	for (let i = 0; i < 12; i++) {
		await hand.press("step");
		seen.add((await hand.where()).match(/: (\w+),/)[1]);
	}
	assert.ok(seen.has("setupkvm"), [...seen].join());
	await hand.ask("until mappages");
	assert.match(await hand.where(), /mappages, vm\.c/);
	await hand.press("finish");
	assert.match(await hand.where(), /setupkvm, vm\.c/);
});

test("a hundred stops back and forth change nothing", async () => {
	// Catches registers, memory or flags that a saved state does not hold.
	const stops = [await digest()];
	for (let i = 0; i < 100; i++) {
		await hand.press("step");
		stops.push(await digest());
	}
	for (let i = 99; i >= 0; i--) {
		await hand.press("back");
		assert.equal(await digest(), stops[i], `stop ${i}`);
	}
	for (let i = 1; i <= 100; i++)
		await hand.press("step");
	// What the CPU marks in tables (A, D) is the same too; only device time differs.
	assert.equal(await digest(), stops[100]);
	assert.ok(new Set(stops).size > 90);
});

test("who-wrote finds the line that wrote an entry", async () => {
	// Catches a search that ends at another write, or before the write instead of at it.
	await hand.ask("until print_kmap");
	const said = await hand.ask("who-wrote 0x80100000");
	assert.match(said[0], /^mappages, vm\.c:\d+, writes it: 00000000 -> 00100101\./);
	assert.match(await live.page.locator("#code .now").textContent(), /\*pte = pa \| perm \| PTE_P;/);
	await hand.ask("until print_kmap");
});

test("pt and kmap print what GDB's commands print", async () => {
	// Catches Python files that MicroPython does not run.
	const pt = await hand.ask("pt");
	assert.match(pt[0], /^directory at pa [0-9a-f]{8}: kpgdir/);
	assert.match((await hand.ask("kmap"))[1], /^row name/);
	assert.match((await hand.ask("walk main")).join("\n"), /page at 00100000/);
});

test("the walk to a cell that was chosen is the walk at this stop", async () => {
	// Catches an entry that is described as it was when the cell was chosen.
	const { page } = await openLive(chrome.context, server.address, "#stop=mappages:9&view=pte512.0"), own = hands(page);
	const text = (words) => page.waitForFunction((w) => document.getElementById("walktext").textContent.startsWith(w), words);
	await text("PTE 0x0 of va 80000000: 00000000, not present");
	await own.press("step");
	await text("PTE 0x0 of va 80000000: 00000103, present, writable, global");
	await page.click("#who");
	await page.waitForFunction(() => /mappages, vm.c:\d+, writes it: 00000000 -> 00000103/.test(document.getElementById("log").textContent));
	await page.close();
});

test("the shell answers, and a program's first page fault stops the machine", async () => {
	// Catches a machine that boots only while it is stepped.
	await hand.untilHeard("$ ");
	await hand.pause();
	await hand.ask("break page_fault");
	await live.page.evaluate(() => window.cr3.session.machine.type("ls\n"));
	await hand.press("continue");
	assert.match(await hand.where(), /page_fault/);
	const walk = await hand.ask("walk");
	assert.match(walk[0], /CR2/);
	assert.deepEqual(live.said, []);
});

test("the tour leads through all its stops, and every command of it answers", async () => {
	// Catches a stop that is never reached, and a view that MicroPython or the expressions
	// of the page cannot make: it says so in the log.
	const tours = await openLive(chrome.context, server.address), { page } = tours;
	await page.click("#tour");
	const count = await page.evaluate(() => window.cr3.files.facts.tour.stops.length);
	for (let i = 1; i <= count; i++) {
		await page.waitForFunction((title) => document.getElementById("lessontitle").textContent.startsWith(title) &&
			!window.cr3.session.running && !document.getElementById("lessonnext").disabled, `${i} of ${count}`);
		if (i < count)
			await page.click("#lessonnext");
	}
	await page.waitForFunction(() => document.getElementById("log").textContent.includes("ptdiff"));
	const log = await page.locator("#log").textContent();
	assert.doesNotMatch(log, /Undefined command|no process|Error|No symbol|syntax error/);
	assert.match(log, /P W U A D|\[\+W\]/);
	assert.deepEqual(tours.said, []);
});
