"""What the film shows first: entry.S, the entries for the firmware's tables, kvmalloc.
This file has the stops, and the sentence of each stop.
"""
import gdb
from record import BASE, REC, name_of
from stops import STOPS, argument, callers, go_to, register, value
import target
from ptcore import words

FEW = 2         # tables of a row that have steps of their own; the others share one
VM = "vm.c"
PDE_LINE = (VM, "*pde = V2P(table)", "walkpgdir")
PTE_LINE = (VM, "*pte = pa | perm | PTE_P;", "mappages")


def hex8(n):
    """An address, eight digits."""
    return f"{n & 0xFFFFFFFF:08x}"


def pages(n):
    """A number of pages, in words."""
    return "1 page" if n == 1 else f"{n} pages"


# ---- Entry -----------------------------------------------------------------------
def entry():
    """From the first instruction of entry.S, without paging, to main."""
    REC.part = "entry"
    gdb.execute(f"thbreak *{value('&_start'):#x}")
    gdb.execute("continue", to_string=True)
    REC.spaces = {"entrypgdir": value("&entrypgdir") - BASE}
    show = "entrypgdir"
    REC.step("The boot loader has put the kernel at 1 MB. Paging is off; entrypgdir "
             "is a page of data with two entries of 4 MB each.",
             ("entry.S", "movl\t$V2P_WO(entrypgdir)"), show)
    steps(2)
    REC.step("CR3 holds the physical address of the directory. Nothing is translated "
             "yet.", ("entry.S", "movl\t%ecx, %cr3"), show)
    steps(3)
    REC.step("CR4.PSE is set: a directory entry with the bit PS now means 4 MB of "
             "memory, without a table.", ("entry.S", "movl\t%ecx, %cr4"), show)
    steps(3)
    REC.step("CR0.PG is set: from here on every address is translated. The code still "
             "runs at 1 MB, through entry 0.", ("entry.S", "movl\t%ecx, %cr0"), show,
             look=register("eip"))
    gdb.execute(f"tbreak *{value('&main'):#x}", to_string=True)
    gdb.execute("continue", to_string=True)
    REC.step("The jump leads to KERNBASE and above: the same bytes, through entry "
             "0x200. Entry 0 stays for CPUs that start later.", ("entry.S", "jmp\t*%ecx"), show,
             look=register("eip"))
    REC.testify()


def steps(n):
    """n instructions further."""
    for _ in range(n):
        gdb.execute("stepi", to_string=True)


class Lending:
    """Before kvmalloc, two entries of entrypgdir map the tables that the firmware has
    left at the top of RAM."""
    line = ("x86/firmware.c", "entrypgdir[PDX(MAP_VA)] = first;", "map_entries")

    def start(self):
        """Sets the stops."""
        STOPS.at("phys_map", lambda: STOPS.when_back(self.lent))
        STOPS.at("smp_find", lambda: STOPS.when_back(self.taken))

    def lent(self):
        """phys_map has returned."""
        at = register("eax")
        if at >> 22 == self.window() >> 22:
            REC.step("The firmware's tables lie at the top of RAM, beyond the 4 MB that "
                     "are mapped. Two entries of 4 MB map them until the kernel has "
                     "read them.", self.line, "entrypgdir", look=at, force=False,
                     via="smp_find › phys_map")

    def taken(self):
        """smp_find has returned."""
        STOPS.remove("phys_map")
        STOPS.remove("smp_find")
        REC.step("The kernel knows the CPUs and interrupt controllers: it clears both "
                 "entries.",
                 self.line, "entrypgdir", look=self.window(), force=False,
                 via="smp_find › phys_unmap")

    def window(self):
        """The first address that the two entries map."""
        return target.kernel().constants["PTWINDOW"]


