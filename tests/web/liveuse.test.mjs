// The live page as readers use it: from a link, by keyboard, with a screen reader, on a phone,
// with a kernel of their own that is broken, and for a long time.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, test } from "node:test";
import { browser, drop, hands, links, openLive, ROOT, serve } from "./live.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const MINUTES = Number(process.env.LIVE_MINUTES ?? 0.5);        // how long the page is used
const GROWTH = 30, MOST = 800;          // MB: more than after half of the time, and at all
let server, chrome;
before(async () => {
	server = await serve();
	chrome = await browser();
});
after(async () => {
	await chrome.close();
	server.close();
});

test("every link of a document or a handout opens at its place", async () => {
	// Catches a link whose line has moved, and a view that cannot be made there.
	const wanted = { "walkpgdir:6": "*pde = V2P(table)", "mappages:9": "*pte = pa | perm", "pgdir_new:6": "pgdir[PDX(PTWINDOW)] =" };
	const found = links();
	assert.ok(found.length > 8, found.join());
	for (const hash of found) {
		const { page, said } = await openLive(chrome.context, server.address, hash);
		const place = new URLSearchParams(hash.slice(1)), stop = place.get("stop"), view = place.get("view");
		assert.ok((await hands(page).where()).includes(stop.split(":")[0]), hash);
		if (stop.includes(":"))
			assert.ok((await page.locator("#code .now").textContent()).includes(wanted[stop]), hash);
		await page.waitForFunction((cell) => document.getElementById(cell ? "walktext" : "log").textContent.trim().includes("\n"), /^p[dt]e/.test(view));
		const log = await page.locator("#log").textContent();
		assert.doesNotMatch(log, /Undefined|Error|No symbol|syntax/, hash);
		assert.deepEqual(said, [], hash);
		await page.close();
	}
});

test("the page is used by keyboard alone", async () => {
	// Catches a button, a line or a cell that only a mouse reaches, and a trap for the focus.
	const { page } = await openLive(chrome.context, server.address), key = (k) => page.keyboard.press(k);
	const stops = () => page.evaluate(() => window.cr3.session.running ? -1 : window.cr3.session.stops);
	const after = async (n) => page.waitForFunction((m) => !window.cr3.session.running && window.cr3.session.stops > m, n);
	await key("s");
	await after(2);
	await key("n");
	await after(3);
	await key("b");
	await page.waitForFunction(() => window.cr3.session.stops === 3);
	const seen = new Set();
	for (let i = 0; i < 60; i++) {
		await key("Tab");
		seen.add(await page.evaluate(() => document.activeElement.id || document.activeElement.dataset.pane || document.activeElement.tagName));
	}
	for (const id of ["step", "breakat", "tables", "tour", "code", "split-column", "grids", "command", "log"])
		assert.ok(seen.has(id), `Tab does not reach ${id}: ${[...seen].join()}`);
	await page.focus("#code");
	await key("ArrowDown");
	await key("Enter");
	await after(3);
	await page.focus("#grids");
	for (const k of ["PageDown", "PageUp", "ArrowDown", "ArrowRight", "Enter"])
		await key(k);
	await page.waitForFunction(() => /^PDE 0x21/.test(document.getElementById("walktext").textContent));
	assert.match(await page.locator("#say").textContent(), /PDE 0x21 of va/);
	await page.focus("#command");
	await page.keyboard.type("print 6 * 7");
	await key("Enter");
	await page.waitForFunction(() => /= 42/.test(document.getElementById("log").textContent));
	assert.ok(await stops() > 0);
	await page.close();
});

for (const [device, width, height] of [["phone", 390, 844], ["desktop", 1280, 800]])
	for (const colorScheme of ["light", "dark"])
		test(`a reader finds names, contrast and room: ${device}, ${colorScheme}`, async () => {
			// Catches what axe-core's rules catch, text that is cut off, and a page that is too wide.
			const own = await browser({ viewport: { width, height }, colorScheme });
			const { page } = await openLive(own.context, server.address, "#stop=mappages:9&view=pte512.0");
			await page.evaluate(AXE);
			const found = await page.evaluate(() => axe.run({ resultTypes: ["violations"] }));
			assert.deepEqual(found.violations.map((v) => `${v.id}: ${v.nodes.length}: ${v.nodes[0].html.slice(0, 160)}`), []);
			assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), colorScheme);
			assert.ok(await page.evaluate(() => document.documentElement.scrollWidth) <= width);
			const header = await page.locator("header").boundingBox();
			assert.ok(header.height < 130, `the header takes ${header.height} pixels`);
			await own.close();
		});

