// The site in a real browser: at the width of a phone and of a desktop, light and dark, with
// axe-core's rules. Each test says which bug it would catch.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { BUILD, open } from "./browser.mjs";

const SITE = join(BUILD, "site");
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PAGES = readdirSync(SITE, { recursive: true })
	.filter((n) => n.endsWith(".html") && !/^(_static|live)/.test(n)).sort();
let browser;

before(async () => {
	browser = await open("site/index.html");
});
after(() => browser?.close());

const visit = (name) => browser.page.goto(pathToFileURL(join(SITE, name)).href);

// All addresses of a page, and the ids that links can name.
const linksAndIds = () => [
	[...document.querySelectorAll("[href], [src]")].map((e) => e.getAttribute("href") ?? e.getAttribute("src")),
	[...document.querySelectorAll("[id]")].map((e) => e.id)];

describe("site", () => {
	test("catches a part that was not built", () => {
		for (const name of ["index.html", "spine.html", "caught.html", "slides.html", "docs/teaching.html",
			"docs/page-tables.html", "handouts/pgtbl.html", "interface/mm.html", "cr3.pdf"])
			assert.ok(existsSync(join(SITE, name)), name);
		assert.equal(readdirSync(join(SITE, "slides")).filter((n) => n.endsWith(".html")).length, 4);
		assert.equal(readFileSync(join(SITE, "cr3.pdf")).subarray(0, 5).toString(), "%PDF-");
	});
	test("catches a link to a page, a picture or a heading that does not exist", async () => {
		const ids = {}, links = [], wrong = [];
		for (const name of PAGES) {
			await visit(name);
			const [found, own] = await browser.page.evaluate(linksAndIds);
			ids[join(SITE, name)] = new Set(own);
			links.push(...found.map((to) => [name, to]));
		}
		for (const [name, to] of links) {
			if (/^(https?|data|mailto):/.test(to))
				continue;
			const url = new URL(to, pathToFileURL(join(SITE, name)));
			const path = resolve(fileURLToPath(new URL(url.pathname, "file://")));
			const anchor = decodeURIComponent(url.hash.slice(1));
			if (!existsSync(path) || anchor && ids[path] && !ids[path].has(anchor))
				wrong.push(`${name}: ${to}`);
		}
		assert.ok(links.length > 500);
		assert.deepEqual(wrong, []);
	});
	test("catches a page that asks the network, or that complains", () => {
		assert.deepEqual(browser.asked.filter((url) => !/^(file|data):/.test(url)), []);
		assert.deepEqual(browser.said, []);
	});
	for (const [device, width, height] of [["phone", 390, 844], ["desktop", 1280, 800]])
		for (const colorScheme of ["light", "dark"])
			test(`catches what a reader cannot use: ${device}, ${colorScheme}`, async () => {
				await browser.page.setViewportSize({ width, height });
				await browser.page.emulateMedia({ colorScheme });
				const wrong = [];
				for (const name of PAGES) {
					await visit(name);
					await browser.page.evaluate(AXE);
					const found = await browser.page.evaluate(() => axe.run({ resultTypes: ["violations"] }));
					for (const v of found.violations)
						wrong.push(`${name}: ${v.id}: ${v.nodes.length}: ${v.nodes[0].html.slice(0, 150)}: ${v.nodes[0].any[0]?.message ?? ""}`);
					const light = await browser.page.evaluate(() =>
						getComputedStyle(document.body).backgroundColor.match(/\d+/g)[0] > 127);
					if (light !== (colorScheme === "light"))
						wrong.push(`${name}: is not ${colorScheme}`);
					const over = await browser.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
					if (over > 0)
						wrong.push(`${name}: ${over} pixels too wide`);
				}
				assert.deepEqual(wrong, []);
			});
});
