// The film in a real browser, against what QEMU's monitor said while it was recorded
// (build/pgmovie.json.truth). Each test says which bug it would catch.
import assert from "node:assert/strict";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { BUILD, open } from "./browser.mjs";

const FILM = JSON.parse(readFileSync(join(BUILD, "pgmovie.json"), "utf8"));
const TRUTH = JSON.parse(readFileSync(join(BUILD, "pgmovie.json.truth"), "utf8"));
const LAST = FILM.steps.length - 1;
const P = 1, W = 2, U = 4, PS = 0x80;
const hex8 = (n) => (n >>> 0).toString(16).padStart(8, "0");
let browser, page;

// Moves the slider as a hand would, and reads what the page then says.
async function goTo(number) {
	await page.locator("#slider").fill(String(number));
	assert.equal(await count(), number);
}
const count = async () => parseInt(await page.locator("#count").textContent(), 10);
// Waits for something to become true, 15 s at most.
async function until(holds) {
	for (let i = 0; i < 300; i++) {
		if (await holds())
			return;
		await new Promise((done) => setTimeout(done, 50));
	}
	assert.fail(`did not become true: ${holds}`);
}
const caption = () => page.locator("#caption").textContent();
const cell = (grid, index) => page.locator("#pane0 .grid").nth(grid)
	.locator("[role=gridcell]").nth(index);
// [[address, value]] of the entries that the walk names.
async function walked() {
	const rows = await page.locator("#walk td").allTextContents();
	return rows.map((t) => t.match(/^at ([0-9a-f]{8}) = ([0-9a-f]{8})$/)).filter((m) => m)
		.map((m) => [parseInt(m[1], 16), parseInt(m[2], 16)]);
}

before(async () => {
	browser = await open("pgmovie.html");
	page = browser.page;
});
after(() => browser.close());

describe("the file", () => {
	test("catches a page that is too large, asks the network or reports errors", async () => {
		assert.ok(statSync(join(BUILD, "pgmovie.html")).size < 2 << 20);
		for (const number of [0, 7, 150, LAST])
			await goTo(number);
		assert.deepEqual(browser.said, []);
		assert.equal(browser.asked.length, 1, browser.asked.join(" "));
		assert.match(browser.asked[0], /^file:/);
	});
	test("catches a step that cannot be drawn, on the way there or back", async () => {
		const bad = await page.evaluate(() => {
			const out = [];
			const numbers = STATES.map((_, i) => i);
			for (const i of [...numbers, ...numbers.reverse()]) {
				go(i);
				const line = document.querySelector("#code .now");
				const changed = document.querySelectorAll(".grid .new").length;
				const known = i > 0 && [...inUse(STATES[i])].some((pa) =>
					changedIn(STATES[i - 1], STATES[i], pa).size);
				if (!line || !line.textContent.trim() || !document.querySelector("#caption").textContent)
					out.push(`${i}: no line or caption`);
				if (known && !changed)
					out.push(`${i}: a change is not marked`);
			}
			return out;
		});
		assert.deepEqual(bad, []);
	});
	test("catches a change that is told with a fault, before anybody made it", async () => {
		const early = await page.evaluate(() => STATES.filter((s) => s.step.fault)
			.filter((s) => [...inUse(s)].some((pa) => inUse(STATES[s.number - 1]).has(pa) &&
				changedIn(STATES[s.number - 1], s, pa).size))
			.map((s) => `${s.number}: ${s.step.text}`));
		assert.deepEqual(early, []);
	});
	test("catches a film that lacks a chapter, or a line that is not the source's", () => {
		const parts = [...new Set(FILM.steps.map((s) => s.part))];
		assert.deepEqual(parts, ["entry", "kvmalloc", "first process", "exec", "on demand",
			"fork", "copy-on-write", "exit of the child", "last owner", "exit"]);
		for (const code of FILM.code) {
			const file = readFileSync(join(BUILD, "..", code.file), "utf8").split("\n");
			assert.deepEqual(file.slice(code.first - 1, code.first - 1 + code.lines.length),
				code.lines, code.file);
		}
	});
});

