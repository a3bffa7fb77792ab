"""Runs inside of gdb: lets the kernel start and run a program, stops it wherever page
tables change, and writes the film (film.py) and the truth.

    PGMOVIE_PORT    the stub's port
    PGMOVIE_OUT     the film's path; the truth goes beside it, as OUT.truth

The machine is stopped before its first instruction. Nothing is changed in it. How
changes are found: stops at functions and lines that change tables, and at each the
tables as a whole, compared with the last ones. So no change is lost; one that came
without a stop of its own is told with the next stop.
"""
import json
import os
import sys

import gdb

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "gdb")]
import film  # noqa: E402
import target  # noqa: E402
from ptcore import P, PGSIZE, ReadError, words  # noqa: E402

BASE = 0x80000000


def value(expression):
    """An expression of gdb's as 32 bits."""
    return int(gdb.parse_and_eval(f"(unsigned)({expression})")) & 0xFFFFFFFF


def register(name):
    """A register, 32 bits."""
    return value(f"${name}")


def argument(i):
    """Argument i of the function at whose first instruction the machine stands."""
    return words(bytes(gdb.selected_inferior().read_memory(
        register("esp") + 4 + 4 * i, 4)))[0]


def text_at(va, n=64):
    """The text of at most n bytes at a virtual address."""
    out = b""
    for i in range(n):
        c = bytes(gdb.selected_inferior().read_memory(va + i, 1))
        if c == b"\0":
            break
        out += c
    return out.decode("ascii", "replace")


class Recorder:
    """Takes the film.

    spaces  {name: physical address of its directory}, those that are followed
    known   {frame: 4096 bytes}, the tables as last told
    """

    def __init__(self):
        self.code, self.steps, self.truth = film.Code(), [], []
        self.spaces, self.known, self.areas = {}, {}, {}
        self.part, self.last = "", None
        self.rows = []

    # ---- Reading ---------------------------------------------------------------
    def read(self):
        """{frame: 4096 bytes} of all directories that are followed and their
        tables, and {space: areas}."""
        k = target.kernel()
        out, areas = {}, {}
        for name, cr3 in self.spaces.items():
            first = "kpgdir" not in self.spaces or name == "kpgdir"
            space = k.space(cr3) if first else k.user_space(cr3)
            out[cr3] = k.read(cr3, PGSIZE)
            for i, table in space.tables.items():
                out.setdefault(space.dir[i] & ~0xFFF, table)
        for p in self.procs(k):
            for name, cr3 in self.spaces.items():
                if p.pgdir == cr3 + BASE:
                    areas[name] = self.areas_of(k, p.mm)
        return out, areas

    def procs(self, k):
        """The processes, or none as long as they are half made."""
        try:
            return k.procs() if k.variable("pages") else []
        except (ReadError, LookupError):
            return []

    def areas_of(self, k, mm):
        """[[start, end, flags, what]] of an address space."""
        return [[a.start, a.end, a.flags, a.what] for a in k.areas(mm)]

    # ---- Telling ---------------------------------------------------------------
    def step(self, text, where, show, other=None, via="", look=None, fault=False,
             force=True, same=False, mm=None):
        """Tells a step: what is now different. text: a sentence, or a function of the
        differences that makes one. where: (file, text of the line[,
        function]). mm: (space, struct mm), if no process has that space yet. With
        force False, nothing is told if nothing differs. Returns whether it was."""
        now, areas = self.read()
        if mm:
            areas[mm[0]] = self.areas_of(target.kernel(), mm[1])
        runs, real = [], False
        for pa, table in now.items():
            old = self.known.get(pa, film.EMPTY)
            runs += [[pa, *r] for r in film.runs(old, table)]
            real = real or bool(film.changed(old, table))
        new_areas = {n: a for n, a in areas.items() if self.areas.get(n) != a}
        if not (real or force):
            return False
        self.known.update(now)
        self.areas.update(new_areas)
        cpu = target.registers()
        text = text(runs) if callable(text) else text
        index, line = self.code.find(*where)
        self.steps.append({
            "part": self.part, "text": text, "code": index, "line": line,
            "via": via, "cr3": cpu.cr3 & ~0xFFF, "paging": cpu.paging,
            "spaces": sorted(self.spaces.items(), key=lambda s: s[0]),
            "show": show, "other": other, "look": look, "fault": fault,
            "areas": new_areas, "set": runs, "same": same})
        return True

    def testify(self, *tables):
        """Notes QEMU's own view of the last step: info mem, and by xp CR3's directory
        and the tables of some of its entries."""
        cr3 = self.steps[-1]["cr3"]
        self.truth.append({
            "step": len(self.steps) - 1, "cr3": cr3,
            "mem": gdb.execute("monitor info mem", to_string=True),
            "xp": {str(pa): xp(pa) for pa in [cr3] + [
                xp(cr3)[i] & ~0xFFF for i in tables if xp(cr3)[i] & P]}})

    def write(self, path):
        """Writes film and truth."""
        out = {"about": {"memory": 224, "version": 1}, "code": self.code.functions,
               "rows": self.rows, "steps": self.steps}
        for name, thing in ((path, out), (path + ".truth", self.truth)):
            with open(name, "w", encoding="utf-8") as f:
                json.dump(thing, f, separators=(",", ":"))


def xp(pa):
    """1024 words of physical memory, from QEMU's monitor."""
    text = gdb.execute(f"monitor xp /1024wx {pa:#x}", to_string=True)
    return [int(w, 16) for line in text.splitlines() if ":" in line
            for w in line.split(":", 1)[1].split()]


# ---- Stops -----------------------------------------------------------------------
class Stops:
    """Where the machine stops, and what is done there.

    at(address, do)      do() each time the machine comes there
    when_back(do)        do() when the function now entered returns to its caller
    run(until)           goes on until do() of a stop has set self.done to `until`
    """

    def __init__(self):
        self.here, self.back, self.done = {}, [], None

    def at(self, address, do):
        """Stops at an address, or at a function's first instruction."""
        if isinstance(address, str):
            address = value(f"&{address}")
        self.remove(address)
        self.here[address] = (do, gdb.Breakpoint(f"*{address:#x}", internal=True))

    def line(self, path, text, within, do):
        """Stops at a line of the source."""
        _, number = CODE.find(path, text, within)
        self.at(gdb.decode_line(f"{path}:{number}")[1][0].pc, do)

    def remove(self, address):
        """Stops there no longer."""
        if isinstance(address, str):
            address = value(f"&{address}")
        if address in self.here:
            self.here.pop(address)[1].delete()

    def when_back(self, do):
        """At a function's first instruction: stop when it has returned."""
        esp = register("esp")
        ret = words(bytes(gdb.selected_inferior().read_memory(esp, 4)))[0]
        # The stop before this one at that address, if any, may go on.
        self.back.append((ret, esp + 4, do,
                          gdb.Breakpoint(f"*{ret:#x}", internal=True)))

    def run(self, until):
        """Goes on from stop to stop."""
        while self.done != until:
            gdb.execute("continue", to_string=True)
            self.arrived(register("eip"), register("esp"))

    def arrived(self, eip, esp):
        """Does what is to be done at a stop: returns first."""
        for entry in [b for b in self.back if b[:2] == (eip, esp)]:
            self.back.remove(entry)
            entry[3].delete()
            entry[2]()
        if eip in self.here:
            self.here[eip][0]()


REC = Recorder()
CODE = REC.code
STOPS = Stops()
