// What all of the page stands on: the film, what is shown of it, and how elements are
// made. What is shown follows from four things: the state's number, the selected
// address, whether it is only a directory entry that is meant, and in which space.
const FILM = JSON.parse(document.getElementById("film").textContent);
const KINDS = FILM.kinds;
const STATES = makeStates(FILM);
const $ = (id) => document.getElementById(id);
const now = { number: 0, space: "", pdx: 0, ptx: null, timer: 0 };
const short = (kind) => KINDS.find((k) => k.kind === kind).short;
const words = (kind) => KINDS.find((k) => k.kind === kind).words;
const state = () => STATES[now.number];
const before = () => STATES[now.number - 1];

// A new element: el("td", {class: "x"}, "text", child, ...).
function el(tag, attributes = {}, ...children) {
	const out = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes))
		if (value !== null && value !== undefined && value !== false)
			out.setAttribute(name, value);
	out.append(...children);
	return out;
}

function size(bytes) {
	if (bytes >= 1 << 30)
		return `${+(bytes / (1 << 30)).toFixed(1)} GB`;
	return bytes >= 1 << 20 ? `${+(bytes / (1 << 20)).toFixed(1)} MB` : `${bytes >> 10} KB`;
}

// Fills an element anew. What had the keyboard's focus in it is followed by what then
// stands at its place, so that no step takes the focus away.
function refill(root, ...children) {
	const stops = () => [...root.querySelectorAll("button, [tabindex]")];
	const at = stops().indexOf(document.activeElement);
	root.replaceChildren(...children);
	if (at >= 0)
		stops()[Math.min(at, stops().length - 1)]?.focus({ preventScroll: true });
}
