// A browser for the tests: Debian's chromium, a new empty profile, no network. And what
// all of them need: the film, what QEMU said while it was recorded, hands for the page.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

export const ROOT = resolve(fileURLToPath(import.meta.url), "../../..");
export const BUILD = resolve(ROOT, process.env.B ?? "build");
export const FILM = JSON.parse(readFileSync(join(BUILD, "pgmovie.json"), "utf8"));
export const TRUTH = JSON.parse(readFileSync(join(BUILD, "pgmovie.json.truth"), "utf8"));
export const LAST = FILM.steps.length - 1;
export const hex8 = (n) => (n >>> 0).toString(16).padStart(8, "0");
// The number of the n-th step of a chapter whose sentence holds these words.
export function stepOf(part, words, n = 0) {
	const all = FILM.steps.flatMap((s, i) => s.part === part && s.text.includes(words) ? [i] : []);
	assert.ok(all.at(n) !== undefined, `no step says '${words}' in ${part}`);
	return all.at(n);
}
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
	"--no-first-run", "--disable-background-networking", "--disable-component-update",
	"--disable-sync"];

// Opens a file of build/. Returns {page, said, asked, close}: said collects what the
// page wrote to the console and every error, asked the addresses it requested.
export async function open(name, options = {}) {
	const profile = mkdtempSync(join(tmpdir(), "cr3-web-"));
	const context = await chromium.launchPersistentContext(profile, {
		executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true,
		args: FLAGS, viewport: { width: 1280, height: 720 }, timeout: 180000, ...options });
	context.setDefaultTimeout(120000);
	const page = context.pages()[0] ?? await context.newPage();
	const said = [], asked = [];
	page.on("console", (m) => said.push(`${m.type()}: ${m.text()}`));
	page.on("pageerror", (e) => said.push(`error: ${e.message}`));
	page.on("request", (r) => asked.push(r.url()));
	await page.goto(pathToFileURL(join(BUILD, name)).href);
	return { page, said, asked, close: async () => {
		await context.close();
		rmSync(profile, { recursive: true, force: true });
	} };
}

// What a reader does with the film's page, and sees there.
export function hands(page) {
	const count = async () => parseInt(await page.locator("#count").textContent(), 10);
	return {
		count,
		// Moves the slider as a hand would.
		async goTo(number) {
			const place = await page.evaluate((n) => position(n), number);
			await page.locator("#slider").fill(String(place));
			assert.equal(await count(), number);
		},
		caption: () => page.locator("#caption").textContent(),
		cell: (grid, index) => page.locator("#pane0 .grid").nth(grid)
			.locator("[role=gridcell]").nth(index),
		// [[address, value]] of the entries that the walk names.
		async walked() {
			const rows = await page.locator("#walk td").allTextContents();
			return rows.map((t) => t.match(/^at ([0-9a-f]{8}) = ([0-9a-f]{8})$/))
				.filter((m) => m).map((m) => [parseInt(m[1], 16), parseInt(m[2], 16)]);
		},
		// Waits for something to become true, two minutes at most.
		async until(holds) {
			for (let i = 0; i < 2400; i++) {
				if (await holds())
					return;
				await new Promise((done) => setTimeout(done, 50));
			}
			assert.fail(`did not become true: ${holds}`);
		},
	};
}
