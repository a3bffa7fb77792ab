// What the page is made of: facts.json (sources, numbers, the tour), the Python files, and
// the machine's disks and BIOS. A student may drop others on the page.

const MANIFEST = ["boot.gz", "fs.gz", "bios.bin", "vgabios.bin", "facts.json", "python.json"];

// Fetches all; progress(percent, text). Returns {wasm, boot, fs, bios, vgabios: ArrayBuffer,
// facts, python}.
export async function fetchFiles(progress) {
	let got = 0;
	const parts = await Promise.all(MANIFEST.map(async (name) => {
		const response = await fetch(`data/${name}`);
		if (!response.ok)
			throw new Error(`data/${name}: ${response.status}`);
		const body = name.endsWith(".gz") ? response.body.pipeThrough(new DecompressionStream("gzip")) : response.body;
		const bytes = await new Response(body).arrayBuffer();
		progress(80 * ++got / MANIFEST.length, `loading: ${name}`);
		return bytes;
	}));
	const [boot, fs, bios, vgabios, facts, python] = parts;
	const json = (bytes) => JSON.parse(new TextDecoder().decode(bytes));
	return { wasm: "vendor/v86.wasm", boot, fs, bios, vgabios, facts: json(facts), python: json(python) };
}

// The same files with those that were dropped: a boot disk (*.img that holds a kernel in
// its 17th sector), a file system (any other *.img), the kernel, sources (*.c *.h *.S).
export async function readDropped(list, files) {
	const out = { ...files, facts: { ...files.facts, sources: { ...files.facts.sources } } };
	for (const file of list) {
		const bytes = await file.arrayBuffer(), view = new Uint8Array(bytes);
		if (/\.[chS]$/.test(file.name)) {
			const path = Object.keys(out.facts.sources).find((p) => p.split("/").pop() === file.name) ?? file.name;
			out.facts.sources[path] = new TextDecoder().decode(bytes);
		} else if (isElf(view, 0)) {
			out.kernel = view;
		} else if (isElf(view, 16 * 512)) {
			out.boot = bytes;
			if (!list.some((f) => f.name === "kernel"))
				delete out.kernel;
		} else if (file.name.endsWith(".img")) {
			out.fs = bytes;
		} else {
			throw new Error(`${file.name}: drop kernel, cr3.img, fs.img, or a source file`);
		}
	}
	return out;
}

function isElf(bytes, at) {
	return bytes[at] === 0x7f && bytes[at + 1] === 0x45 && bytes[at + 2] === 0x4c && bytes[at + 3] === 0x46;
}
