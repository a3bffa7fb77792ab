// The film of a guest, cr3 in cr3: its states against each other, and its page. Each test
// says which bug it would catch.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, test } from "node:test";
import { BUILD, ROOT, hands, hex8, open } from "./browser.mjs";

const { makeStates, walk, mapped } = createRequire(import.meta.url)(
	join(ROOT, "tools/pgmovie/model.js"));
const FILM = JSON.parse(readFileSync(join(BUILD, "guestmovie.json"), "utf8"));
const STATES = makeStates(FILM);
const [P, W, U] = [1, 2, 4];

// Every page of a space: [[address, walk]].
const pages = (s, space) => mapped(s, space).flatMap(({ start, end }) => {
	const out = [];
	for (let va = start; va < end; va += 4096)
		out.push([va, walk(s, space, va)]);
	return out;
});

// Is a table out of sync at this step, or may one be?
const later = (s) => s.number >= STATES.findIndex((x) => x.step.part === "out of sync");

describe("states", () => {
	test("catches a shadow that is no composition of the guest's and the monitor's tables", () => {
		let compared = 0;
		for (const s of STATES.filter((x) => x.spaces.has("guest") && x.spaces.has("shadow")))
			for (const [va, shadow] of pages(s, "shadow")) {
				const guest = walk(s, "guest", va), where = `step ${s.number}, ${hex8(va)}`;
				if (later(s) && guest.pa === null)
					continue; // out of sync, as a TLB may be
				assert.notEqual(guest.pa, null, where);
				const host = walk(s, "monitor", FILM.about.guest + guest.pa);
				assert.equal(hex8(host.pa), hex8(shadow.pa), where);
				assert.ok(!shadow.user || guest.user, `${where}: U`);
				assert.ok(!shadow.write || guest.write && host.write, `${where}: W`);
				compared++;
			}
		assert.ok(compared > 500, `${compared} pages`);
	});
	test("catches a step that does not show what it says", () => {
		const step = (words) => STATES.find((s) => s.step.text.includes(words));
		const entry = (s, space, va = s.step.look) => walk(s, space, va).entries.at(-1);
		const big = step("two pages of 4 MB");
		assert.ok(walk(big, "guest", big.step.look).big && !walk(big, "shadow", big.step.look).big);
		const store = step("its own tables"), synced = step("takes W away again");
		assert.ok(entry(store, "shadow").value & W);
		assert.equal(entry(STATES[store.number - 1], "shadow", store.step.look).value & W, 0);
		assert.equal(entry(synced, "shadow").value & (P | W), P);
		const own = step("the host hands it on"), brought = step("faults once more");
		assert.equal(entry(own, "guest").value & P, 0);
		assert.ok(entry(brought, "guest").value & P && entry(brought, "shadow").value & U);
		const two = step("So do the shadows");
		assert.equal(walk(two, "shadow", two.step.look).entries[1].at,
			walk(two, "other shadow", two.step.look).entries[1].at);
	});
});

test("catches a page that cannot show a guest", async () => {
	const browser = await open("guestmovie.html");
	try {
		const { goTo, caption } = hands(browser.page);
		for (const { step, number } of STATES) {
			await goTo(number);
			assert.equal(await caption(), step.text);
			const titles = await browser.page.locator(".pane h2").allTextContents();
			assert.ok(titles.some((t) => t.startsWith(`Directory of ${step.show} `)), titles.join());
			const pa = hex8(STATES[number].spaces.get(step.show));
			assert.ok(titles.some((t) => t.includes(`frame ${pa}`)), titles.join());
			const box = await browser.page.locator("#bar").boundingBox();
			const low = await browser.page.locator("#bar li").last().boundingBox();
			assert.ok(low.y + low.height < box.y + box.height + 2, `step ${number}: the bar is too long`);
		}
		assert.deepEqual(browser.said, []);
	} finally {
		await browser.close();
	}
});
