"""The panels of a picture: directory, table, entries in figures, code, the address space
as a bar, the legend. Each function returns SVG text for the state after a step.

A state is film.State; before is the one before it, or None; index the directory's entry
whose table is shown.
"""
import os
import sys

import draw
from draw import CELL, COLOUR, INK, LINE, MONO, SOFT, rect, text
from film import EMPTY, P, PS, changed

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../gdb"))
from ptcore import flags_text  # noqa: E402 (the path comes first)

LEFT, TOP = 24, 152             # the directory's grid
SECOND = LEFT + 34 * CELL       # the table's
LINES, LETTERS = 16, 47         # of code on a slide
STRIP = 6                       # entries that are shown in figures


# ---- What a step changed -------------------------------------------------------
def used(state):
    """The frames that are a directory or a table."""
    out = set(state.spaces.values())
    for space, pa in state.spaces.items():
        out |= {state.below(space, e) for e in state.table(pa) if e & P and not e & PS}
    return out


def address(pa):
    """A physical address, without the bit that says whose it is."""
    return f"{pa & 0xFFFFFFFF:08x}"


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
        table = state.below(space, e)
        if e & P and not e & PS and table != pa and fresh(before, state, table):
            return i
    mine = fresh(before, state, pa)
    if mine:
        return min(mine)
    if directory[last] & P:
        return last
    return next((i for i, e in enumerate(directory) if e & P), 0)


# ---- The tables ----------------------------------------------------------------
def heading(x, words, more):
    """What a grid is, and where it lies."""
    return text(x, 122, words, 18, bold=True) + text(x, 144, more, 15, SOFT)


def draw_directory(before, state, index):
    """The directory of the step's space. index: the entry whose table is shown."""
    step, space = state.step, state.step["show"]
    pa = state.spaces[space]
    in_cr3 = ", in CR3" if step["cr3"] == pa else ""
    off = "" if step["paging"] else ", paging off"
    absent = not state.table(pa)[index] & P
    wrong = step["fault"] and step["look"] is not None and absent
    return heading(LEFT, f"Directory of {space}", f"frame {address(pa)}{in_cr3}{off}") + \
        draw.cells(LEFT, TOP, [state.kind(space, i) for i in range(1024)]) + \
        draw.outlined(LEFT, TOP, fresh(before, state, pa)) + \
        (draw.crossed(LEFT, TOP, index) if wrong else "")


def draw_table(before, state, index):
    """The table that entry `index` of the directory names, or why there is none."""
    step, space = state.step, state.step["show"]
    pde = state.table(state.spaces[space])[index]
    if not pde & P or pde & PS:
        lines = [f"Entry {index:#x} is absent,", "and so are the 4 MB behind it."] \
            if not pde & P else [f"Entry {index:#x} maps 4 MB itself:",
                                 f"{index << 22:08x} leads to {pde & ~0x3FFFFF:08x}."]
        return heading(SECOND, "No table", "") + rect(
            SECOND - .5, TOP - .5, 32 * CELL + 1, 32 * CELL + 1, "none",
            f' stroke="{LINE}" stroke-width="2" stroke-dasharray="6 6"') + "".join(
                text(SECOND + 40, TOP + 180 + 28 * i, words, 18)
                for i, words in enumerate(lines))
    table = state.below(space, pde)
    y = TOP + index // 32 * CELL + CELL // 2
    wrong = step["look"] >> 12 & 0x3FF if step["fault"] and step["look"] else None
    return heading(SECOND, f"Table {index:#x}", f"frame {address(table)}, for "
                   f"{index << 22:08x}–{(index << 22) + 0x3FFFFF:08x}") + \
        draw.cells(SECOND, TOP, [state.kind(space, index, i) for i in range(1024)]) + \
        draw.chosen(LEFT, TOP, index) + \
        f'<path d="M{SECOND - 20} {y - 7}l14 7l-14 7z" fill="{INK}"/>' + \
        draw.outlined(SECOND, TOP, fresh(before, state, table)) + \
        (draw.crossed(SECOND, TOP, wrong) if wrong is not None else "")


