// The film: what it tells is what the machine did. The page's own functions are asked, in a
// real browser, and compared with what QEMU's monitor said while it was recorded
// (build/pgmovie.json.truth). Each test says which bug it would catch.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { BUILD, FILM, LAST, ROOT, TRUTH, hands, hex8, open, stepOf } from "./browser.mjs";

let browser, page, goTo, cell, walked;

before(async () => {
	browser = await open("pgmovie.html");
	page = browser.page;
	({ goTo, cell, walked } = hands(page));
});
after(() => browser?.close());

const P = 1, W = 2, U = 4, PS = 0x80;

describe("the file", () => {
	test("catches a page that is too large, asks the network or reports errors", async () => {
		assert.ok(statSync(join(BUILD, "pgmovie.html")).size < 2 << 20);
		for (const number of [0, 7, 50, LAST])
			await goTo(number);
		assert.deepEqual(browser.said, []);
		assert.equal(browser.asked.length, 1, browser.asked.join(" "));
		assert.match(browser.asked[0], /^file:/);
	});
	test("catches a step that cannot be drawn, on the way there or back", async () => {
		const bad = await page.evaluate(() => {
			const out = [];
			const numbers = STATES.map((_, i) => i);
			for (const i of [...numbers, ...numbers.filter((n) => n % 9 === 0).reverse()]) {
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
		stepOf("on demand", "The address lies below the stack's area"); // all asked for
		stepOf("on demand", "story writes to 7fff");
		stepOf("copy-on-write", "gets a copy");
		stepOf("exec", "The commit");
		for (const code of FILM.code) {
			const file = readFileSync(join(ROOT, code.file), "utf8").split("\n");
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
	test("catches a page that the film maps elsewhere than QEMU's info tlb", async () => {
		for (const point of TRUTH) {
			const ours = await page.evaluate(tlb, [point.step, point.cr3]);
			assert.ok(ours.length > 1);
			assert.deepEqual(ours, point.tlb, `step ${point.step}`);
		}
		assert.equal(TRUTH.at(-1).step, LAST);
	});
	test("catches a store to a table that no step shows", () => {
		// The same run, with a watchpoint on each table (writes.py).
		const out = join(mkdtempSync(join(tmpdir(), "cr3-film-")), "film");
		const inputs = ["kernel", "cr3.img", "pgmovie.img"].map((n) => join(BUILD, n));
		execFileSync(process.env.PYTHON ?? "python3", ["-B", join(ROOT, "tools/pgmovie/pgmovie"), ...inputs, out],
			{ env: { ...process.env, PGMOVIE_SCRIPT: join(ROOT, "tests/web/writes.py") } });
		const { stores, missed } = JSON.parse(readFileSync(out + ".writes", "utf8"));
		rmSync(dirname(out), { recursive: true });
		assert.deepEqual(missed.map(([step, pa, i, e]) =>
			`before step ${step}: frame ${hex8(pa)}, entry ${i}, ${hex8(e)}`), []);
		const directories = 65 + 2 * 3, faults = 12, copied = 7; // at least
		assert.ok(stores.reduce((a, b) => a + b) > directories + faults + copied, `${stores}`);
	});
	test("catches an entry that is told with another process's fault", async () => {
		const wrong = await page.evaluate(() => STATES.filter(({ step }) =>
			["on demand", "copy-on-write", "last owner"].includes(step.part)).flatMap((s) =>
			[...s.spaces.keys()].filter((name) => name !== s.step.show && name !== "kpgdir")
				.flatMap((name) => {
					const dir = directory(s, name).entries, before = STATES[s.number - 1];
					// A table that was shared and is copied lets nobody write at once.
					const loses = (pa, i) => s.step.text.includes("Private pages lose W") &&
						(((tableAt(before, pa)[i] & ~W) ^ tableAt(s, pa)[i]) & ~(A | D)) === 0;
					return [...dir.keys()].slice(0, 512).filter((i) => dir[i] & P &&
						[...changedIn(before, s, frameOf(dir[i]))].some(
							(entry) => !loses(frameOf(dir[i]), entry)))
						.map(() => `${s.number}: ${name}'s too: ${s.step.text}`);
				})));
		assert.deepEqual(wrong, []);
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

// In the page: what `info tlb` would print, as record.py notes it, from the frames alone.
function tlb([number, cr3]) {
	const out = [];
	const add = (va, e, mask, size) => {
		const last = out.at(-1), flags = e & 0x1fe, pa = (e & mask) >>> 0;
		if (last && last[3] === flags && !size && va === last[0] + last[2] * 4096 &&
		    pa === last[1] + last[2] * 4096)
			last[2]++;
		else
			out.push([va, pa, 1, flags]);
	};
	tableAt(STATES[number], cr3).forEach((pde, i) => {
		if (pde & 1 && pde & 0x80)
			add(i * 0x400000, pde, 0xffc00000, true);
		else if (pde & 1)
			tableAt(STATES[number], (pde & ~0xfff) >>> 0).forEach((pte, j) => {
				if (pte & 1)
					add(i * 0x400000 + j * 4096, pte, ~0xfff, false);
			});
	});
	return out;
}