describe("truth", () => {
	test("catches a recorded table that is not what QEMU's xp reads", async () => {
		assert.ok(TRUTH.length >= 5);
		for (const point of TRUTH)
			for (const [pa, words] of Object.entries(point.xp)) {
				const shown = await page.evaluate(([n, at]) =>
					[...tableAt(STATES[n], at)], [point.step, +pa]);
				assert.deepEqual(shown, words, `step ${point.step}, frame ${hex8(pa)}`);
			}
	});
	test("catches a state whose ranges are not those of QEMU's info mem", async () => {
		for (const point of TRUTH) {
			const ours = await page.evaluate(ranges, [point.step, point.cr3]);
			const theirs = [...point.mem.matchAll(/([0-9a-f]+)-([0-9a-f]+) [0-9a-f]+ (u|-)r(w|-)/g)]
				.map((m) => [parseInt(m[1], 16), parseInt(m[2], 16), m[3] + "r" + m[4]]);
			assert.ok(theirs.length > 1, point.mem);
			assert.deepEqual(ours, theirs, `step ${point.step}`);
		}
	});
	test("catches a click that shows another entry's walk, or a wrong value", async () => {
		for (const point of TRUTH) {
			await goTo(point.step);
			const name = FILM.steps[point.step].spaces.find(([, pa]) => pa === point.cr3)[0];
			if (await page.locator("#pane0 .grid").first().getAttribute("aria-label") !==
			    `Directory of ${name}, 1024 entries`)
				continue; // another space is looked at in this step
			const dir = point.xp[point.cr3];
			for (const [pa, words] of Object.entries(point.xp)) {
				const pdx = dir.findIndex((e) => e & P && !(e & PS) && (e & ~0xfff) >>> 0 === +pa);
				if (+pa !== point.cr3 && pdx >= 0)
					await checkTable(point, dir, pdx, +pa, words);
			}
			await cell(0, 0x300).click();
			assert.deepEqual(await walked(), [[point.cr3 + 4 * 0x300, dir[0x300]]]);
			assert.match(await page.locator("#walk .verdict").textContent(),
				/Page fault: the PDE is not present/);
		}
	});
});

// Clicks on an entry of the directory, then on some of its table's.
async function checkTable(point, dir, pdx, pa, words) {
	await cell(0, pdx).click();
	assert.deepEqual(await walked(), [[point.cr3 + 4 * pdx, dir[pdx]]]);
	const present = words.findIndex((e) => e & P);
	for (const ptx of new Set([0, Math.max(present, 0), 0x11e, 1023])) {
		await cell(1, ptx).click();
		assert.deepEqual(await walked(),
			[[point.cr3 + 4 * pdx, dir[pdx]], [pa + 4 * ptx, words[ptx]]]);
		const verdict = await page.locator("#walk .verdict").textContent();
		const user = words[ptx] & dir[pdx] & U ? /the program/ : /the kernel/;
		if (words[ptx] & P) {
			assert.match(verdict, new RegExp(`Leads to ${hex8(words[ptx]).slice(0, 5)}`));
			assert.match(verdict, user);
			assert.equal(await page.locator("#walk li", { hasText: "W: writable" }).count(),
				words[ptx] & W ? 1 : 0);
		} else {
			assert.match(verdict, /Page fault: the PTE is not present/);
		}
	}
}

// In the page: what `info mem` would print of a directory, from the frames alone.
function ranges([number, cr3]) {
	const out = [];
	const add = (start, end, e) => {
		const mode = (e & 4 ? "u" : "-") + "r" + (e & 2 ? "w" : "-");
		const last = out.at(-1);
		if (last && last[1] === start && last[2] === mode)
			last[1] = end;
		else
			out.push([start, end, mode]);
	};
	tableAt(STATES[number], cr3).forEach((pde, i) => {
		if (pde & 1 && pde & 0x80)
			add(i * 0x400000, (i + 1) * 0x400000, pde);
		else if (pde & 1)
			tableAt(STATES[number], (pde & ~0xfff) >>> 0).forEach((pte, j) => {
				const va = i * 0x400000 + j * 4096;
				if (pte & 1)
					add(va, va + 4096, pte & pde);
			});
	});
	return out;
}

describe("control", () => {
	test("catches keys that do nothing or too much", async () => {
		await goTo(5);
		await page.locator("h1").click();
		await page.keyboard.press("ArrowRight");
		assert.equal(await count(), 6);
		await page.keyboard.press("ArrowLeft");
		await page.keyboard.press("ArrowLeft");
		assert.equal(await count(), 4);
		await page.keyboard.press("End");
		assert.equal(await count(), LAST);
		await page.keyboard.press("ArrowRight");
		assert.equal(await count(), LAST);
		await page.keyboard.press("Home");
		assert.equal(await count(), 0);
		await page.keyboard.press("ArrowDown");
		assert.equal(FILM.steps[await count()].part, "kvmalloc");
		assert.equal(await caption(), FILM.steps[await count()].text);
	});
	test("catches a film that does not play, or cannot be stopped", async () => {
		await goTo(60);
		await page.keyboard.press("Space");
		await until(async () => await count() > 64);
		await page.getByRole("button", { name: "Pause" }).click();
		const at = await count();
		await page.waitForTimeout(400);
		assert.equal(await count(), at);
		await goTo(LAST - 1);
		await page.getByRole("button", { name: "Play" }).click();
		await until(async () => await count() === LAST);
		await until(() => page.getByRole("button", { name: "Play" }).count());
	});
	test("catches a slider, a button or a chapter that leads elsewhere", async () => {
		await page.locator("#slider").focus();
		await goTo(10);
		await page.getByRole("button", { name: "Step on" }).click();
		assert.equal(await count(), 11);
		await page.getByRole("button", { name: "fork", exact: true }).click();
		const at = await count();
		assert.equal(FILM.steps[at].part, "fork");
		assert.notEqual(FILM.steps[at - 1].part, "fork");
		assert.equal(await page.locator("#pane1 .grid").count(), 2);
		assert.match(await page.url(), new RegExp(`#${at}$`));
	});
	test("catches cells that the keyboard cannot reach or choose", async () => {
		await goTo(TRUTH[1].step);
		await page.locator("#slider").focus();
		for (let i = 0; i < 200; i++) {
			await page.keyboard.press("Tab");
			if (await page.evaluate(() => document.activeElement.getAttribute("role")) === "gridcell")
				break;
		}
		const focused = () => page.evaluate(() => document.activeElement.index);
		assert.equal(await focused(), 0);
		for (let i = 0; i < 16; i++)
			await page.keyboard.press("ArrowDown");
		await page.keyboard.press("ArrowRight");
		assert.equal(await focused(), 0x201);
		await page.keyboard.press("Enter");
		const cr3 = TRUTH[1].cr3;
		assert.deepEqual(await walked(), [[cr3 + 4 * 0x201, TRUTH[1].xp[cr3][0x201]]]);
		assert.equal(await count(), TRUTH[1].step, "arrows in a grid do not move the film");
		await page.keyboard.press("Escape");
		await page.keyboard.press("ArrowRight");
		assert.equal(await count(), TRUTH[1].step + 1);
	});
});

