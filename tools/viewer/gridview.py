"""A directory and its tables as grids of 32 x 32 cells, an entry each, as the film of
tools/pgmovie draws them; and what a drawing is made of.

A drawing is a list of lines, a line a list of Piece(text, style, key):
    style   None, "head" (a heading), "cells" (each character is a cell), or the kind
            of an entry (kinds.json)
    key     what the piece is about, so that the next drawing can be compared with it
            character by character; None if it is compared as part of its line
"""
import json
import os
import re
from collections import namedtuple

import ptcore
import views
from ptcore import P, U, W
from viewtext import hex8

Piece = namedtuple("Piece", "text style key", defaults=(None, None))
HERE = os.path.dirname(os.path.abspath(__file__))
LETTERS = {"absent": ".", "kernel-ro": "k", "kernel-rw": "K", "user-ro": "u",
           "user-rw": "U", "cow": "c", "big": "4", "window": "w"}
SIDE = 32               # cells in a row, and rows
WIDE = SIDE + 5         # columns of a grid: its index and the cells


def kinds():
    """The kinds of entries with their words and colours, the film's: a list of dicts
    (kind, short, words, light, dark)."""
    path = os.path.join(os.path.dirname(HERE), "pgmovie", "kinds.json")
    with open(path, encoding="utf-8") as f:
        return json.load(f)


# ---- Cells -------------------------------------------------------------------------
def directory_kind(space, pde):
    """The kind of a directory entry, as if its whole table permitted everything."""
    if not pde & P:
        return "absent"
    if space.big(pde):
        return "big"
    if pde & ~0xFFF == space.cr3:
        return "window"
    return kind_of(pde)


def kind_of(both):
    """The kind of a page from the flags that both its levels have."""
    return ("user" if both & U else "kernel") + ("-rw" if both & W else "-ro")


def table_cells(space, i, copied):
    """The 1024 cells of the table of directory entry i, as letters. copied(va): is a
    write there a copy?"""
    pde, out, known = space.dir[i], [], {}
    window = pde & ~0xFFF == space.cr3
    for j, pte in enumerate(ptcore.words(space.tables[i])):
        flags = pte & (P | W | U)
        if flags not in known:
            known[flags] = LETTERS["absent" if not pte & P else "window" if window
                                   else kind_of(pte & pde)]
        letter = known[flags]
        if letter == LETTERS["user-ro"] and copied(i << 22 | j << 12):
            letter = LETTERS["cow"]
        out.append(letter)
    return "".join(out)


def copies(places):
    """A function (va) that tells whether an area there is private and writable."""
    c = places.k.constants
    private = [a for a in places.areas if a.flags & (c["AREA_WRITE"] |
                                                     c["AREA_SHARED"]) ==
               c["AREA_WRITE"]]
    return lambda va: any(a.start <= va < a.end for a in private)


# ---- Grids -------------------------------------------------------------------------
# key: what it shows; titles: two lines; cells: 1024 letters.
Grid = namedtuple("Grid", "key titles cells")


def grids(k, cr3, pse):
    """(the Space, its grids): the directory's, then those of its tables. Tables of
    one group (views.groups) with the same cells, as most of the kernel's have, are
    one grid."""
    space, places = k.space(cr3, pse), views.Places(k, cr3)
    copied, out = copies(places), []
    out.append(Grid("dir", (f"directory {hex8(space.cr3)}", "a cell is 4 MB"),
                    "".join(LETTERS[directory_kind(space, e)] for e in space.dir)))
    borders = {ptcore.pdx(va) for va in places.cuts()}
    for group in views.groups(space, {}, borders):
        alike = []
        for i in (i for i in group if i in space.tables):
            cells = table_cells(space, i, copied)
            if alike and cells == alike[0][1]:
                alike.append((i, cells))
                continue
            out += [table_grid(space, alike)] if alike else []
            alike = [(i, cells)]
        out += [table_grid(space, alike)] if alike else []
    return space, out


def table_grid(space, alike):
    """The Grid of tables that look the same: [(index, cells)]."""
    first, last = alike[0][0], alike[-1][0]
    frame = space.dir[first] & ~0xFFF
    if first == last:
        title = f"PDE[{first:#05x}] table {hex8(frame)}"
    else:
        title = f"PDE[{first:#05x}-{last:#05x}] {len(alike)} tables"
    return Grid(first, (title, f"va {hex8(first << 22)}-{hex8((last + 1 << 22) - 1)}"),
                alike[0][1])


def grid_lines(k, cr3, pse=True, columns=80, title=""):
    """The drawing of a directory, as many grids side by side as `columns` permit."""
    space, all_grids = grids(k, cr3, pse)
    names = k.directories()
    name = title or names.get(space.cr3, "")
    out = [[Piece(f"directory at pa {hex8(space.cr3)}{': ' + name if name else ''}, "
                  f"{len(all_grids) - 1} different tables", "head")],
           legend("".join(g.cells for g in all_grids)), []]
    beside = max(1, (columns + 2) // (WIDE + 2))
    for at in range(0, len(all_grids), beside):
        out += row_of(all_grids[at:at + beside]) + [[]]
    return out[:-1]


def row_of(some):
    """The lines of grids side by side."""
    out = []
    for n in range(2):
        line = []
        for i, g in enumerate(some):
            title = g.titles[n] if i == len(some) - 1 else f"{g.titles[n]:{WIDE + 2}}"
            line.append(Piece(title, None if n else "head"))
        out.append(line)
    for row in range(SIDE):
        line = []
        for g in some:
            line += [Piece(f"{row * SIDE:03x}  "),
                     Piece(g.cells[row * SIDE:(row + 1) * SIDE], "cells",
                           (g.key, row)), Piece("  ")]
        out.append(line[:-1])
    return out


def legend(cells):
    """A line that explains the kinds that occur."""
    line = []
    for kind in kinds():
        letter = LETTERS[kind["kind"]]
        if letter in cells:
            line += [Piece("   ")] if line else []
            line += [Piece(letter, kind["kind"]), Piece(f" {kind['short']}")]
    return line


# ---- The other views ---------------------------------------------------------------
ACCESS = re.compile(r"\b(user|kernel) (rw|r)\b")


def painted(text):
    """A line of a view as pieces: what an access may do in its kind's colour, lines
    that stand above others as headings."""
    if text.startswith(("PDE[", "directory at", "virtual", "row ", "  pid ")):
        return [Piece(text, "head")]
    m = ACCESS.search(text)
    if not m:
        return [Piece(text)]
    kind = m.group(1) + ("-rw" if m.group(2) == "rw" else "-ro")
    kind = "cow" if "copy-on-write" in text else kind
    return [Piece(text[:m.start()]), Piece(m.group(), kind), Piece(text[m.end():])]
