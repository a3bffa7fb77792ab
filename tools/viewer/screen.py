"""Drawings (gridview.py) on a terminal: colours, and marks where one differs from the
one before."""
import gridview
from gridview import LETTERS

PLAIN = "\033[0m"
HEAD = "\033[1m"
MARK = "\033[7m"                # what changed: colours reversed
CHANGED = "> "                  # the same for a line, in front of it
LEVELS = (0, 95, 135, 175, 215, 255)    # of the 6 x 6 x 6 colours that terminals have


def nearest(colour):
    """The number, 16 to 231, of the terminal's colour that is nearest to "#rrggbb"."""
    rgb = [int(colour[i:i + 2], 16) for i in (1, 3, 5)]
    r, g, b = (min(range(6), key=lambda n, v=v: abs(LEVELS[n] - v)) for v in rgb)
    return 16 + 36 * r + 6 * g + b


def palette():
    """{kind: the escape sequence of its colour}: black or white on the film's."""
    out = {}
    for kind in gridview.kinds():
        r, g, b = (int(kind["light"][i:i + 2], 16) for i in (1, 3, 5))
        bright = 0.3 * r + 0.59 * g + 0.11 * b > 128
        out[kind["kind"]] = f"\033[38;5;{16 if bright else 231};48;5;" \
                            f"{nearest(kind['light'])}m"
    out["absent"] = ""          # most cells are: as the terminal is
    return out


class Screen:
    """Turns drawings into text, one after another; remembers the last one."""

    def __init__(self, colour):
        """colour: use escape sequences?"""
        self.colour, self.palette = colour, palette() if colour else {}
        self.kinds = {letter: kind for kind, letter in LETTERS.items()}
        self.lines, self.pieces = None, {}

    def render(self, drawing):
        """The text of a drawing. From the second on, what differs from the last is
        marked: lines in front, cells in themselves."""
        out, lines, pieces = [], set(), {}
        for line in drawing:
            text = "".join(p.text for p in line)
            lines.add(text.rstrip())
            pieces.update({p.key: p.text for p in line if p.key is not None})
            front = "" if self.lines is None else \
                CHANGED if self.differs(line, text.rstrip()) else " " * len(CHANGED)
            out.append((front + "".join(self.piece(p) for p in line)).rstrip())
        self.lines, self.pieces = lines, pieces
        return "\n".join(out) + "\n"

    def differs(self, line, text):
        """Is a line not what it was, or new? Grids move as others come and go: their
        rows are found again by their keys."""
        keyed = [p for p in line if p.key is not None]
        if keyed:
            return any(self.pieces.get(p.key) != p.text for p in keyed)
        return bool(text) and text not in self.lines

    def piece(self, p):
        """A piece's text with its colours."""
        if not self.colour:
            return p.text
        if p.style == "cells":
            return self.cells(p)
        before = HEAD if p.style == "head" else self.palette.get(p.style, "")
        return before + p.text + PLAIN if before else p.text

    def cells(self, p):
        """Cells, each in the colour of its kind; neighbours of a kind share it."""
        old = self.pieces.get(p.key, p.text) if self.lines is not None else p.text
        out, last = [], ""
        for was, letter in zip(old, p.text):
            style = self.palette[self.kinds[letter]] + (MARK if was != letter else "")
            if style != last:
                out.append(PLAIN + style)
            out.append(letter)
            last = style
        return "".join(out) + PLAIN