describe("looks and names", () => {
	test("catches a scheme in which something cannot be read", async () => {
		const colours = {};
		for (const scheme of ["light", "dark"]) {
			await page.emulateMedia({ colorScheme: scheme });
			const [ink, ground, soft] = await page.evaluate(() => [
				getComputedStyle(document.body).color,
				getComputedStyle(document.body).backgroundColor,
				getComputedStyle(document.querySelector("footer")).color]);
			assert.ok(contrast(ink, ground) > 12, `${scheme}: ${ink} on ${ground}`);
			assert.ok(contrast(soft, ground) > 4.5, `${scheme}: ${soft} on ${ground}`);
			colours[scheme] = ground;
			const kinds = await page.locator("#legend i:not(.m)").evaluateAll((all) =>
				all.map((i) => getComputedStyle(i).backgroundColor));
			assert.equal(new Set(kinds).size, 8, "two kinds have one colour");
		}
		assert.notEqual(colours.light, colours.dark);
		await page.emulateMedia({ colorScheme: "light" });
	});
	test("catches a control, a grid or a cell without a name", async () => {
		const session = await page.context().newCDPSession(page);
		for (const number of [1, 17, 200]) {
			await goTo(number);
			const { nodes } = await session.send("Accessibility.getFullAXTree");
			const roles = {};
			for (const n of nodes.filter((x) => !x.ignored)) {
				const role = n.role?.value;
				roles[role] = (roles[role] ?? 0) + 1;
				if (["button", "slider", "grid", "gridcell", "region", "group"].includes(role))
					assert.ok(n.name?.value, `a ${role} without a name`);
			}
			assert.ok(roles.gridcell >= 1024 && roles.slider === 1, JSON.stringify(roles));
		}
	});
	test("catches a page that is wider than the screen", async () => {
		for (const [width, height] of [[1024, 768], [1280, 720], [1920, 1080], [420, 800]]) {
			await page.setViewportSize({ width, height });
			for (const number of [17, 200]) {
				await goTo(number);
				const wide = await page.evaluate(() => document.documentElement.scrollWidth);
				assert.ok(wide <= width, `${wide} of ${width} at step ${number}`);
			}
		}
		await page.setViewportSize({ width: 1280, height: 720 });
	});
});

// The ratio of two colours "rgb(r, g, b)" as WCAG defines it.
function contrast(a, b) {
	const light = (colour) => {
		const [r, g, bl] = colour.match(/\d+/g).map((n) => {
			const c = n / 255;
			return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
		});
		return 0.2126 * r + 0.7152 * g + 0.0722 * bl + 0.05;
	};
	const [x, y] = [light(a), light(b)].sort((m, n) => n - m);
	return x / y;
}

describe("pictures", () => {
	test("catches an SVG that a browser cannot draw, or a step without one", async () => {
		const names = readdirSync(join(BUILD, "pgpics")).filter((n) => n.endsWith(".svg"));
		assert.equal(names.length, FILM.steps.filter((s) => !s.same).length);
		const one = await open("pgpics/" + names[8]);
		for (const name of names.filter((_, i) => i % 8 === 0)) {
			await one.page.goto("file://" + join(BUILD, "pgpics", name));
			const [root, texts, paths, errors] = await one.page.evaluate(() => [
				document.documentElement.tagName, document.querySelectorAll("text").length,
				document.querySelectorAll("path").length,
				document.querySelectorAll("parsererror").length]);
			assert.equal(root, "svg", name);
			assert.ok(texts > 15 && paths >= 2 && !errors, name);
		}
		assert.deepEqual(one.said, []);
		await one.close();
	});
});
