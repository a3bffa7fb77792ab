// The live page (make web) for the tests: a server on loopback, a browser, and hands.
import assert from "node:assert/strict";
import { createReadStream, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

export const ROOT = resolve(fileURLToPath(import.meta.url), "../../..");
export const BUILD = resolve(ROOT, process.env.B ?? "build");
const KINDS = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript",
	".css": "text/css", ".wasm": "application/wasm", ".json": "application/json" };
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
	"--disable-background-networking", "--disable-component-update", "--disable-sync"];

// Serves build/web; resolves to {address, close}.
export function serve(folder = join(BUILD, "web")) {
	const server = createServer((request, response) => {
		const name = decodeURIComponent(new URL(request.url, "http://x").pathname);
		const path = join(folder, name === "/" ? "index.html" : name);
		if (!path.startsWith(folder) || !existsSync(path)) {
			response.writeHead(404).end();
			return;
		}
		response.writeHead(200, { "content-type": KINDS[extname(path)] ?? "application/octet-stream" });
		createReadStream(path).pipe(response);
	});
	return new Promise((done) => server.listen(0, "127.0.0.1", () => done({
		address: `http://127.0.0.1:${server.address().port}/`, close: () => server.close() })));
}

// A browser with a new empty profile. Resolves to {context, close}.
export async function browser(options = {}) {
	const profile = mkdtempSync(join(tmpdir(), "cr3-live-"));
	const context = await chromium.launchPersistentContext(profile, {
		executablePath: process.env.CHROMIUM || "/usr/bin/chromium", headless: true, args: FLAGS,
		viewport: { width: 1280, height: 800 }, timeout: 180000, ...options });
	context.setDefaultTimeout(120000);
	return { context, close: async () => {
		await context.close();
		rmSync(profile, { recursive: true, force: true });
	} };
}

// Opens the page at its first stop. Returns {page, said, asked, milliseconds}.
export async function openLive(context, address, hash = "") {
	const page = await context.newPage(), said = [], asked = [];
	page.on("console", (m) => m.type() === "error" && said.push(m.text()));
	page.on("pageerror", (e) => said.push(`error: ${e.message}`));
	page.on("request", (r) => asked.push(r.url()));
	const begin = Date.now();
	await page.goto(address + hash);
	await page.waitForFunction(() => document.documentElement.dataset.stops >= 2 && !window.cr3.session.running);
	return { page, said, asked, milliseconds: Date.now() - begin };
}

// All links of documents and handouts into the live page: [hash], without repetitions.
export function links() {
	const texts = [...readdirSync(join(ROOT, "docs")).filter((n) => n.endsWith(".md")).map((n) => join("docs", n)),
		...readdirSync(join(ROOT, "labs")).map((n) => join("labs", n, "README.md"))]
		.map((n) => join(ROOT, n)).filter((n) => existsSync(n)).map((n) => readFileSync(n, "utf8"));
	return [...new Set(texts.flatMap((t) => [...t.matchAll(/\(http:\/\/127\.0\.0\.1:8033\/(#[^)]+)\)/g)].map((m) => m[1])))];
}

// Drops files on the page, as a hand would. files: [[name, Buffer]].
export async function drop(page, files) {
	const coded = files.map(([name, bytes]) => [name, bytes.toString("base64")]);
	const data = await page.evaluateHandle((list) => {
		const out = new DataTransfer();
		for (const [name, text] of list)
			out.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name));
		return out;
	}, coded);
	await page.dispatchEvent("body", "drop", { dataTransfer: data });
}

// What a test asks of the page and does to it.
export function hands(page) {
	return {
		where: () => page.locator("#where").textContent(),
		press: async (id) => {
			const stops = await page.evaluate(() => window.cr3.session.stops);
			await page.click(`#${id}`);
			await page.waitForFunction(([n, way]) => !window.cr3.session.running &&
				(way === "back" ? window.cr3.session.stops < n : window.cr3.session.stops > n), [stops, id]);
		},
		// A command's answer, as lines.
		ask: (text) => page.evaluate((t) => window.cr3.commands.run(t), text),
		heard: () => page.evaluate(() => window.cr3.session.heard),
		// Lets the machine run until the serial line ends with these words, then pauses it.
		async untilHeard(words) {
			const from = await page.evaluate(() => { const n = window.cr3.session.heard.length; if (!window.cr3.session.running) document.getElementById("continue").click(); return n; });
			await page.waitForFunction(([w, n]) => window.cr3.session.heard.slice(n).includes(w), [words, Math.max(0, from - words.length)]);
			return from;
		},
		async pause() {
			await page.click("#pause");
			await page.waitForFunction(() => !window.cr3.session.running);
		},
		registers: () => page.evaluate(() => { const m = window.cr3.session.machine;
			return { eip: m.eip, cr3: m.control(3), regs: m.regs.map((n) => n >>> 0) }; }),
		ok: (value, text) => assert.ok(value, text),
	};
}
