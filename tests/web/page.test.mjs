// The film's page: what a reader can do with it, and on what. Each test says which bug it
// would catch.
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { FILM, LAST, TRUTH, hands, open, stepOf } from "./browser.mjs";

const COPY = stepOf("copy-on-write", "gets a copy", -1); // two spaces, few cells
const MANY = stepOf("kvmalloc", "mappages goes on"); // one space, many cells
const SHOWN = [1, MANY, stepOf("first process", "no page is present there"), COPY, LAST];
let browser, page, goTo, count, caption, walked, until;

before(async () => {
	browser = await open("pgmovie.html");
	page = browser.page;
	({ goTo, count, caption, walked, until } = hands(page));
});
after(() => browser?.close());

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
		await page.keyboard.press("PageDown"); // a presenter's keys
		await page.keyboard.press("PageDown");
		await page.keyboard.press("PageUp");
		assert.equal(await count(), 1);
		await page.keyboard.press("ArrowDown");
		assert.equal(FILM.steps[await count()].part, "kvmalloc");
		assert.equal(await caption(), FILM.steps[await count()].text);
	});
	test("catches a film of which most is one chapter's repetitions", () => {
		const parts = FILM.steps.map((s) => s.part);
		for (const part of new Set(parts)) {
			const n = parts.filter((p) => p === part).length;
			assert.ok(n <= 30, `${part} has ${n} of ${parts.length} steps`);
		}
		stepOf("kvmalloc", "The same for 53 more tables");
	});
	test("catches a chapter that has less room on the slider than another", async () => {
		const slider = await page.locator("#slider").boundingBox();
		const edge = 8; // half the slider's thumb
		for (const [i, b] of (await page.locator("#parts button").all()).entries()) {
			const box = await b.boundingBox();
			assert.ok(Math.abs(box.width - slider.width / 10) < 4, `chapter ${i}: ${box.width} pixels`);
			await page.mouse.click(box.x + box.width / 2 + (i < 5 ? -edge : edge) / 2, slider.y + slider.height / 2);
			assert.equal(FILM.steps[await count()].part, await b.textContent(), "the slider's place is below the name");
		}
		for (let number = 0; number <= LAST; number++)
			assert.equal(await page.evaluate((n) => stepAt(position(n)), number), number);
	});
	test("catches a reader who is not told how a chapter is skipped", async () => {
		await goTo(1);
		assert.match(await page.locator("#skip").innerText(), /↓ Next chapter/);
		await page.locator("#skip").click();
		assert.equal(await count(), stepOf("kvmalloc", ""));
		await page.locator("#back").click();
		assert.equal(await count(), 0);
		assert.match(await page.locator("footer").innerText(), /↓ ↑ next chapter, chapter before/);
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
	test("catches a part that Tab does not reach, or a focus that is not seen", async () => {
		await goTo(COPY);
		await page.locator("#slider").focus();
		const reached = new Set();
		for (let i = 0; i < 90 && !(reached.has("theme") && reached.has("parts")); i++) {
			await page.keyboard.press("Tab");
			const [where, style, width] = await page.evaluate(() => {
				const at = document.activeElement, look = getComputedStyle(at);
				const grid = at.closest(".grid")?.getAttribute("aria-label");
				return [grid ?? (at.id || at.closest("section, nav")?.id), look.outlineStyle, parseFloat(look.outlineWidth)];
			});
			if (where !== undefined && where !== null)
				reached.add(where);
			if (where)
				assert.ok(style !== "none" && width >= 2, `${where}: outline ${style} ${width}`);
		}
		for (const where of ["bar", "code", "walk", "Directory of story, 1024 entries",
			"Table 0x0 of story, 1024 entries", "Directory of child, 1024 entries",
			"Table 0x0 of child, 1024 entries", "parts", "theme"])
			assert.ok(reached.has(where), `${where} is not among ${[...reached]}`);
	});
	test("catches a redrawn part that loses the keyboard's focus", async () => {
		await goTo(COPY);
		const inside = (id) => page.evaluate((name) =>
			document.getElementById(name).contains(document.activeElement), id);
		await page.locator("#bar button").nth(2).focus();
		await page.keyboard.press("Enter");
		assert.ok(await inside("bar"), "after a choice");
		await page.keyboard.press("ArrowLeft");
		assert.equal(await count(), COPY - 1);
		assert.ok(await inside("bar"), "after a step");
		await page.locator("#code .lines").focus();
		await page.keyboard.press("ArrowRight");
		assert.equal(await count(), COPY);
		assert.ok(await inside("code"));
	});
	test("catches an entry in figures that cannot be chosen by a touch", async () => {
		await goTo(COPY);
		const row = page.locator("#pane0 .lens tr").nth(1);
		const index = parseInt(await row.locator("th").textContent(), 16);
		await row.click();
		const [, [at]] = await walked();
		assert.equal((at & 0xfff) / 4, index);
	});
});

