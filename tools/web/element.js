// <cr3-machine stop="walkpgdir:3" view="pde512">: a small running kernel inside of a page, with
// its code, its tables, step, next and back. It is loaded when the reader asks for it. A plain
// script, so that a page read from a disk takes it too: there a link stands in its place,
// as a browser reads no machine from a disk.
(() => {
	const home = new URL(".", document.currentScript.src).href;
	customElements.define("cr3-machine", class extends HTMLElement {
		connectedCallback() {
			const hash = new URLSearchParams({ stop: this.getAttribute("stop") ?? "kvmalloc" });
			if (this.getAttribute("view"))
				hash.set("view", this.getAttribute("view"));
			const what = this.textContent.trim() || `cr3, at ${hash.get("stop")}`;
			if (location.protocol === "file:")
				this.replaceChildren(this.link(hash, what));
			else
				this.replaceChildren(this.button(hash, what), " ", this.link(hash, "the whole page"));
		}
		link(hash, text) {
			const link = document.createElement("a");
			link.href = `${home}index.html#${hash}`;
			link.textContent = text;
			return link;
		}
		button(hash, what) {
			const button = document.createElement("button");
			button.textContent = what;
			button.addEventListener("click", () => {
				const frame = document.createElement("iframe");
				frame.src = `${home}index.html#small=1&${hash}`;
				frame.title = what;
				frame.style.cssText = "width: 100%; height: 26em; border: 1px solid; display: block";
				button.replaceWith(frame);
				frame.focus();
			});
			return button;
		}
	});
})();