# ---- kvmalloc --------------------------------------------------------------------
class Building:
    """kvmalloc: the kernel's half, table by table. A row of kmap[] with many tables has
    steps for the first FEW of them; the others share one step.

    row     the row of kmap[] that mappages works on, -1 before the first
    tables  how many tables that row has got
    single  how many entries still have a step of their own
    stacks  the callers of walkpgdir for the stacks' tables, None before
    story   scenario.Story, for directories and tables that processes get later
    """

    def __init__(self):
        self.row, self.tables, self.single, self.stacks = -1, 0, 0, None
        self.name, self.story = "kpgdir", None

    def start(self):
        """Sets the stops."""
        STOPS.at("mappages", self.mappages)
        STOPS.line(*PDE_LINE, self.table)
        STOPS.at("switchuvm", switch)

    def mappages(self):
        """A row begins."""
        pgdir, va, size, pa, _ = (argument(i) for i in range(5))
        if self.row < 0:
            REC.part = "kvmalloc"
            REC.spaces["kpgdir"] = pgdir - BASE
            REC.step(f"kvmalloc calls setupkvm, which takes a zeroed page, "
                     f"{hex8(pgdir - BASE)}: a directory in which nothing is present.",
                     (VM, "pde_t *pgdir = kalloc_zero();", "setupkvm"), self.name)
        self.filled()
        self.row, self.tables = self.row + 1, 0
        self.single = 3 if self.row == 0 else 1
        row = target.kernel().rows()[self.row]
        write = "writable" if row.perm & 2 else "read-only"
        REC.rows = [[r.va, r.end, r.name] for r in target.kernel().rows()]
        REC.step(f"kmap[{self.row}], {row.name}: mappages is to map {pages(size >> 12)} "
                 f"from {hex8(va)} on to {hex8(pa)} and up, {write}.",
                 (VM, "if (mappages(pgdir", "setupkvm"), self.name, look=va)
        STOPS.line(*PTE_LINE, self.entry)

    def entry(self):
        """An entry is about to be written."""
        va = value("page")
        go_to(VM, "page += PGSIZE,", "mappages")
        REC.step(f"mappages writes the entry of {hex8(va)}: frame, permission, and P "
                 "for present.", PTE_LINE, self.name, look=va, via=callers())
        self.single -= 1
        if self.single <= 0:
            STOPS.no_line(*PTE_LINE)

    def filled(self):
        """Tells what mappages has entered since the last step."""
        def text(runs):
            entered = [r for r in runs if r[0] != REC.spaces["kpgdir"]]
            first, tables = entered[0], len({r[0] for r in entered})
            where = (f"{pages(sum(r[2] for r in entered))} from "
                     f"{hex8(table_va(first[0]) + (first[1] << 12))} on lead to "
                     f"{hex8(first[3] & ~0xFFF)} and up.")
            if tables > 1:
                return f"The same for {tables} more tables, page by page: {where}"
            return f"mappages goes on, a round for each page: {where}"
        REC.step(text, PTE_LINE, self.name, via="setupkvm", force=False)

    def table(self):
        """walkpgdir is about to enter a table in the directory."""
        pgdir, va = value("pgdir"), value("va")
        name = name_of(pgdir)
        if name is None:
            return
        if self.row >= 0 and not self.alone(va):
            return
        via = callers() if self.row >= 0 else self.story.via
        go_to(VM, "table = P2V(PTE_ADDR(*pde));", "walkpgdir")
        at = words(target.read_phys(pgdir - BASE + 4 * (va >> 22), 4))[0] & ~0xFFF
        REC.step(f"There is no table for {hex8(va)} yet: walkpgdir takes a zeroed page, "
                 f"{hex8(at)}, and enters it in entry {va >> 22:#x} of the directory.",
                 PDE_LINE, name, look=va, via=via,
                 other=None if name == "kpgdir" else self.story.parent_of(name))

    def alone(self, va):
        """Does the table that kvmalloc makes now have a step of its own? Tells before
        what was entered since the last step, unless that is to be one step."""
        if target.kernel().constants["KSTACKS"] <= va < \
                target.kernel().constants["PTWINDOW"]:
            if self.stacks is None:
                self.filled()
                self.stacks = callers()
            return False
        self.tables += 1
        if self.tables <= FEW + 1:
            self.filled()
        return self.tables <= FEW

    def finished(self):
        """CR3 is about to be loaded: the last tables were the stacks'."""
        REC.step("The kernel stacks get tables in which no page is present yet: all "
                 "directories that are made later share these tables.",
                 PDE_LINE, self.name, via=self.stacks,
                 look=target.kernel().constants["KSTACKS"])
        self.row = -1


def table_va(frame):
    """The first address that a table maps, by the directory of kpgdir."""
    directory = words(target.read_phys(REC.spaces["kpgdir"], 4096))
    for i, e in enumerate(directory):
        if e & 1 and e & ~0xFFF == frame:
            return i << 22
    return 0


def switch():
    """switchuvm: CR3 is loaded."""
    pgdir = argument(0)
    name = name_of(pgdir)
    if name is None:
        return
    if BUILD.row >= 0:
        BUILD.finished()
    STOPS.when_back(lambda: switched(name, pgdir - BASE))


def switched(name, cr3):
    """The same, afterwards."""
    if name == "kpgdir" and "entrypgdir" in REC.spaces:
        del REC.spaces["entrypgdir"]
        REC.step("CR3 is loaded: all memory is mapped in 4 KB pages, once, and "
                 "everything below KERNBASE is free for processes.",
                 (VM, "switchuvm(kpgdir);", "switchkvm"), name)
        k = target.kernel()
        c = k.constants
        REC.rows = [[r.va, r.end, r.name] for r in k.rows()] + [
            [c["KSTACKS"], c["PTWINDOW"], "kernel stacks"],
            [c["PTWINDOW"], c["DEVSPACE"], "table window"]]
        REC.testify(0x200, 0x237, 0x3F8)
        STOPS.done = "kvmalloc"
    else:
        BUILD.story.switched(name)


LENDING, BUILD = Lending(), Building()
