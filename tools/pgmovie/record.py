"""The recorder: writes the film (film.py) and the truth.

How changes are found: the machine is stopped at functions and lines that change tables,
and at each the tables as a whole are compared with the last ones. A change that came
without a stop of its own would be told with the next; tests/web/writes.py watches
each store, and knows of none that is lost on the way.
"""
import json
import re

import gdb
import film
import target
from ptcore import P, PGSIZE, ReadError
from stops import CODE

BASE = 0x80000000
# The letters with which `info tlb` shows the flags of an entry.
QEMU_MARKS = [(2, "W"), (4, "U"), (8, "T"), (0x10, "C"), (film.A, "A"), (film.D, "D"),
              (film.PS, "P"), (0x100, "G")]


class Recorder:
    """Takes the film.

    spaces  {name: physical address of its directory}, those that are followed
    known   {frame: 4096 bytes}, the tables as last told
    """

    def __init__(self):
        self.code, self.steps, self.truth = CODE, [], []
        self.spaces, self.known, self.areas = {}, {}, {}
        self.part, self.last = "", None
        self.rows, self.about = [], {}

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
             force=True, mm=None):
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
            "areas": new_areas, "set": runs})
        return True

    def testify(self, *tables):
        """Notes QEMU's own view of the last step: info mem, info tlb, and by xp CR3's
        directory and the tables of some of its entries."""
        cr3 = self.steps[-1]["cr3"]
        self.truth.append({
            "step": len(self.steps) - 1, "cr3": cr3,
            "mem": gdb.execute("monitor info mem", to_string=True),
            "tlb": tlb(),
            "xp": {str(pa): xp(pa) for pa in [cr3] + [
                xp(cr3)[i] & ~0xFFF for i in tables if xp(cr3)[i] & P]}})

    def write(self, path):
        """Writes film and truth."""
        out = {"about": {"memory": 224, "version": 1, **self.about}, "code": self.code.functions,
               "rows": self.rows, "steps": self.steps}
        for name, thing in ((path, out), (path + ".truth", self.truth)):
            with open(name, "w", encoding="utf-8") as f:
                json.dump(thing, f, separators=(",", ":"))


def xp(pa):
    """1024 words of physical memory, from QEMU's monitor."""
    text = gdb.execute(f"monitor xp /1024wx {pa:#x}", to_string=True)
    return [int(w, 16) for line in text.splitlines() if ":" in line
            for w in line.split(":", 1)[1].split()]


def tlb():
    """What QEMU finds mapped, page by page: [[va, pa, pages, flags]] of neighbours with
    the same flags. `info tlb` walks the tables as they are."""
    out, step = [], 0
    text = gdb.execute("monitor info tlb", to_string=True)
    for va, pa, marks in re.findall(r"^(\w+): (\w+) (\S{9})", text, re.M):
        va, pa = int(va, 16), int(pa, 16)
        flags = sum(bit for bit, mark in QEMU_MARKS if mark in marks)
        step = out[-1][2] << 12 if out else 0
        if out and out[-1][3] == flags and not flags & film.PS and \
                (va, pa) == (out[-1][0] + step, out[-1][1] + step):
            out[-1][2] += 1
        else:
            out.append([va, pa, 1, flags])
    return out


REC = Recorder()


def name_of(pgdir):
    """The followed space with that directory (a kernel address), or None."""
    for name, cr3 in REC.spaces.items():
        if cr3 + BASE == pgdir:
            return name
    return None
