// What GDB and QEMU say of the places at which the live page stood: truth.py on a machine
// with the same disks and the same memory.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BUILD, ROOT } from "./live.mjs";

const SECONDS = 300;

// places: [[address, [commands], line]], in the order in which the machine comes there.
// Returns [{at, directories, digest, answers, passes}]: see truth.py.
export function truth(places, { memory = 32 } = {}) {
	const folder = mkdtempSync(join(tmpdir(), "cr3-truth-"));
	const qemu = `exec timeout -s KILL ${SECONDS} ${process.env.QEMU || "qemu-system-i386"} -m ${memory} -nic none ` +
		["cr3", "fresh"].map((name, i) => `-drive file=${BUILD}/${name}.img,index=${i},media=disk,format=raw,file.locking=off `).join("") +
		`-monitor unix:${folder}/monitor,server=on,wait=off -snapshot -no-reboot -display none -serial null -S -gdb stdio`;
	writeFileSync(join(folder, "places"), JSON.stringify(places.map(([at, commands = [], line = null]) => [at, commands, line])));
	try {
		execFileSync(process.env.GDB || "gdb", ["-q", "-nx", "-batch", "-ex", "set pagination off",
			"-ex", `file ${BUILD}/kernel`, "-ex", "source tools/gdb/cr3.py",
			"-ex", `target remote | ${qemu}`, "-x", "tests/web/truth.py"],
		{ cwd: ROOT, timeout: SECONDS * 1000, stdio: ["ignore", "pipe", "pipe"],
			env: { ...process.env, PLACES: join(folder, "places"), MONITOR: join(folder, "monitor"), TRUTH: join(folder, "truth") } });
		return JSON.parse(readFileSync(join(folder, "truth"), "utf8"));
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}
