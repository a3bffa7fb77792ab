// The live page in Firefox: what live.test.mjs asks of Chromium, in short. Firefox is steered
// by puppeteer-core and WebDriver BiDi, as playwright-core needs a Firefox of its own.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import puppeteer from "puppeteer-core";
import { serve } from "./live.mjs";

const FIREFOX = [process.env.FIREFOX, "/usr/bin/firefox-esr", "/usr/bin/firefox"].find((p) => p && existsSync(p));
let server, firefox, page;
const said = [];
const where = () => page.$eval("#where", (e) => e.textContent);
const ask = (text) => page.evaluate((t) => window.cr3.commands.run(t), text);
async function press(id) {
	const stops = await page.evaluate(() => window.cr3.session.stops);
	await page.click(`#${id}`);
	await page.waitForFunction((n) => !window.cr3.session.running && window.cr3.session.stops !== n, { timeout: 60000 }, stops);
}

describe("Firefox", { skip: FIREFOX ? false : "no Firefox here" }, () => {
	before(async () => {
		server = await serve();
		firefox = await puppeteer.launch({ browser: "firefox", executablePath: FIREFOX,
			headless: true, timeout: 180000, protocolTimeout: 180000 });
		page = await firefox.newPage();
		await page.setViewport({ width: 1280, height: 800 });
		page.on("console", (m) => m.type() === "error" && said.push(m.text()));
		page.on("pageerror", (e) => said.push(e.message));
		await page.goto(server.address);
		await page.waitForFunction(() => document.documentElement.dataset.stops >= 2 && !window.cr3.session.running, { timeout: 120000 });
	});
	after(async () => {
		await firefox.close();
		server.close();
	});

	test("steps, goes back, and answers", async () => {
		// Catches what only one browser understands.
		assert.match(await where(), /kvmalloc, vm\.c/);
		await press("step");
		await press("step");
		assert.match(await where(), /setupkvm, vm\.c/);
		await press("back");
		assert.match(await where(), /stop 3: kvmalloc/);
		await ask("until print_kmap");
		assert.match((await ask("pt"))[0], /kpgdir, \d+ tables/);
		assert.match((await ask("walk 0x80100000")).join("\n"), /kernel r: both levels allow it/);
		assert.deepEqual(said, []);
	});

	test("boots to the shell, and a program's page fault stops it", async () => {
		// Catches a terminal that does not hear the keyboard, or does not show the machine.
		await page.click("#continue");
		await page.waitForFunction(() => window.cr3.session.heard.endsWith("$ "), { timeout: 60000 });
		await page.click("#terminal");
		await page.keyboard.type("ls\n");
		await page.waitForFunction(() => window.cr3.session.heard.split("$ ").length > 2, { timeout: 60000 });
		assert.match(await page.evaluate(() => window.cr3.session.heard), /README|wc/);
		await press("pause");
		await ask("break page_fault");
		await page.evaluate(() => window.cr3.session.machine.type("ps\n"));
		await press("continue");
		assert.match(await where(), /page_fault/);
		assert.match((await ask("walk"))[0], /CR2/);
		assert.deepEqual(said, []);
	});

	test("draws the tables", async () => {
		// Catches an empty canvas.
		const colours = await page.evaluate(() => {
			const c = document.getElementById("grids"), d = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
			return new Set(new Uint32Array(d.buffer)).size;
		});
		assert.ok(colours > 4, `${colours} colours`);
	});
});
