"""Shapes for the pictures: text, grids of cells and bars as SVG text.

Only what every program that reads SVG knows: rectangles, paths and text. No style
sheet, no pattern, no script, no font that must be there.
"""
from html import escape

from page import kinds

CELL = 12       # a cell's side; the marks of kinds.json are drawn for 12
SANS = "DejaVu Sans, Bitstream Vera Sans, Verdana, sans-serif"
MONO = "DejaVu Sans Mono, Bitstream Vera Sans Mono, Menlo, Consolas, monospace"
KIND = {k["kind"]: k for k in kinds()}
COLOUR = {name: k["light"] for name, k in KIND.items()}
INK, SOFT, LINE, CHANGED, WRONG = "#14181d", "#4a5460", "#c5ccd4", "#ffd400", "#c8102e"


def text(x, y, words, size=16, fill=INK, font=SANS, bold=False):
    """A line of text, its baseline at y."""
    weight = ' font-weight="bold"' if bold else ""
    return (f'<text x="{x}" y="{y}" font-size="{size}" fill="{fill}" '
            f'font-family="{font}" xml:space="preserve"{weight}>{escape(words)}</text>')


def rect(x, y, w, h, fill, more=""):
    """A filled rectangle."""
    return f'<rect x="{x}" y="{y}" width="{w}" height="{h}" fill="{fill}"{more}/>'


def line(d, colour, width, fill="none"):
    """A path that is drawn, not filled."""
    return f'<path d="{d}" fill="{fill}" stroke="{colour}" stroke-width="{width}"/>'


def wrap(words, most):
    """A sentence as lines of at most `most` letters."""
    out = [""]
    for word in words.split():
        if out[-1] and len(out[-1]) + 1 + len(word) > most:
            out.append("")
        out[-1] = f"{out[-1]} {word}".strip()
    return out


def place(x, y, i):
    """The upper left corner of cell i of a grid at x, y."""
    return x + i % 32 * CELL, y + i // 32 * CELL


def stretches(kind):
    """[(kind, first, n)]: the neighbours of a kind in a row, but for absent ones."""
    out = []
    for i, k in enumerate(kind):
        if out and i % 32 and out[-1][0] == k:
            out[-1][2] += 1
        else:
            out.append([k, i, 1])
    return [s for s in out if s[0] != "absent"]


def cells(x, y, kind):
    """1024 cells, coloured and marked. kind: the kind of an entry by index."""
    side, fills, marks = 32 * CELL, {}, {}
    for k, first, n in stretches(kind):
        cx, cy = place(x, y, first)
        fills.setdefault(k, []).append(f"M{cx} {cy}h{n * CELL}v{CELL}h-{n * CELL}z")
        for i in range(first, first + n) if KIND[k]["mark"] else ():
            marks.setdefault(k, []).append(moved(KIND[k]["mark"], *place(x, y, i)))
    rules = "".join(f"M{x} {y + n * CELL}h{side}M{x + n * CELL} {y}v{side}"
                    for n in range(1, 32))
    return (rect(x, y, side, side, COLOUR["absent"]) +
            "".join(f'<path class="{k}" d="{"".join(d)}" fill="{COLOUR[k]}"/>'
                    for k, d in fills.items()) + line(rules, "#ffffff", 1) +
            "".join(line("".join(d), KIND[k]["ink"], 1.6) for k, d in marks.items()) +
            rect(x - .5, y - .5, side + 1, side + 1, "none", f' stroke="{LINE}"'))


def moved(path, x, y):
    """A mark's path, whose M's are absolute, at x, y."""
    out = []
    for part in path.split("M")[1:]:
        head = part.replace(" ", "~", 1)
        at = next((i for i, c in enumerate(head) if c in "lhv"), len(head))
        dx, dy = head[:at].split("~")
        out.append(f"M{x + float(dx):g} {y + float(dy):g}{part[at:]}")
    return "".join(out)


def swatch(x, y, kind):
    """A cell of a kind as the legend shows it, 18 wide."""
    k = KIND[kind]
    return (f'<g transform="translate({x} {y}) scale(1.5)">'
            f'{rect(0, 0, CELL, CELL, k["light"])}'
            f'{line(k["mark"], k["ink"], 1.6) if k["mark"] else ""}</g>')


def contour(x, y, marked):
    """The outline of a set of cells, as a path."""
    out = []
    for i in sorted(marked):
        cx, cy = place(x, y, i)
        if i - 32 not in marked:
            out.append(f"M{cx} {cy}h{CELL}")
        if i + 32 not in marked:
            out.append(f"M{cx} {cy + CELL}h{CELL}")
        if i % 32 == 0 or i - 1 not in marked:
            out.append(f"M{cx} {cy}v{CELL}")
        if i % 32 == 31 or i + 1 not in marked:
            out.append(f"M{cx + CELL} {cy}v{CELL}")
    return "".join(out)


def outlined(x, y, marked):
    """Marks a set of cells as changed: yellow, edged in black, square at the ends."""
    d = contour(x, y, marked)
    return "" if not marked else "".join(
        f'<path d="{d}" fill="none" stroke="{c}" stroke-width="{w}" '
        'stroke-linecap="square"/>' for c, w in ((INK, 6), (CHANGED, 3)))


def crossed(x, y, i):
    """Marks a cell as the one at which the walk ends in a fault."""
    cx, cy = place(x, y, i)
    return line(f"M{cx - 4} {cy - 4}h20v20h-20z", "#ffffff", 6) + line(
        f"M{cx - 4} {cy - 4}h20v20h-20zM{cx - 1} {cy - 1}l14 14m0 -14l-14 14", WRONG, 3)


def chosen(x, y, i):
    """Marks the directory's cell whose table is shown."""
    cx, cy = place(x, y, i)
    return line(f"M{cx - .5} {cy - .5}h13v13h-13z", "#ffffff", 1.5) + \
        line(f"M{cx - 2.5} {cy - 2.5}h17v17h-17z", INK, 2.5)
