"""The film: what the recorder puts in, what page and pictures take out. Pure Python.

A film is a list of steps. Each says what the tables held after it, as the difference
to the step before, and which line of C did it. The same object is written to JSON
and read again.

    {"about":  {"memory": MB, "version": 1}   of a guest's film also {"guest": address of
                                       the guest's memory in the monitor}
     "code":   [{"file", "name", "first": line number, "lines": [text]}],
     "rows":   [[start, end, name]]         the kernel's half, addresses
     "steps":  [step]}

    step: {"part":    name of its chapter
           "text":    one sentence
           "code":    index in code;  "line": number in the file
           "via":     the functions that led there, outermost first
           "cr3":     the directory in CR3;  "paging": is CR0.PG set
           "spaces":  [[name, physical address of the directory]]
           "show":    name of the space to look at;  "other": a second one, or null
           "look":    the address it is about, or null;  "fault": does it fault there
           "areas":   {space: [[start, end, flags, what]]}, only if changed
           "set":     [[pa, first, n, value, stride]]: n entries from first on, of the
                      directory or table in frame pa, are value, value + stride, ...}

Addresses and entries are ints of 32 bits. A frame that was never set is all zero. The
directory of a guest (guest.py) has bit 32 set in its address, as have its tables: they are
frames of the guest's own memory.
"""
import os
import re
import struct

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EMPTY = bytes(4096)
P, W, U, A, D, PS = 1, 2, 4, 0x20, 0x40, 0x80
GUEST = 1 << 32         # in a frame's address: it is the guest's memory
AREA_WRITE, AREA_SHARED = 2, 0x10


# ---- Differences ---------------------------------------------------------------
def runs(old, new):
    """[[first, n, value, stride]] of the entries in which two tables differ. old,
    new: 4096 bytes each. A run's values are equal or go up by a page."""
    if old == new:
        return []
    a, b = struct.unpack("<1024I", old), struct.unpack("<1024I", new)
    out = []
    for i in range(1024):
        if a[i] == b[i]:
            continue
        if out and out[-1][0] + out[-1][1] == i:
            first, n, value, stride = out[-1]
            step = b[i] - (value + stride * (n - 1))
            if (n == 1 and step in (0, 4096)) or step == stride:
                out[-1] = [first, n + 1, value, step]
                continue
        out.append([i, 1, b[i], 0])
    return out


def put(table, first, n, value, stride):
    """The 4096 bytes of a table with a run of entries set anew."""
    new = struct.pack(f"<{n}I", *((value + i * stride) & 0xFFFFFFFF
                                  for i in range(n)))
    return table[:4 * first] + new + table[4 * (first + n):]


def changed(old, new):
    """Indexes of entries that differ in more than the bits the MMU sets (A, D)."""
    if old == new:
        return []
    a, b = struct.unpack("<1024I", old), struct.unpack("<1024I", new)
    return [i for i in range(1024) if (a[i] ^ b[i]) & ~(A | D)]


# ---- Source --------------------------------------------------------------------
def read_lines(path):
    """The lines of a file of the repository."""
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read().split("\n")


def bounds(path, lines, at):
    """(name, first, last) of the function around line index at; in assembler, of
    the label before it up to the next empty line but one."""
    if path.endswith(".S"):
        first = at
        while not re.match(r"\w+:", lines[first]):
            first -= 1
        last = max(i for i in range(at, len(lines)) if lines[i].startswith("\t") and
                   all(x == "" or x[0] in "\t" for x in lines[at:i + 1]))
        return lines[first].split(":")[0], first, last
    first = at
    while lines[first] != "{" and first > 0:
        first -= 1
    last = next(i for i in range(at, len(lines)) if lines[i].startswith("}"))
    while not re.match(r"\w+\(", lines[first]):
        first -= 1
    return re.match(r"\w+", lines[first]).group(), first - 1, last


class Code:
    """Finds lines of the kernel's source by what they say, not by their number."""

    def __init__(self):
        self.found, self.functions = {}, []

    def find(self, path, text, within=None):
        """(index in functions, line number from 1) of the first line of `path` that
        holds `text`, in the function `within` if given. Raises LookupError."""
        key = (path, text, within)
        if key not in self.found:
            self.found[key] = self.search(*key)
        return self.found[key]

    def search(self, path, text, within):
        """The same, without memory."""
        lines = read_lines(path)
        for at, line in enumerate(lines):
            if text not in line or line.startswith(("//", "#")):
                continue
            try:
                name, first, last = bounds(path, lines, at)
            except (StopIteration, IndexError, ValueError):
                continue
            if within in (None, name):
                return self.index(path, name, first, lines[first:last + 1]), at + 1
        raise LookupError(f"{path} has no line with '{text}'" +
                          (f" in {within}" if within else ""))

    def index(self, path, name, first, lines):
        """The function's index in functions, entering it if it is new."""
        entry = {"file": path, "name": name, "first": first + 1, "lines": lines}
        if entry not in self.functions:
            self.functions.append(entry)
        return self.functions.index(entry)


# ---- States --------------------------------------------------------------------
class State:
    """The tables after a step.

    step    the step;  number: its index
    frames  {physical address: 4096 bytes}
    spaces  {name: physical address of the directory}
    areas   {name: [[start, end, flags, what]]}
    """

    def __init__(self, step, number, frames, areas):
        self.step, self.number = step, number
        self.frames, self.areas = frames, areas
        self.spaces = dict(step["spaces"])

    def table(self, pa):
        """The 1024 entries in a frame."""
        return struct.unpack("<1024I", self.frames.get(pa, EMPTY))

    def below(self, space, pde):
        """The address of the table that an entry of a space's directory names."""
        return (pde & ~0xFFF) + (self.spaces[space] & GUEST)

    def kind(self, space, index, tindex=None):
        """What an entry is, as a word: absent, kernel-ro, kernel-rw, user-ro,
        user-rw, cow, big or window. tindex None: the directory's entry, as if all
        its table's entries permitted everything."""
        pde = self.table(self.spaces[space])[index]
        if not pde & P:
            return "absent"
        if pde & PS:
            return "big"
        table = self.below(space, pde)
        if table == self.spaces[space]:
            return "window" if tindex is None else \
                "window" if self.table(table)[tindex] & P else "absent"
        e = pde if tindex is None else self.table(table)[tindex]
        if not e & P:
            return "absent"
        both = e & pde
        if both & U and not both & W and tindex is not None and \
                self.private(space, index << 22 | tindex << 12):
            return "cow"
        return ("user" if both & U else "kernel") + ("-rw" if both & W else "-ro")

    def private(self, space, va):
        """Does va lie in an area that is writable and private?"""
        return any(start <= va < end and flags & AREA_WRITE and
                   not flags & AREA_SHARED
                   for start, end, flags, _ in self.areas.get(space, []))


def states(film):
    """All states of a film, in order; unchanged tables are shared."""
    frames, areas = {}, {}
    for number, step in enumerate(film["steps"]):
        frames = dict(frames)
        for pa, *run in step["set"]:
            frames[pa] = put(frames.get(pa, EMPTY), *run)
        areas = {**areas, **step.get("areas", {})}
        yield State(step, number, frames, areas)
