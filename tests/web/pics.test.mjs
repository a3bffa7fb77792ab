// The pictures of `make pgpics` and `make docpics`, each in a real browser: they stand alone
// on a slide or a page. Each test says which bug it would catch.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { BUILD, FILM, ROOT, open } from "./browser.mjs";

const STEPS = join(BUILD, "pgpics/steps"), NAMED = join(BUILD, "pgpics"), DOCS = join(ROOT, "docs/pictures");
// The film's pictures have numbers; docs/pictures has others, too (bench.svg).
const svgs = (dir) => readdirSync(dir).filter((n) => /^\d+-.*\.svg$/.test(n)).sort();
const PYTHON = process.env.PYTHON ?? "python3", PICS = join(ROOT, "tools/pgmovie/pics.py");
const check = (dir, film = "pgmovie.json") => spawnSync(PYTHON, ["-B", PICS, "--check", join(BUILD, film), dir],
	{ encoding: "utf8" });
let browser;

before(async () => {
	browser = await open("pgpics/index.html");
});
after(() => browser?.close());

// In the page: what is wrong with the picture that it is.
function faults() {
	const root = document.documentElement, out = [];
	const [, , width, height] = root.getAttribute("viewBox")?.split(" ").map(Number) ?? [];
	if (root.tagName !== "svg" || document.querySelector("parsererror"))
		return ["no SVG"];
	if (!root.querySelector("title")?.textContent || !root.querySelector("desc")?.textContent)
		out.push("no title");
	const [ground] = root.querySelectorAll("rect");
	if (ground.getAttribute("fill") !== "#ffffff" || +ground.getAttribute("width") !== width)
		out.push("no ground of its own");
	const texts = [...root.querySelectorAll("text")].filter((t) => t.textContent.trim());
	const boxes = texts.map((t) => t.getBBox());
	texts.forEach((t, i) => {
		const a = boxes[i];
		if (parseFloat(t.getAttribute("font-size")) < 13)
			out.push(`small: ${t.textContent}`);
		if (a.x < 8 || a.x + a.width > width - 8 || a.y < 4 || a.y + a.height > height - 4)
			out.push(`outside: ${t.textContent}`);
		for (let j = 0; j < i; j++) {
			const b = boxes[j]; // a line's box is higher than its letters
			if (a.x < b.x + b.width && b.x < a.x + a.width && a.y + 5 < b.y + b.height && b.y + 5 < a.y + a.height)
				out.push(`over each other: ${t.textContent} and ${texts[j].textContent}`);
		}
	});
	if (root.querySelector("script, style, image, foreignObject, use"))
		out.push("more than shapes and text");
	return out;
}

async function look(dir, names) {
	for (const name of names) {
		await browser.page.goto("file://" + join(dir, name));
		assert.deepEqual(await browser.page.evaluate(faults), [], name);
	}
}

describe("pictures", () => {
	test("catches a step without a picture", () => {
		const steps = FILM.steps.map((_, i) => String(i).padStart(3, "0"));
		assert.deepEqual(svgs(STEPS).map((n) => n.slice(0, 3)), steps);
		assert.deepEqual(svgs(NAMED), svgs(DOCS));
		assert.ok(svgs(NAMED).length >= 25);
	});
	test("catches a slide that cannot be read: small, cut off, over each other", async () => {
		await look(NAMED, svgs(NAMED));
		await look(STEPS, svgs(STEPS).filter((_, i) => i % 4 === 0));
	});
	test("catches the same in a picture of docs/", () => look(DOCS, svgs(DOCS)));
	test("catches a guest's picture that cannot be read, or does not tell what happens", async () => {
		const names = readdirSync(DOCS).filter((n) => /^guest-\d/.test(n));
		assert.ok(names.length >= 9);
		await look(DOCS, names);
		const today = check(DOCS, "guestmovie.json");
		assert.equal(today.status, 0, today.stderr);
	});
	test("catches a picture that asks the network, or an index that lacks one", async () => {
		await browser.page.goto("file://" + join(NAMED, "index.html"));
		await browser.page.waitForFunction(() => [...document.images].every((i) => i.complete));
		const [broken, unnamed, all] = await browser.page.evaluate(() => [
			[...document.images].filter((i) => !i.naturalWidth).length,
			[...document.images].filter((i) => !i.alt).length, document.images.length]);
		assert.deepEqual([broken, unnamed, all], [0, 0, svgs(NAMED).length]);
		assert.deepEqual(browser.said, []);
		assert.ok(browser.asked.every((url) => url.startsWith("file:")), `${browser.asked}`);
	});
	test("catches pictures in docs/ that do not tell any more what the kernel does", () => {
		const today = check(DOCS);
		assert.equal(today.status, 0, today.stderr);
		// And the check itself: other words are noticed, other addresses are not.
		const copy = mkdtempSync(join(tmpdir(), "cr3-pics-"));
		for (const name of svgs(DOCS))
			writeFileSync(join(copy, name), readFileSync(join(DOCS, name), "utf8").replace(/0014(\d)000/g, "0016$1000"));
		assert.equal(check(copy).status, 0);
		const [one, two] = svgs(DOCS).slice(7).map((n) => join(copy, n));
		writeFileSync(one, readFileSync(one, "utf8").replace(/mappages/g, "mapsome"));
		rmSync(two);
		const { stderr } = check(copy);
		assert.match(stderr, /08-[\w-]+\.svg says .*mapsome/);
		assert.match(stderr, /09-[\w-]+\.svg is missing/);
		rmSync(copy, { recursive: true });
	});
});
