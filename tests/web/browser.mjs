// A browser for the tests: Debian's chromium, a new empty profile, no network.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const ROOT = resolve(import.meta.dirname ?? ".", "../..");
export const BUILD = resolve(ROOT, process.env.B ?? "build");
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic",
	"--no-first-run", "--disable-background-networking", "--disable-component-update",
	"--disable-sync"];

// Opens a file of build/. Returns {page, said, asked, close}: said collects what the
// page wrote to the console and every error, asked the addresses it requested.
export async function open(name, options = {}) {
	const profile = mkdtempSync(join(tmpdir(), "cr3-web-"));
	const context = await chromium.launchPersistentContext(profile, {
		executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", headless: true,
		args: FLAGS, viewport: { width: 1280, height: 720 }, ...options });
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
