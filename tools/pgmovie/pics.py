#!/usr/bin/env python3
"""pics.py FILM DIR: the film's steps as SVG files, for slides and handouts.

A file for each step that is not like the one before: DIR/NNN-CHAPTER.svg, where NNN is
the step's number in the page, 1280 x 720, text as text, light colours. Besides, an
index.html that shows them all. No other files may be in DIR.
"""
import json
import os
import re
import sys
from html import escape

from film import EMPTY, P, PS, changed, states
from page import kinds

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../gdb"))
from ptcore import flags_text  # noqa: E402 (the path comes first)

WIDTH, HEIGHT, CELL = 1280, 720, 12
SANS, MONO = "DejaVu Sans, Verdana, sans-serif", "DejaVu Sans Mono, monospace"
COLOUR = {k["kind"]: k["light"] for k in kinds()}
INK, SOFT, LINE, MARK, WRONG = "#14181d", "#555f6b", "#cfd5dc", "#ffd400", "#c8102e"
SHOWN = 17      # lines of code


def text(x, y, words, size=15, fill=INK, font=SANS, more=""):
    """A line of text, its baseline at y."""
    return (f'<text x="{x}" y="{y}" font-size="{size}" fill="{fill}" '
            f'font-family="{font}" xml:space="preserve"{more}>{escape(words)}</text>')


def rect(x, y, w, h, fill, more=""):
    """A filled rectangle."""
    return f'<rect x="{x}" y="{y}" width="{w}" height="{h}" fill="{fill}"{more}/>'


def wrap(words, most):
    """A sentence as lines of at most `most` letters."""
    out = [""]
    for word in words.split():
        if out[-1] and len(out[-1]) + 1 + len(word) > most:
            out.append("")
        out[-1] = f"{out[-1]} {word}".strip()
    return out


def grid(x, y, kind, marked, wrong=None):
    """1024 cells. kind: the kind of an entry by index. Runs of a colour in a row
    are one path, so that the file stays small."""
    out = [rect(x, y, 32 * CELL, 32 * CELL, "#ffffff",
                f' stroke="{LINE}" stroke-width="1"')]
    paths = {}
    for i in range(1024):
        cx, cy = x + i % 32 * CELL, y + i // 32 * CELL
        paths.setdefault(kind[i], []).append(f"M{cx + .5} {cy + .5}h11v11h-11z")
    out += [f'<path d="{"".join(d)}" fill="{COLOUR[k]}"/>' for k, d in paths.items()]
    out += [f'<path d="{outline(x, y, marked)}" fill="none" stroke="{c}" '
            f'stroke-width="{w}"/>' for c, w in ((INK, 5), (MARK, 3)) if marked]
    if wrong is not None:
        cx, cy = x + wrong % 32 * CELL, y + wrong // 32 * CELL
        out.append(f'<path d="M{cx - 2} {cy - 2}h16v16h-16zM{cx} {cy}l12 12m0 -12l-12 '
                   f'12" fill="none" stroke="{WRONG}" stroke-width="3"/>')
    return "".join(out)


def outline(x, y, marked):
    """The contour of a set of cells, as a path."""
    out = []
    for i in marked:
        cx, cy = x + i % 32 * CELL, y + i // 32 * CELL
        if i - 32 not in marked:
            out.append(f"M{cx} {cy}h{CELL}")
        if i + 32 not in marked:
            out.append(f"M{cx} {cy + CELL}h{CELL}")
        if i % 32 == 0 or i - 1 not in marked:
            out.append(f"M{cx} {cy}v{CELL}")
        if i % 32 == 31 or i + 1 not in marked:
            out.append(f"M{cx + CELL} {cy}v{CELL}")
    return "".join(out)


def used(state):
    """The frames that are a directory or a table."""
    out = set(state.spaces.values())
    for pa in state.spaces.values():
        out |= {e & ~0xFFF for e in state.table(pa) if e & P and not e & PS}
    return out


