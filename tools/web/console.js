// The terminal pane: xterm.js on the machine's serial line.
import { Terminal } from "xterm";

export class Console {
	// typed(text): what the keyboard sent.
	constructor(box, typed) {
		this.terminal = new Terminal({ fontSize: 13, rows: 8, cols: 80, scrollback: 2000, screenReaderMode: true });
		this.terminal.open(box);
		this.terminal.onData(typed);
		this.terminal.attachCustomKeyEventHandler((e) => e.key !== "Tab");      // Tab leaves the pane
		new ResizeObserver(() => this.fit(box)).observe(box);
	}
	// As many rows and columns as there is room for.
	fit(box) {
		const row = box.querySelector(".xterm-rows > div")?.getBoundingClientRect().height || 17;
		const rows = Math.max(3, Math.floor((box.clientHeight - 4) / row));
		const cols = Math.max(20, Math.min(120, Math.floor((box.clientWidth - 20) / 7.9)));
		if (rows !== this.terminal.rows || cols !== this.terminal.cols)
			this.terminal.resize(cols, rows);
	}
	byte(b) {
		this.terminal.write(Uint8Array.of(b));
	}
	clear() {
		this.terminal.reset();
	}
}