def draw_strip(before, state, space, index, y):
    """Some entries of a space's table, in figures, around the step's address or the
    first that changed."""
    pde = state.table(state.spaces[space])[index]
    if not pde & P or pde & PS:
        return ""
    table, look = state.below(space, pde), state.step["look"]
    marked = fresh(before, state, table)
    at = look >> 12 & 0x3FF if look is not None else min(marked, default=0)
    first = max(0, min(at - STRIP // 2, 1024 - STRIP))
    out = [text(LEFT, y + 18, space, 16, bold=True),
           text(LEFT, y + 38, f"from {first:#x} on", 13.5, SOFT)]
    for i in range(first, first + STRIP):
        e, x = state.table(table)[i], 146 + (i - first) * 112
        kind, words = state.kind(space, index, i), flags_text(e) if e & P else ""
        out += [rect(x, y, 108, 7, COLOUR[kind]),
                rect(x, y, 108, 44, "none", f' stroke="{LINE}"'),
                text(x + 8, y + 24, f"{e & ~0xFFF:08x}" if e & P else "-", 16,
                     INK if e & P else SOFT, MONO),
                text(x + 8, y + 40, words, 13.5, INK, MONO)]
        if i in marked:
            d = f"M{x} {y}h108v44h-108z"
            out += [draw.line(d, INK, 6), draw.line(d, draw.CHANGED, 3)]
    return "".join(out)


# ---- The rest ------------------------------------------------------------------
def shorter(words, most):
    """A line of code, indented by four blanks a tab. One that is too long loses its
    comment first."""
    body = words.lstrip("\t")
    out = "    " * (len(words) - len(body)) + body.expandtabs(8)
    if len(out) > most:
        out = out.split("//")[0].rstrip() or out
    return out if len(out) <= most else out[:most - 1] + "…"


def draw_code(code, step, x, y):
    """The function's lines around the one that did it."""
    at = step["line"] - code["first"]
    first = max(0, min(at - LINES // 2, len(code["lines"]) - LINES))
    out = [text(x, y, f"{code['file']}: {code['name']}", 18, bold=True),
           text(x, y + 22, f"called by {step['via']}" if step["via"] else "", 15, SOFT)]
    for i, words in enumerate(code["lines"][first:first + LINES]):
        cy, here = y + 50 + i * 21, first + i == at
        if here:
            out.append(rect(x - 6, cy - 16, 410, 22, "#fff1a8"))
        out.append(text(x, cy, shorter(words, LETTERS), 14, INK, MONO, here))
    return "".join(out)


def draw_line(code, step, x, y, width):
    """The one line of C."""
    words = code["lines"][step["line"] - code["first"]].strip()
    name = f"{code['file']}, {code['name']}:"
    return rect(x, y - 20, width, 28, "#fff1a8") + text(x + 8, y, name, 15) + \
        text(x + 20 + 9.4 * len(name), y, shorter(words, 56), 15, INK, MONO, True)


def draw_entry(state, index, x, y):
    """The entries on the way to the step's address, in figures."""
    step = state.step
    va = step["look"] if step["look"] is not None else index << 22
    pa = state.spaces[step["show"]]
    pde = state.table(pa)[va >> 22]
    lines = [f"va  {va:08x} = {va >> 22:#x}, {va >> 12 & 0x3FF:#x}, {va & 0xFFF:#x}",
             f"PDE at {address(pa + 4 * (va >> 22))} = {pde:08x}"]
    if pde & P and not pde & PS and step["look"] is not None:
        table, i = state.below(step["show"], pde), va >> 12 & 0x3FF
        lines.append(f"PTE at {address(table + 4 * i)} = {state.table(table)[i]:08x}")
    return "".join(text(x, y + 22 * i, words, 15, font=MONO)
                   for i, words in enumerate(lines))


def stretches(state, space):
    """[[first, n, kind]]: the directory's entries that are present, neighbours of a
    kind joined. A user table counts as what its first page is."""
    out = []
    for i, pde in enumerate(state.table(state.spaces[space])):
        if not pde & P:
            continue
        kind = state.kind(space, i)
        if kind.startswith("user"):
            here = [state.kind(space, i, j) for j in range(1024)]
            kind = next((k for k in here if k != "absent"), "absent")
        if out and out[-1][0] + out[-1][1] == i and out[-1][2] == kind:
            out[-1][1] += 1
        else:
            out.append([i, 1, kind])
    return out


def draw_bar(state, x, y, width):
    """The address space as a bar, to scale, but for a least width."""
    step, space, slot = state.step, state.step["show"], width / 1024
    out = [text(x, y - 14, f"All 4 GB of {space}", 15, bold=True),
           rect(x, y, width, 20, COLOUR["absent"], f' stroke="{LINE}"')]
    for first, n, kind in stretches(state, space):
        wide = max(5, n * slot)
        left = x + first * slot if first % 256 < 128 else x + (first + n) * slot - wide
        out.append(rect(f"{left:.1f}", y, f"{wide:.1f}", 20, COLOUR[kind]))
    for at, words, back in ((0, "0", 0), (.5, "80000000", 40), (1, "4 GB", 38)):
        out += [rect(x + at * width - at, y, 1, 27, INK),
                text(x + at * width - back, y + 42, words, 14, SOFT)]
    if step["look"] is not None:
        out.append(f'<path d="M{x + (step["look"] >> 22) * slot:.1f} {y + 1}'
                   f'l-5 -9h10z" fill="{INK}"/>')
    return "".join(out)


def signs(before, state, index):
    """[(svg at 0, 0, words)]: the legend of what is in this picture."""
    space, step = state.step["show"], state.step
    pa = state.spaces[space]
    pde = state.table(pa)[index]
    here = {state.kind(space, i) for i in range(1024)}
    marked = fresh(before, state, pa)
    if pde & (P | PS) == P:
        here |= {state.kind(space, index, i) for i in range(1024)}
        marked |= fresh(before, state, state.below(space, pde))
    out = [(draw.swatch(0, 0, k), v["short"]) for k, v in draw.KIND.items() if k in here]
    if pde & (P | PS) == P:
        out.append((draw.line("M2 2h14v14h-14z", INK, 2.5), "its table is shown"))
    if marked:
        d = "M2 2h14v14h-14z"
        out.append((draw.line(d, INK, 6) + draw.line(d, draw.CHANGED, 3), "changed"))
    if step["fault"]:
        out.append((draw.line("M0 0h18v18h-18zM3 3l12 12m0 -12l-12 12", draw.WRONG, 3),
                    "faults here"))
    return out


def legend(before, state, index, y, width):
    """What the colours and marks in this picture mean, along the lower edge; two
    lines, if one is too short."""
    x, out = LEFT, []
    for sign, words in signs(before, state, index):
        wide = 46 + 8.9 * len(words)
        if x + wide > width:
            x, y = LEFT, y + 26
        out += [f'<g transform="translate({x:.1f} {y - 14})">{sign}</g>',
                text(f"{x + 25:.1f}", y, words, 15)]
        x += wide
    return "".join(out)