def fresh(before, state, pa):
    """The indexes of a frame's entries that the step has changed."""
    if before is None:
        return set()
    old = before.frames.get(pa, EMPTY) if pa in used(before) else EMPTY
    return set(changed(old, state.frames.get(pa, EMPTY)))


def chosen(before, state, last):
    """The index of the directory's entry that the picture is about: of the step's
    address, of the first table that changed, or the last one again."""
    look, space = state.step["look"], state.step["show"]
    if look is not None:
        return look >> 22
    pa = state.spaces[space]
    directory = state.table(pa)
    for i, e in enumerate(directory):
        table = e & ~0xFFF
        if e & P and not e & PS and table != pa and fresh(before, state, table):
            return i
    mine = fresh(before, state, pa)
    if mine:
        return min(mine)
    if directory[last] & P:
        return last
    return next((i for i, e in enumerate(directory) if e & P), 0)


def draw_tables(before, state, index):
    """Directory and table, with their headings."""
    step, space = state.step, state.step["show"]
    pa, y = state.spaces[space], 152
    in_cr3 = ("  (in CR3)" if step["paging"] else "  (in CR3, paging off)") \
        if step["cr3"] == pa else ""
    pde = state.table(pa)[index]
    wrong = step["look"] if step["fault"] else None
    absent = not pde & P
    out = [text(24, 124, f"Directory of {space}{in_cr3}", 17, more=' font-weight="bold"'),
           text(24, 144, f"frame {pa:08x}", 14, SOFT),
           grid(24, y, [state.kind(space, i) for i in range(1024)],
                fresh(before, state, pa), index if wrong and absent else None)]
    x = 24 + 32 * CELL + 24
    if absent or pde & PS:
        why = "names no table" if absent else "maps 4 MB itself"
        out.append(text(x, 124, f"Entry {index:#x} {why}", 17, SOFT))
        return "".join(out)
    cell = (24 + index % 32 * CELL, y + index // 32 * CELL)
    out.append(f'<path d="M{cell[0]} {cell[1]}h{CELL}v{CELL}h-{CELL}z" fill="none" '
               f'stroke="{INK}" stroke-width="2"/>')
    table = pde & ~0xFFF
    out += [text(x, 124, f"Table {index:#x}", 17, more=' font-weight="bold"'),
            text(x, 144, f"{index << 22:08x}–{(index << 22) + 0x3FFFFF:08x}, "
                 f"frame {table:08x}", 14, SOFT),
            grid(x, y, [state.kind(space, index, i) for i in range(1024)],
                 fresh(before, state, table),
                 wrong >> 12 & 0x3FF if wrong else None)]
    return "".join(out)


def draw_code(film, step):
    """The function's lines around the one that did it."""
    code, x, y = film["code"][step["code"]], 852, 124
    at = step["line"] - code["first"]
    first = max(0, min(at - SHOWN // 2, len(code["lines"]) - SHOWN))
    out = [text(x, y, f"{code['file']}: {code['name']}", 16, font=MONO,
                more=' font-weight="bold"')]
    if step["via"]:
        out.append(text(x, y + 20, f"called by {step['via']}", 13, SOFT))
    for i, line in enumerate(code["lines"][first:first + SHOWN]):
        cy = y + 48 + i * 20
        here = first + i == at
        if here:
            out.append(rect(x - 6, cy - 15, 410, 20, "#fff1a8"))
        line = line.expandtabs(4)
        line = line if len(line) <= 47 else line[:46] + "…"
        out.append(text(x, cy, line, 13.5, INK if here else SOFT, MONO,
                        ' font-weight="bold"' if here else ""))
    return "".join(out)


def draw_entry(state, index):
    """The entries on the way to the step's address, in figures."""
    step = state.step
    va = step["look"] if step["look"] is not None else index << 22
    pa = state.spaces[step["show"]]
    pde = state.table(pa)[va >> 22]
    lines = [f"va  {va:08x} = {va >> 22:#x} | {va >> 12 & 0x3FF:#x} | {va & 0xFFF:#x}",
             f"PDE at {pa + 4 * (va >> 22):08x} = {pde:08x}"]
    if pde & P and not pde & PS and step["look"] is not None:
        table = pde & ~0xFFF
        i = va >> 12 & 0x3FF
        lines.append(f"PTE at {table + 4 * i:08x} = {state.table(table)[i]:08x}")
    return "".join(text(852, 560 + 22 * i, line, 15, font=MONO)
                   for i, line in enumerate(lines))


def draw_strip(before, state, space, index, y):
    """Eight entries of a space's table, in figures, around the step's address or the
    first that changed."""
    pde = state.table(state.spaces[space])[index]
    if not pde & P or pde & PS:
        return ""
    table, look = pde & ~0xFFF, state.step["look"]
    marked = fresh(before, state, table)
    at = look >> 12 & 0x3FF if look is not None else min(marked, default=0)
    out = [text(24, y + 14, space, 14, more=' font-weight="bold"'),
           text(24, y + 32, f"from {at & ~7:#x} on", 13, SOFT)]
    for n in range(8):
        i, x = (at & ~7) + n, 130 + n * 86
        e = state.table(table)[i]
        stroke = f' stroke="{MARK}" stroke-width="4"' if i in marked else \
            f' stroke="{LINE}"'
        out += [rect(x, y, 82, 8, COLOUR[state.kind(space, index, i)]),
                rect(x, y, 82, 38, "none", stroke),
                text(x + 6, y + 22, f"{e & ~0xFFF:08x}" if e & P else "-", 12,
                     INK if e & P else SOFT, MONO),
                text(x + 6, y + 35, flags_text(e) if e & P else "", 10.5, INK, MONO)]
    return "".join(out)


def legend():
    """What the colours mean, along the lower edge."""
    out, x = [], 24
    for k in kinds():
        out += [rect(x, 676, 16, 16, k["light"], f' stroke="{LINE}"'),
                text(x + 22, 689, k["short"], 14)]
        x += 46 + 8.4 * len(k["short"])
    out.append(rect(x + 1, 677, 14, 14, "#ffffff",
                    f' stroke="{MARK}" stroke-width="3"'))
    out.append(text(x + 22, 689, "changed", 14))
    return "".join(out)


def picture(film, before, state, index):
    """One SVG. index: the directory's entry whose table is shown."""
    step = state.step
    caption = wrap(step["text"], 104)
    label = escape(step["text"], quote=True)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
            f'role="img" aria-label="{label}"><title>{escape(step["text"])}</title>' +
            rect(0, 0, WIDTH, HEIGHT, "#ffffff") +
            text(24, 34, f"{step['part']}, step {state.number}", 14, SOFT) +
            "".join(text(24, 62 + 27 * i, line, 21) for i, line in enumerate(caption)) +
            draw_tables(before, state, index) + draw_code(film, step) +
            draw_strip(before, state, step["show"], index, 556) +
            (draw_strip(before, state, step["other"], index, 612)
             if step["other"] in state.spaces else "") +
            draw_entry(state, index) + legend() + "</svg>\n")


def index_page(names):
    """An HTML page that shows all pictures."""
    rows = "\n".join(f'<p><a href="{n}"><img src="{n}" width="960" alt=""></a></p>'
                     for n in names)
    return f'<!doctype html>\n<meta charset="utf-8">\n<title>cr3: pictures</title>\n' \
        f'{rows}\n'


def main():
    """See above."""
    with open(sys.argv[1], encoding="utf-8") as f:
        film = json.load(f)
    out, before, index, names = sys.argv[2], None, 0, []
    os.makedirs(out, exist_ok=True)
    for old in os.listdir(out):
        os.unlink(os.path.join(out, old))
    for state in states(film):
        index = chosen(before, state, index)
        if not state.step["same"]:
            part = re.sub(r"\W+", "-", state.step["part"])
            names.append(f"{state.number:03}-{part}.svg")
            with open(os.path.join(out, names[-1]), "w", encoding="utf-8") as f:
                f.write(picture(film, before, state, index))
        before = state
    with open(os.path.join(out, "index.html"), "w", encoding="utf-8") as f:
        f.write(index_page(names))


if __name__ == "__main__":
    main()
