"""What the film shows: the stops, in the order in which the kernel comes to them, and
what is said at each. Sourced by gdb, after it has loaded the kernel's symbols.
"""
import os
import sys

import gdb

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from record import (BASE, REC, STOPS, argument, register, text_at,  # noqa: E402
                    value)
import target  # noqa: E402 (record knows where)
from ptcore import words  # noqa: E402

FEW = 6         # tables of a kind that are told at leisure, before "same" begins
VM, FAULT, FORK = "vm.c", "mm/fault.c", "mm/fork.c"
PDE_LINE = (VM, "*pde = V2P(table)", "walkpgdir")
PTE_LINE = (VM, "*pte = pa | perm | PTE_P;", "mappages")
INSTALL = (FAULT, "*f->pte = page_pa(pg)", "install")


def hex8(n):
    """An address, eight digits."""
    return f"{n & 0xFFFFFFFF:08x}"


def pages(n):
    """A number of pages, in words."""
    return "1 page" if n == 1 else f"{n} pages"


def name_of(pgdir):
    """The followed space with that directory (a kernel address), or None."""
    for name, cr3 in REC.spaces.items():
        if cr3 + BASE == pgdir:
            return name
    return None


def go_to(path, text, within):
    """Lets the machine run to a line, past all stops."""
    _, number = REC.code.find(path, text, within)
    stop = gdb.Breakpoint(f"*{gdb.decode_line(f'{path}:{number}')[1][0].pc:#x}",
                          internal=True)
    gdb.execute("continue", to_string=True)
    stop.delete()


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
             "0x200. Entry 0 is needed no more.", ("entry.S", "jmp\t*%ecx"), show,
             look=register("eip"))
    REC.testify()


def steps(n):
    """n instructions further."""
    for _ in range(n):
        gdb.execute("stepi", to_string=True)


# ---- kvmalloc --------------------------------------------------------------------
class Building:
    """kvmalloc: the kernel's half, table by table.

    row     the row of kmap[] that mappages works on, -1 before the first
    tables  how many tables that row has got
    single  how many entries are still told one by one
    """

    def __init__(self):
        self.row, self.tables, self.single = -1, 0, 0
        self.name = "kpgdir"

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
        REC.step(f"kmap[{self.row}], {row.name}: {pages(size >> 12)} from {hex8(va)} "
                 f"on are to lead to {hex8(pa)}, {write}.",
                 (VM, "if (mappages(pgdir", "setupkvm"), self.name, look=va)
        STOPS.line(*PTE_LINE, self.entry)

    def entry(self):
        """An entry is about to be written."""
        va = value("page")
        go_to(VM, "page += PGSIZE;", "mappages")
        REC.step(f"mappages writes the entry of {hex8(va)}: frame, permission, and P "
                 "for present.", PTE_LINE, self.name, look=va, via="setupkvm")
        self.single -= 1
        if self.single <= 0:
            _, number = REC.code.find(*PTE_LINE)
            STOPS.remove(gdb.decode_line(f"{VM}:{number}")[1][0].pc)

    def filled(self):
        """Tells what mappages has entered since."""
        def text(runs):
            entered = [r for r in runs if r[0] != REC.spaces["kpgdir"]]
            n = sum(r[2] for r in entered)
            first = entered[0]
            va = table_va(first[0]) + (first[1] << 12)
            return (f"mappages goes on, a round for each page: {pages(n)} from "
                    f"{hex8(va)} on lead to {hex8(first[3] & ~0xFFF)} and up.")
        REC.step(text, PTE_LINE, self.name, via="setupkvm", force=False,
                 same=self.tables > FEW)

    def table(self):
        """walkpgdir has a table to hang in."""
        pgdir, va = value("pgdir"), value("va")
        if name_of(pgdir) is None:
            return
        if self.row >= 0:
            self.filled()
        go_to(VM, "table = P2V(PTE_ADDR(*pde));", "walkpgdir")
        self.tables += 1
        index, at = va >> 22, words(target.read_phys(
            pgdir - BASE + 4 * (va >> 22), 4))[0] & ~0xFFF
        name, other = name_of(pgdir), None
        text = (f"There is no table for {hex8(va)} yet: walkpgdir takes a zeroed page, "
                f"{hex8(at)}, and entry {index:#x} of the directory names it.")
        if name != "kpgdir":
            other = STORY.parent_of(name)
        REC.step(text, PDE_LINE, name, other=other, look=va,
                 via="setupkvm › mappages" if self.row >= 0 else STORY.via,
                 same=self.row >= 0 and self.tables > FEW)

    def finished(self):
        """CR3 is about to be loaded: the last tables were the stacks'."""
        self.filled()
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
        STORY.switched(name)