describe("looks and names", () => {
	test("catches letters that cannot be read, in any scheme", async () => {
		for (const scheme of ["light", "dark"]) {
			await page.emulateMedia({ colorScheme: scheme });
			for (const number of SHOWN) {
				await goTo(number);
				const faint = (await page.evaluate(texts)).map(([text, ink, ground, px]) =>
					[contrast(ink, ground), px, text, ink, ground]).filter(([ratio, px]) =>
					ratio < 4.5 || px < 11);
				assert.deepEqual(faint, [], `${scheme}, step ${number}`);
			}
		}
		await page.emulateMedia({ colorScheme: "light" });
	});
	test("catches two kinds of cells that only their colour tells apart", async () => {
		for (const scheme of ["light", "dark"]) {
			await page.emulateMedia({ colorScheme: scheme });
			const kinds = await page.locator("#legend i:not(.m, .f)").evaluateAll((all) =>
				all.map((i) => [i.className, getComputedStyle(i).backgroundImage,
					getComputedStyle(i).backgroundColor]));
			assert.equal(kinds.length, 8);
			for (const [name, mark, colour] of kinds)
				for (const [other, mark2, colour2] of kinds)
					assert.ok(name === other || mark !== mark2 || contrast(colour, colour2) > 2.2,
						`${scheme}: ${name} and ${other}`);
			assert.equal(new Set(kinds.map((k) => k[2])).size, 8);
		}
		await page.emulateMedia({ colorScheme: "light" });
		await goTo(COPY);
		const mark = (where) => page.locator(where).first().evaluate((e) =>
			getComputedStyle(e).backgroundImage);
		assert.match(await mark(".grid i.cow"), /svg/);
		assert.equal(await mark(".grid i.cow"), await mark("#legend i.cow"));
	});
	test("catches a switch of light and dark that does nothing", async () => {
		const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
		const button = page.locator("#theme");
		await page.emulateMedia({ colorScheme: "dark" });
		// The page hears of the scheme by an event, later than matchMedia says it.
		await until(() => page.evaluate(() => document.documentElement.dataset.theme === "dark"));
		const dark = await ground();
		await button.click();
		assert.match(await button.getAttribute("aria-label"), /: light/);
		const light = await ground();
		assert.notEqual(light, dark);
		await page.keyboard.press("t");
		await page.emulateMedia({ colorScheme: "light" });
		assert.equal(await ground(), dark, "dark by choice");
		await page.keyboard.press("t");
		assert.match(await button.getAttribute("aria-label"), /as the system/);
		await until(() => page.evaluate(() => document.documentElement.dataset.theme === "light"));
		assert.equal(await ground(), light);
	});
	test("catches a step that is not read out", async () => {
		const live = () => page.locator("#caption").evaluate((e) => [e.ariaLive, e.textContent]);
		for (const number of SHOWN) {
			await goTo(number);
			const { text } = FILM.steps[number];
			assert.deepEqual(await live(), ["polite", text]);
			assert.equal(await page.locator("#slider").getAttribute("aria-valuetext"),
				`step ${number}: ${text}`);
		}
		await goTo(COPY - 2);
		await page.getByRole("button", { name: "Play" }).click();
		await until(async () => await count() >= COPY);
		assert.equal((await live())[0], "polite", "also while it plays");
		await page.getByRole("button", { name: "Pause" }).click();
	});
	test("catches a control, a grid or a cell without a name", async () => {
		const session = await page.context().newCDPSession(page);
		for (const number of SHOWN) {
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
		// The last two: 1280 x 800 and 1920 x 1080 at 200 %.
		for (const [width, height] of [[1024, 768], [1280, 720], [1920, 1080], [390, 844],
			[640, 400], [960, 540]]) {
			await page.setViewportSize({ width, height });
			for (const number of SHOWN) {
				await goTo(number);
				const wide = await page.evaluate(() => document.documentElement.scrollWidth);
				assert.ok(wide <= width, `${wide} of ${width} at step ${number}`);
				const cut = await page.evaluate(cutOff);
				assert.deepEqual(cut, [], `${width} x ${height}, step ${number}`);
			}
		}
		await page.setViewportSize({ width: 1280, height: 720 });
	});
	test("catches a highlighted line of the source that is cut off", async () => {
		for (const [width, height] of [[1280, 720], [390, 844]]) {
			await page.setViewportSize({ width, height });
			const cut = await page.evaluate((last) => {
				const out = [];
				for (let n = 0; n <= last; n++) {
					go(n);
					const lines = document.querySelector("#code .lines"), now = lines.querySelector(".now code");
					const range = document.createRange();
					range.selectNodeContents(now);
					const seen = lines.getBoundingClientRect(), text = range.getBoundingClientRect();
					if (text.right > seen.left + lines.clientWidth || text.top < seen.top || text.bottom > seen.bottom)
						out.push(`step ${n}: ${now.textContent.trim()}`);
				}
				return out;
			}, LAST);
			assert.deepEqual(cut, [], `${width} x ${height}`);
		}
		await page.setViewportSize({ width: 1280, height: 720 });
	});
	test("catches a telephone on which a step's change is out of sight", async () => {
		await page.setViewportSize({ width: 390, height: 844 });
		for (const number of [MANY, COPY]) {
			await goTo(number);
			for (const part of ["#caption", "#play", "#slider", "#pane0 .grid >> nth=0", "#pane0 .grid >> nth=1",
				"#parts [aria-current=true]"]) {
				const box = await page.locator(part).boundingBox();
				assert.ok(box.y >= 0 && box.y + box.height <= 844 && box.x >= 0 && box.x + box.width <= 390,
					`${part}: ${JSON.stringify(box)}`);
			}
		}
		await page.evaluate(() => scrollTo(0, 600));
		assert.ok((await page.locator("#caption").boundingBox()).y >= 0, "the sentence stays");
		await page.setViewportSize({ width: 1280, height: 720 });
	});
	test("catches a projector on which the tables do not fit, or letters are small", async () => {
		await page.setViewportSize({ width: 1920, height: 1080 });
		for (const number of SHOWN) {
			await goTo(number);
			const tall = await page.evaluate(() => document.documentElement.scrollHeight);
			assert.ok(tall <= 1080, `${tall} at step ${number}`);
			const px = (where) => page.locator(where).first().evaluate((e) => parseFloat(getComputedStyle(e).fontSize));
			assert.ok(await px("#caption") >= 28 && await px("#code .now") >= 17 && await px("#walk td") >= 16);
		}
		await page.setViewportSize({ width: 1280, height: 720 });
	});
});

// In the page: [words, ink, ground, size] of all text that is shown.
function texts() {
	const out = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	const ground = (e) => {
		const colour = getComputedStyle(e).backgroundColor;
		return /, 0\)$/.test(colour) && e.parentElement ? ground(e.parentElement) : colour;
	};
	while (walker.nextNode()) {
		const e = walker.currentNode.parentElement, words = walker.currentNode.textContent.trim();
		if (words && e.checkVisibility() && !["SCRIPT", "STYLE"].includes(e.tagName))
			out.push([words, getComputedStyle(e).color, ground(e), parseFloat(getComputedStyle(e).fontSize)]);
	}
	return out;
}

// In the page: the headings whose text does not fit into them.
function cutOff() {
	return [...document.querySelectorAll("h1, h2, h2 small, .cr3, .verdict, button, #caption")]
		.filter((e) => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1 && e.clientWidth &&
			getComputedStyle(e).overflow !== "visible")
		.map((e) => e.textContent);
}

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