// A copy of the sources with one line changed, built. Returns {folder, remove}.
function broken(file, from, to) {
	const folder = mkdtempSync(join(tmpdir(), "cr3-broken-")), skip = new Set([".git", "build", "node_modules", "docs", "tests"]);
	cpSync(ROOT, folder, { recursive: true, filter: (path) => path === ROOT || !skip.has(basename(path)) && !basename(path).startsWith("build") });
	const text = readFileSync(join(ROOT, file), "utf8");
	assert.equal(text.split(from).length, 2, `${file} has one ${from}`);
	writeFileSync(join(folder, file), text.replace(from, to));
	execFileSync("make", ["-s", "build/cr3.img"], { cwd: folder, stdio: ["ignore", "ignore", "inherit"],
		env: { ...process.env, B: undefined, MAKEFLAGS: "", MAKELEVEL: "" } });
	return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

test("a broken kernel is dropped on the page: it says where the triple fault is, and why", async () => {
	// Catches a page that hangs or prints an error of the browser, that shows other sources
	// than the kernel's, and that cannot go back.
	const copy = broken("vm.c", "*pte = pa | perm | PTE_P;", "*pte = pa | perm; // forgotten: P");
	const { page, said } = await openLive(chrome.context, server.address), hand = hands(page);
	try {
		await drop(page, ["build/cr3.img", "vm.c"].map((n) => [basename(n), readFileSync(join(copy.folder, n))]));
		await page.waitForFunction(() => window.cr3.code.sources["vm.c"].includes("forgotten: P") &&
			window.cr3.session.stops === 2 && !window.cr3.session.running);
		await hand.press("step");
		await page.click("#continue");
		await page.waitForFunction(() => window.cr3.session.dead);
		assert.match(await hand.where(), /dead, a triple fault: cpu_load_cr3, x86\/cpu\.c:\d+/);
		await page.waitForFunction(() => document.getElementById("log").textContent.includes("goes to the stop before"));
		const log = await page.locator("#log").textContent();
		assert.match(log, /The page of its next instruction, 801\w{5}, is not mapped/);
		assert.match(log, /PTE .* -> not present/);
		assert.ok(await page.locator("#step").isDisabled());
		await page.click("#back");
		await page.waitForFunction(() => !window.cr3.session.dead && !document.getElementById("step").disabled);
		assert.match(await hand.where(), /stop 3: kvmalloc/);
		await hand.ask("until mappages:9");
		assert.match(await page.locator("#code .now").textContent(), /forgotten: P/);
		assert.deepEqual(said, []);
	} finally {
		copy.remove();
		await page.close();
	}
});

test("a small machine stands in a page of the site", async () => {
	// Catches an element that needs the whole screen, or opens at another place.
	const page = await chrome.context.newPage(), said = [];
	page.on("pageerror", (e) => said.push(e.message));
	await page.goto(server.address + "licences.html");
	await page.evaluate(() => {
		const script = document.createElement("script");
		script.src = "element.js";
		document.head.append(script);
		document.body.innerHTML = '<cr3-machine stop="walkpgdir:6" view="pde512">step it</cr3-machine>';
	});
	await page.getByRole("button", { name: "step it" }).click();
	const frame = page.frameLocator("iframe");
	await frame.locator("#where").filter({ hasText: "walkpgdir" }).waitFor();
	assert.equal(await frame.locator("#pane-terminal").isVisible(), false);
	await frame.locator("#walktext").filter({ hasText: "PDE 0x200" }).waitFor();
	await frame.locator("#step").click();
	await frame.locator("#where").filter({ hasText: "stop 3" }).waitFor();
	assert.deepEqual(said, []);
	await page.close();
});

// In the page: a reader's minute: steps, back, a table, a program, from the start again.
async function use() {
	const { session, commands } = window.cr3, prompts = (n) => new Promise((done) => {
		const timer = setInterval(() => session.heard.split("$ ").length > n && (clearInterval(timer), done()), 20);
	});
	for (let i = 0; i < 40; i++)
		await session.run("step");
	for (let i = 0; i < 20; i++)
		await session.back();
	for (const c of ["pt", "kmap", "until mappages:9", "walk 0x80000000", "until print_kmap", "who-wrote 0x80100000", "until print_kmap"])
		await commands.run(c);
	const running = session.run("go");
	await prompts(1);
	session.machine.type("ls\n");
	await prompts(2);
	session.pause();
	await running;
	await window.cr3.restart("kvmalloc");
}

test(`${MINUTES} minutes of use do not fill the memory`, async () => {
	// Catches states, machines and listeners that stay. Stops are saved up to 200 MB.
	const { page, said } = await openLive(chrome.context, server.address), devtools = await chrome.context.newCDPSession(page);
	const megabytes = async () => {
		await devtools.send("HeapProfiler.collectGarbage");
		const used = await devtools.send("Runtime.getHeapUsage");
		assert.ok(used.backingStorageSize > 32 << 20, "the machine's memory is counted");
		const saved = await page.evaluate(() => window.cr3.session.history.bytes);
		return (used.usedSize + used.embedderHeapUsedSize + used.backingStorageSize - saved) / 2 ** 20;
	};
	const end = Date.now() + MINUTES * 60000, seen = [];
	while (Date.now() < end || seen.length < 4) {
		await page.evaluate(use);
		seen.push(Math.round(await megabytes()));
	}
	console.log(`# ${seen.length} rounds, MB: ${seen.join(" ")}`);
	// A machine that was restarted away may stay until the browser looks for garbage.
	assert.ok(seen.at(-1) - seen[seen.length >> 1] < GROWTH && seen.at(-1) < MOST, `MB after each round: ${seen.join(" ")}`);
	assert.deepEqual(said, []);
	await page.close();
});