BUILD = Building()


# ---- Processes -------------------------------------------------------------------
ACTS = {
    "zero": "Behind this address are zeros: a fresh page of zeros is entered, "
            "writable.",
    "fill": "The page is partly the file's: a fresh page gets these bytes, and zeros.",
    "map": "The file's page is in memory already: the entry shows that very page, "
           "read-only. Nothing is copied.",
    "copy": "The file's page belongs to all who run it: this process gets a copy of "
            "its own, writable.",
    "share": "The page is shared: the entry shows the object's page, writable.",
    "unshare": "",
}
PARTS = {"init": "first process", "story": "exec"}


class Story:
    """A process that executes, faults, forks and ends, and its child.

    context   what a new directory would be for: a name, and the sentence
    rules     the rows of the fault table that this fault has come to
    pending   {space: tells how its fault ended}, for faults that have not returned
    """

    def __init__(self):
        self.name = self.old = None
        self.context, self.via, self.rules = ("process 1", ""), "", []
        self.area = self.unmapping = self.forking = None
        self.faults, self.pending = 0, {}

    def start(self):
        """Sets the stops of a process's life."""
        STOPS.at("kstack_map", self.kstack)
        STOPS.at("pgdir_new", lambda: STOPS.when_back(self.directory))
        STOPS.at("pgdir_free", self.free)
        STOPS.at("exec", self.exec)
        STOPS.at("mm_fault", self.fault)
        STOPS.at("mm_fork", self.fork)
        STOPS.at("area_clone", self.clone)
        STOPS.at("tlb_flush", self.flush)
        STOPS.at("entry_unmap", self.unmap)
        for name in ACTS:
            STOPS.at(value(f"&'{FAULT}'::{name}"), lambda n=name: self.rules.append(n))
        STOPS.at(value(f"&'{FAULT}'::grow"), self.grow)

    def parent_of(self, name):
        """The space to show beside `name`, or None."""
        return self.name if name == "child" and self.name in REC.spaces else None

    # ---- Stacks, directories -----------------------------------------------------
    def kstack(self):
        """A kernel stack gets its pages."""
        slot = argument(0)
        if self.name is None and "process 1" in REC.spaces:
            return
        STOPS.when_back(lambda: REC.step(
            f"kstack_map puts two pages into slot {slot} of the kernel stacks; the "
            "page below stays absent, so that an overflow faults.",
            (VM, "*pte = V2P(page)", "kstack_map"), "kpgdir", force=False,
            look=value("$eax") - 4096))

    def directory(self):
        """pgdir_new has returned."""
        pgdir, (name, why) = register("eax"), self.context
        if self.context[0] is None or pgdir == 0:
            return
        REC.spaces[name] = pgdir - BASE
        REC.step(f"{why}pgdir_new takes a page, {hex8(pgdir - BASE)}, and copies the "
                 "kernel's entries: the tables behind them are shared. One entry names "
                 "the directory itself.",
                 (VM, "memcpy(&pgdir[NUSER]", "pgdir_new"), name,
                 other=self.parent_of(name), via=self.via)

    def free(self):
        """pgdir_free: a space is empty and goes."""
        name = name_of(argument(0))
        if name in (None, "kpgdir"):
            return
        left = [n for n in (self.name, "kpgdir") if n in REC.spaces and n != name]
        REC.step(f"No page is left in {name}'s directory; its tables and the directory "
                 "itself become free pages.",
                 (VM, "kfree(P2V(PTE_ADDR(pgdir[i])));", "pgdir_free"), name,
                 via="mm_put")
        STOPS.when_back(lambda: self.freed(name, left[0]))

    def freed(self, name, left):
        """The same, afterwards."""
        del REC.spaces[name]
        if name == self.name:
            REC.step(f"{name} is gone. What remains is the kernel's own directory, as "
                     "kvmalloc built it, plus the stacks.",
                     (VM, "kfree(pgdir);", "pgdir_free"), left, via="mm_put")
            STOPS.done = "end"

    # ---- exec --------------------------------------------------------------------
    def exec(self):
        """exec of /init or /story begins."""
        path = text_at(argument(0))
        if path.lstrip("/") not in PARTS:
            return
        self.name = path.lstrip("/")
        REC.part = PARTS[self.name]
        if self.name == "init":
            self.old = "process 1"
        else:
            self.old = "copy of sh"
            REC.spaces = {"kpgdir": REC.spaces["kpgdir"],
                          self.old: target.registers().cr3 & ~0xFFF}
        text = "The first process has a directory and nothing in it. It executes /init." \
            if self.name == "init" else \
            "Meanwhile init has started a shell, and the shell has forked. Its copy, " \
            "which has the shell's pages, executes /story."
        self.via = "exec"
        self.context = (self.name, "The new space is built aside: ")
        REC.step(text, ("sys/exec.c", "err = path_find(", "exec"), self.old)
        if self.name == "story":
            self.start()

    def switched(self, name):
        """CR3 has been loaded by proc_set_mm."""
        self.via = ""
        if name == "kpgdir":
            REC.part = "exit of the child" if "child" in REC.spaces else "exit"
            REC.step("exit: the process leaves its directory before it is taken apart, "
                     "and goes on in the kernel's.",
                     ("proc.c", "switchkvm();", "proc_set_mm"), name,
                     via="proc_exit", other=None)
            return
        REC.step(f"The commit: CR3 is loaded with {name}'s directory, and nothing can "
                 "fail any more. The old space is let go.",
                 ("proc.c", "switchuvm(mm->pgdir);", "proc_set_mm"), name, via="exec",
                 other=self.old)

    # ---- Faults ------------------------------------------------------------------
    def fault(self):
        """mm_fault begins."""
        mm, va, access = (argument(i) for i in range(3))
        k = target.kernel()
        pgdir = k.get("mm", mm, "pgdir")
        name = name_of(pgdir)
        if name is None:
            return
        w = k.space(pgdir - BASE).pte(va)
        if REC.part == "exit of the child":
            REC.part = "last owner"
        aside = target.registers().cr3 & ~0xFFF != pgdir - BASE
        if REC.part == "exec" and not aside:
            REC.part = "on demand"
        REC.step(self.fault_text(name, va, access, w, aside),
                 (FAULT, "err = look(&f);", "mm_fault"), name, look=va,
                 fault=True, other=self.partner(name),
                 via="exec › mm_poke" if aside else "trap › page_fault",
                 mm=(name, mm))
        for tell in list(self.pending.values()):
            tell()      # another process was preempted between its entry and its return
        self.pending[name] = lambda: self.resolved(name, mm, va, w, list(self.rules))
        STOPS.when_back(self.pending[name])
        self.rules.clear()

    def partner(self, name):
        """The other of parent and child, while both are there."""
        pair = {"child": self.name, self.name: "child"}
        return pair.get(name) if pair.get(name) in REC.spaces else None

    def fault_text(self, name, va, access, pte, aside):
        """The sentence for a fault."""
        if aside:
            return (f"exec writes the arguments to {name}'s stack at {hex8(va)}, as "
                    "the program would: through the fault path.")
        verb = "writes to" if access else "reads"
        if pte & 1:
            return (f"{name} {verb} {hex8(va)}: the page is there, but the entry lacks "
                    "W. A page fault.")
        return f"{name} {verb} {hex8(va)}: nothing is present there. A page fault."

    def resolved(self, name, mm, va, before, rules):
        """mm_fault has returned."""
        self.pending.pop(name, None)
        k = target.kernel()
        after = k.space(REC.spaces[name]).pte(va)
        rule = rules[-1] if rules else "nothing"
        text = ACTS.get(rule, "Someone else was first: the entry permits it now.")
        if rule == "unshare":
            text = f"{name} is the page's last owner: the entry gets its W back, and " \
                "nothing is copied." if (before ^ after) & ~0xFFF == 0 else \
                "The page has another owner, who must not see this write: the writer " \
                f"gets a copy in frame {hex8(after & ~0xFFF)}, writable."
        REC.step(text, INSTALL, name, look=va, other=self.partner(name),
                 via=f"mm_fault › {rule}", mm=(name, mm), force=False)
        self.faults += 1
        if name == "init" and self.faults == 2 or name == "child":
            REC.testify(0, 0x1FF, 0x3F4)

    def grow(self):
        """A stack's area grows."""
        f = argument(0)
        off = {m.name: m.bitpos // 8 for m in
               gdb.lookup_type("struct fault").fields()}
        data = words(bytes(gdb.selected_inferior().read_memory(f, 64)))
        mm, va = data[off["mm"] // 4], data[off["va"] // 4]
        name = name_of(target.kernel().get("mm", mm, "pgdir"))
        if name is None:
            return
        STOPS.when_back(lambda: REC.step(
            f"The address lies below the stack's area, but in its reach: the area now "
            f"begins at {hex8(va)}, and mm_fault looks again.",
            (FAULT, "stack->start = f->va;", "grow"), name, look=va, fault=True,
            via="mm_fault", other=self.partner(name)))

    # ---- fork --------------------------------------------------------------------
    def fork(self):
        """mm_fork begins."""
        name = name_of(value(f"((struct mm *){argument(0)})->pgdir"))
        if name == "init":
            STOPS.done = "first process"
        if name != "story":
            return
        REC.part, self.forking = "fork", name
        self.context = ("child", "fork: ")
        self.via = "proc_fork › mm_fork"

    def clone(self):
        """The next area is about to be copied; the last one's entries are there."""
        if not self.forking:
            return
        self.copied()
        area = target.kernel().area(argument(0))
        self.area = (area.what, area.start, argument(1))

    def copied(self):
        """Tells which entries mm_fork has copied."""
        if not self.area:
            return
        what, start, child = self.area
        self.area = None
        text = {"text": "text: the child's entries show the same frames, read-only as "
                        "before.",
                "data": "data: the child gets the same entries, and both lose W. Who "
                        "writes first, copies."}.get(
            what, f"{what}: again the same frames, and W is gone on both sides.")
        REC.step(f"fork copies entries, not pages. The {text}",
                 (FORK, "from[i] = e &= ~PTE_W;" if what != "text" else "to[i] = e;",
                  "copy_entries"),
                 "child", other=self.forking, via="mm_fork › copy_area", look=start,
                 mm=("child", child), force=False)

    def flush(self):
        """tlb_flush: entries have been changed, frames have not been let go yet."""
        if self.unmapping:
            name, what = self.unmapping
            REC.step(f"The entries of {name}'s {what} are taken out. Only when every "
                     "CPU has forgotten them are the pages let go.",
                     ("mm/entry.c", "c->pte[i] = 0;", "take_run"), name,
                     via="mm_put › entry_unmap", force=False)
        elif self.forking and self.area:
            self.copied()
            REC.step("The TLB may still hold the parent's right to write: it is "
                     "flushed before the child exists.",
                     (FORK, "tlb_flush(&b);", "forget_writes"), "child",
                     other=self.forking, via="mm_fork")
            REC.part, self.forking = "copy-on-write", None
            self.context, self.via = (None, ""), ""
            REC.testify(0, 0x1FF)

    # ---- The end -----------------------------------------------------------------
    def unmap(self):
        """entry_unmap begins."""
        mm, start = argument(0), argument(1)
        k = target.kernel()
        name = name_of(k.get("mm", mm, "pgdir"))
        if name is None:
            return
        what = [a.what for a in k.areas(mm) if a.start == start]
        self.unmapping = (name, what[0] if what else "pages")
        STOPS.when_back(self.unmapped)

    def unmapped(self):
        """entry_unmap has returned."""
        self.unmapping = None


STORY = Story()


def main():
    """The whole film."""
    gdb.execute("set pagination off")
    gdb.execute("set confirm off")
    gdb.execute(f"target remote 127.0.0.1:{os.environ['PGMOVIE_PORT']}",
                to_string=True)
    entry()
    BUILD.start()
    STOPS.run("kvmalloc")
    REC.part = "first process"
    STORY.start()
    STOPS.run("first process")
    # Init starts the shell; until it runs /story, only exec is of interest.
    for address in list(STOPS.here):
        STOPS.remove(address)
    for back in STOPS.back:
        back[3].delete()
    STOPS.back = []
    STOPS.at("exec", STORY.exec)
    STOPS.line(*PDE_LINE, BUILD.table)
    STOPS.at("switchuvm", switch)
    print("pgmovie: the shell may start", flush=True)
    STOPS.run("end")
    REC.testify(0x200, 0x237, 0x3F4, 0x3F8)
    REC.write(os.environ["PGMOVIE_OUT"])
    print(f"pgmovie: {len(REC.steps)} steps")
    gdb.execute("kill", to_string=True)
    gdb.execute("quit")


main()
