"""The running kernel's own data, read from outside: processes, address spaces,
areas, kmap[], frames. From a layout (layout.py) and `read(pa, n)` (ptcore.py).

The kernel can stop between any two instructions, so an object may be half made. A list is
therefore followed for a bounded number of steps, and a broken list raises ReadError.
"""
import struct
from collections import namedtuple

from ptcore import (ONES, P, PGSIZE, U, W, ReadError, Space, pdx, walk, words)

# state: "ready", ...; cr3: what its thread runs on; mm, pgdir: kernel addresses, 0
# for a zombie; pages: resident; size: bytes of all areas.
# threads: how many have not ended; state, cr3, kstack: those of the first one.
Proc = namedtuple("Proc", "pid name parent state mm pgdir cr3 pages size kstack threads")
# object: "zeros", "file 7" (its inode) or "shared"; data, off: byte off of the
# object lies at data.
Area = namedtuple("Area", "start end flags what object data off")
# Virtual and physical bounds; end and pa_end are exclusive; perm: the flags of the PTEs.
Row = namedtuple("Row", "number name va end pa pa_end perm")
LISTED = 5000           # a list with more elements counts as broken


class Kernel:
    """One stop of the kernel: memory is read once and kept, so make a new one
    after it has run."""

    def __init__(self, layout, read):
        self.structs, self.symbols = layout["structs"], layout["symbols"]
        self.enums, self.constants = layout["enums"], layout["constants"]
        self.base = self.constants["KERNBASE"]
        self.source, self.kept = read, {}
        self.spaces_kept = None

    def read(self, pa, n):
        """n bytes of physical memory, like the source's, kept by the page."""
        if n > PGSIZE or (pa & 0xFFF) + n > PGSIZE:
            data = self.source(pa, n)
            if pa & 0xFFF == 0 and n & 0xFFF == 0:
                for i in range(0, n, PGSIZE):
                    self.kept[pa + i] = data[i:i + PGSIZE]
            return data
        page = pa & ~0xFFF
        if page not in self.kept:
            self.kept[page] = self.source(page, PGSIZE)
        return self.kept[page][pa & 0xFFF:(pa & 0xFFF) + n]

    # ---- Objects of the kernel ---------------------------------------------------
    def pa(self, va):
        """The physical address of a kernel address in RAM's linear map. Raises
        ReadError for other addresses."""
        if not self.base <= va < self.base + self.constants["RAM_MAX"]:
            raise ReadError(f"{va:#x} is no address of a kernel object")
        return va - self.base

    def bytes(self, va, n):
        """n bytes at a kernel address."""
        return self.read(self.pa(va), n)

    def word(self, va):
        """The 32-bit word at a kernel address."""
        return words(self.bytes(va, 4))[0]

    def variable(self, name):
        """The word that a variable of the kernel holds; 0 if there is none."""
        return self.word(self.symbols[name]) if name in self.symbols else 0

    def get(self, kind, va, member):
        """A member of 1, 2 or 4 bytes of the struct `kind` at va, unsigned."""
        offset, size = self.structs[kind][member]
        return int.from_bytes(self.bytes(va + offset, size), "little")

    def at(self, kind, va, member):
        """The address of a member."""
        return va + self.structs[kind][member][0]

    def string(self, va, n):
        """The text of at most n bytes at a kernel address, up to its 0."""
        data, here = b"", min(n, PGSIZE - (va & 0xFFF))
        # The page after it may not be RAM: it is read only if the text goes on there.
        for at, size in ((va, here), (va + here, n - here)):
            if size and b"\0" not in data:
                data += self.bytes(at, size)
        return data.split(b"\0")[0].decode("ascii", "replace")

    def ring(self, head, kind, link):
        """The addresses of the structs in a ring of lib/list.h, in order."""
        offset = self.structs[kind][link][0]
        out, at = [], self.word(head)
        while at and at != head:
            out.append(at - offset)
            at = self.word(at)
            if len(out) > LISTED:
                raise ReadError(f"the list at {head:#x} does not end")
        return out

    # ---- Processes ---------------------------------------------------------------
    def procs(self):
        """All processes, by pid."""
        return sorted(self.proc(p) for p in self.procs_raw())

    def procs_raw(self):
        """The addresses of their structs."""
        n, first = self.constants["NTHREAD"], self.symbols["proc_table"]
        return [p for p in words(self.bytes(first, 4 * n)) if p]

    def proc(self, p):
        """The process whose struct proc is at p."""
        mm, team = self.get("proc", p, "mm"), self.at("proc", p, "team")
        thread = self.at("uthread", self.ring(self.at("team", team, "threads"),
                                              "uthread", "link")[0], "thread")
        parent = self.get("proc", p, "parent")
        state = "zombie" if self.get("proc", p, "zombie") else \
            self.state(self.get("thread", thread, "state"))
        return Proc(
            self.get("proc", p, "pid"), self.string(self.at("proc", p, "name"), 16),
            self.get("proc", parent, "pid") if parent else 0, state, mm,
            self.get("mm", mm, "pgdir") if mm else 0,
            self.get("thread", thread, "cr3"),
            self.resident(self.get("mm", mm, "pgdir")) if mm else 0,
            sum(a.end - a.start for a in self.areas(mm)) if mm else 0,
            self.get("thread", thread, "kstack"), self.get("team", team, "running"))

    def resident(self, pgdir):
        """How many pages a directory's user half maps: each table's struct page counts
        its own (mm/table.h)."""
        half = words(self.bytes(pgdir, 4 * pdx(self.base)))
        return sum(self.page(e & ~0xFFF, "index") for e in half if e & P)

    def state(self, value):
        """The name of a thread's state."""
        for name, number in self.enums.items():
            if number == value:
                return name.replace("THREAD_", "").lower()
        return f"state {value}"

    def find(self, pid):
        """The process with that pid. Raises LookupError."""
        for p in self.procs():
            if p.pid == pid:
                return p
        raise LookupError(f"there is no process {pid}")

    def directories(self):
        """{physical address: name} of all directories: kpgdir's, the start's, every
        process's."""
        out = {}
        if "entrypgdir" in self.symbols:
            out[self.symbols["entrypgdir"] - self.base] = "entrypgdir"
        if self.variable("kpgdir"):
            out[self.pa(self.variable("kpgdir"))] = "kpgdir"
        for p in self.procs():
            if p.pgdir:
                name = f"{p.name}[{p.pid}]"
                pa = self.pa(p.pgdir)
                out[pa] = f"{out[pa]}, {name}" if pa in out else name
        return out

    def owner(self, cr3):
        """The process that runs on a directory, or None."""
        for p in self.procs():
            if p.pgdir and self.pa(p.pgdir) == cr3 & ~0xFFF:
                return p
        return None

    # ---- Areas -------------------------------------------------------------------
    def areas(self, mm):
        """The areas of the struct mm at that address, by address."""
        head = self.at("mm", mm, "areas")
        return [self.area(a) for a in self.ring(head, "area", "link")]

    def area(self, a):
        """The area whose struct is at a."""
        start, flags = self.get("area", a, "start"), self.get("area", a, "flags")
        ip, c = self.get("area", a, "ip"), self.constants
        if flags & c["AREA_STACK"]:
            what = "stack"
        elif flags & c["AREA_HEAP"]:
            what = "heap"
        elif start >= c["BRK_MAX"]:
            what = "mapping"
        else:
            what = "data" if flags & c["AREA_WRITE"] else "text"
        thing = f"file {self.get('inode', ip, 'num')}" if ip else \
            "shared" if self.get("area", a, "shm") else "zeros"
        return Area(start, self.get("area", a, "end"), flags, what, thing,
                    self.get("area", a, "data"), self.get("area", a, "off"))

    # ---- The kernel's half -------------------------------------------------------
    def rows(self):
        """The rows of kmap[]. A row whose bounds kvmalloc has not filled in yet
        ends where it begins."""
        size, out = self.structs["kmap"]["size"], []
        if not self.variable("kmap"):
            raise ReadError("the kernel is not in memory yet")
        for i in range(self.constants["NKMAP"]):
            k = self.symbols["kmap"] + i * size
            va, pa = self.get("kmap", k, "va"), self.get("kmap", k, "pa")
            end = self.get("kmap", k, "end")
            if end == 0 and va >= self.constants["DEVSPACE"]:
                end = 1 << 32
            n = max(0, end - pa) if pa or i == 0 else 0
            name = self.string(self.get("kmap", k, "name"), 32)
            out.append(Row(i, name, va, va + n, pa, pa + n,
                           self.get("kmap", k, "perm")))
        return out

    # ---- Frames ------------------------------------------------------------------
    def page(self, pa, member):
        """A member of a frame's struct page; None before kinit or outside RAM."""
        array = self.variable("pages")
        if not array or pa >= self.variable("phystop"):
            return None
        at = array + pa // PGSIZE * self.structs["page"]["size"]
        return self.get("page", at, member)

    def refs(self, pa):
        """A frame's references; None before the kernel counts them."""
        return self.page(pa, "refs")

    # ---- Spaces ------------------------------------------------------------------
    def space(self, cr3, pse=True):
        """The Space of a directory. Raises ReadError."""
        return Space(self.read, cr3, pse)

    def user_space(self, cr3):
        """The same without the tables of the kernel's half: what frame and areas
        need of each process."""
        raw = bytearray(self.read(cr3, PGSIZE))
        raw[4 * pdx(self.base):] = bytes(PGSIZE - 4 * pdx(self.base))
        return Space(lambda pa, n: bytes(raw) if pa == cr3 & ~0xFFF and n == PGSIZE
                     else self.read(pa, n), cr3)

    def sharers(self):
        """{a table's frame: {names of the directories that have it}}, for tables
        (not for 4 MB pages, nor for a directory that is its own table)."""
        out = {}
        for cr3, name in self.directories().items():
            for e in words(self.read(cr3, PGSIZE)):
                if e & P and not e & 0x80 and e & ~0xFFF != cr3:
                    out.setdefault(e & ~0xFFF, set()).add(name)
        return out

    def mapped_at(self, pa):
        """The mappings of a frame: [(name, va, write, user)] in all processes' user
        halves and in the kernel's half."""
        out = []
        frame = pa & ~0xFFF
        for cr3, name in self.directories().items():
            space = self.space(cr3) if name.startswith("kpgdir") else \
                self.user_space(cr3)
            for i, pde in enumerate(space.dir):
                if pde & P and space.big(pde) and pde >> 22 == frame >> 22:
                    va = i << 22 | frame & 0x3FF000
                    out.append((name, va, bool(pde & W), bool(pde & U)))
            for i, table in space.tables.items():
                for j in entries_of(table, frame):
                    both = space.dir[i] & words(table)[j]
                    out.append((name, i << 22 | j << 12, bool(both & W),
                                bool(both & U)))
        return out

    def linear(self, va, cr3, n):
        """n bytes at any virtual address, by a walk through cr3; stops at the
        page's end. Raises ReadError if it is not mapped."""
        w = walk(self.read, cr3, va)
        if w.pa is None:
            raise ReadError(f"{va:#x} is not mapped")
        return self.read(w.pa, min(n, PGSIZE - (va & 0xFFF)))


def entries_of(table, frame):
    """The indexes of a table's present entries that map a frame. A search for
    the upper two bytes of an entry comes first, because it is fast."""
    n = int.from_bytes(table, "little")
    if n & ONES == 0:
        return []
    top = struct.pack("<I", frame)[2:]
    if top not in table:
        return []
    return [j for j, e in enumerate(words(table)) if e & P and e & ~0xFFF == frame]
