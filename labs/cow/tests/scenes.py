"""One run of the program forklab: what the page tables of its processes held at each of
its steps, read from physical memory."""
import struct
from collections import namedtuple

import dwarf        # the grader has tools/viewer and tools/gdb on the path
from booted import Booted
from kernel import Kernel
from machine import built
from ptcore import P, ReadError, W
from verdict import Verdict

N, PGSIZE = 16, 4096
DESK, PAGES, ALONE, BIG = 0x60000000, 0x68000000, 0x6C000000, 0x70000000
STEPS = {"alone": 2, "tree": 6, "race": 2}
KINDS = {"shared": PAGES + N * PGSIZE, "sealed": PAGES + (N + 1) * PGSIZE,
         "hidden": PAGES + (N + 2) * PGSIZE, "alone": ALONE, "file": ALONE + PGSIZE,
         "big": BIG}
PARENT, CHILD, GRANDCHILD = range(3)

# What a process has at an address: the entries of both levels, the references of the
# frames that they name (0: none), and the first 8 bytes of the page.
Seen = namedtuple("Seen", "pde pte table_refs refs bytes")
# window, hidden, file, stale: as in struct desk of forklab.c.
Desk = namedtuple("Desk", "pids stack window hidden file stale")


class Page(Seen):
    """The same, with what it means."""

    @property
    def frame(self):
        """The page's physical address; a hidden page has one too."""
        return self.pte & ~0xFFF

    @property
    def table(self):
        """The table's physical address."""
        return self.pde & ~0xFFF

    @property
    def writable(self):
        """Do both levels allow a write?"""
        return self.pde & self.pte & (P | W) == P | W


class Look:
    """A stopped machine: pages is {(who, name): Page}, tables {who: (the kernel's count
    of tables, those that are there)}, free the number of free frames."""

    def __init__(self, m):
        self.k = Kernel(dwarf.of_kernel(built("kernel")), m.read)
        self.free = self.k.word(m.names["frames_free"])
        self.desk, self.pages, self.tables = None, {}, {}
        procs = {p.pid: p for p in self.k.procs() if p.name == "forklab" and p.pgdir}
        first = procs[min(procs)]
        at = self.k.linear(DESK, self.k.pa(first.pgdir), 40)
        self.desk = Desk(struct.unpack("<3I", at[:12]), *struct.unpack("<I3I", at[12:28]),
                         struct.unpack("<2i", at[28:36]))
        for who, pid in enumerate(self.desk.pids):
            if pid in procs:
                self.look_at(who, procs[pid])

    def look_at(self, who, proc):
        """Notes the pages of a process."""
        space = self.k.user_space(self.k.pa(proc.pgdir))
        places = KINDS | {f"page {i}": PAGES + i * PGSIZE for i in range(N)} | \
            {f"stack {i}": self.desk.stack + i * PGSIZE for i in range(N)}
        for name, va in places.items():
            pde, pte = space.dir[va >> 22], space.pte(va)
            self.pages[who, name] = Page(
                pde, pte, self.refs(pde) if pde & P else 0, self.refs(pte),
                self.k.read(pte & ~0xFFF, 8) if self.refs(pte) else b"")
        self.tables[who] = (self.k.get("mm", proc.mm, "tables"),
                            sum(1 for e in space.dir[:512] if e & P))

    def refs(self, entry):
        """The references of the frame that an entry names."""
        return self.k.refs(entry & ~0xFFF) or 0 if entry & ~0xFFF else 0

    def page(self, who, name):
        """What a process has there. Raises Verdict if the process is not there."""
        if (who, name) not in self.pages:
            raise Verdict("a process " + ("parent", "child", "grandchild")[who],
                          "no such process", "fork fails, or the process was killed")
        return self.pages[who, name]


class Scene(Booted):
    """A machine of its own in which `forklab what` has run; looks: one for each step."""

    def __init__(self, what):
        self.what, self.looks = what, []
        super().__init__(2, 224)

    def begin(self):
        """Runs the program to its end."""
        self.prompt(r"\n\$ ")
        self.machine.send(f"forklab {self.what}\n")
        for n in range(1, STEPS[self.what] + 1):
            self.step(n)
            self.machine.send("\n")
        self.prompt(r"\n?\$ ")

    def step(self, n):
        """Waits for a step, and looks."""
        try:
            self.prompt(rf"step {n}\s|\n\$ ")
        except AssertionError as e:
            if isinstance(e, Verdict):
                raise
            raise Verdict(f"forklab {self.what} comes to step {n}", "the machine " +
                          self.ends[not self.machine.child.isalive()] + " after: " +
                          self.machine.output[-200:], "make qemu-nox, and forklab there: "
                          "what does the kernel say?") from None
        if "step" not in self.machine.child.match.group():
            raise Verdict(f"forklab {self.what} comes to step {n}", "it ends: " +
                          self.machine.output[-200:], "fork fails, or a process is killed: "
                          "its pages are not what it has written")
        self.machine.qmp("stop")
        try:
            self.looks.append(Look(self))
        except (ReadError, KeyError, ValueError) as e:
            raise Verdict("the tables of forklab can be walked", f"{e} at step {n}",
                          "a table or a page is freed although a process has it: a "
                          "reference is missing") from None
        self.machine.qmp("cont")

    def at(self, step):
        """The Look of a step. Raises what kept the program from coming there."""
        if step > len(self.looks):
            raise self.error
        return self.looks[step - 1]
