"""What the film shows: the kernel's own tables (building.py), then the life of processes.
This file has the stops, in the order in which the kernel reaches them, and the sentence of
each stop. gdb sources it after it has loaded the kernel's symbols.

    PGMOVIE_PORT    the stub's port
    PGMOVIE_OUT     the film's path; the truth goes beside it, as OUT.truth

The machine is stopped before its first instruction. Nothing is changed in it.
"""
import os
import sys

import gdb

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "gdb")]
from building import BUILD, LENDING, PDE_LINE, VM, entry, hex8, switch  # noqa: E402
from record import BASE, REC, name_of  # noqa: E402
from stops import (MMU, STOPS, argument, current, register, text_at,  # noqa: E402
                   value)
import target  # noqa: E402
from ptcore import words  # noqa: E402

FAULT, FORK, SHARE, TABLE = "mm/fault.c", "mm/fork.c", "mm/ptshare.c", "mm/table.c"
FREED = ("mm/mm.c", "kfree(mm->pgdir);", "mm_put")
AROUND = ("mm/entries.c", "entry_change(&pte[i], 0, page_pa(pg[i])", "map_cached")
INSTALL = (FAULT, "entry_change(f->pte, 0, page_pa(pg)", "install")


# ---- Processes -------------------------------------------------------------------
ACTS = {
    "do_zero": "The area holds zeros here: the entry gets a new page of zeros, writable.",
    "do_fill": "Only a part of the page is the file's: a new page gets these bytes, then "
            "zeros.",
    "do_map": "The file's page is in memory already: the entry names that very page, "
           "read-only. Nothing is copied.",
    "do_copy": "All processes that run the file share its page: this process gets a copy "
            "of its own, writable.",
    "do_share": "The area is shared: the entry names the object's page, writable.",
    "do_unshare": None,    # two sentences: see Story.resolved
}
PARTS = {"init": "first process", "story": "exec"}


class Story:
    """A process that executes, faults, forks and ends, and its child.

    context   what a new directory is for: its name, and the sentence
    acts_now  {CR3: the row of the fault table that its fault reached last}
    pending   {CR3: function that tells how its fault ended}, for faults without a step
    """

    def __init__(self):
        self.name = self.old = None
        self.context, self.via = ("process 1", ""), ""
        self.shared = self.forking = None
        self.in_fork = False    # fork takes the fault path for parent and child
        self.faults, self.pending, self.acts_now = 0, {}, {}

    def start(self):
        """Sets the stops of a process's life."""
        STOPS.at("kstack_map", self.kstack)
        STOPS.at("pgdir_new", lambda: STOPS.when_back(self.directory))
        STOPS.at("kfree", self.free)
        STOPS.at("exec", self.exec)
        STOPS.at("mm_fault", self.fault)
        STOPS.at("mm_fork", self.fork)
        STOPS.at("table_fork", self.share)
        STOPS.at("table_copy", self.copy)
        STOPS.at("table_own", self.own)
        STOPS.at("tlb_flush", self.flush)
        STOPS.at("table_leave", self.leave)
        for name in ACTS:
            STOPS.at(value(f"&'{FAULT}'::{name}"), lambda n=name: self.acts(n))
        STOPS.at(value(f"&'{FAULT}'::do_grow"), self.grow)
        STOPS.at("entry_map_around", self.around)
        STOPS.line(FAULT, "if (entry_has_page(f->seen))", "install", self.installed)

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
            f"kstack_map maps two pages in slot {slot} of the kernel stacks. The page "
            "below stays absent, so a stack that grows too far faults.",
            (VM, "*pte = V2P(page)", "kstack_map"), "kpgdir", force=False,
            look=value("$eax") - 4096))

    def directory(self):
        """pgdir_new has returned."""
        pgdir, (name, why) = register("eax"), self.context
        if self.context[0] is None or pgdir == 0:
            return
        REC.spaces[name] = pgdir - BASE
        REC.step(f"{why}pgdir_new takes a page, {hex8(pgdir - BASE)}, and copies the "
                 "kernel's entries: all directories share their tables. One entry names "
                 "the directory itself.",
                 (VM, "memcpy(&pgdir[NUSER]", "pgdir_new"), name,
                 other=self.parent_of(name), via=self.via)

    def free(self):
        """kfree of a directory, by mm_put: the space is empty, its tables are free."""
        name = name_of(argument(0))
        if name in (None, "kpgdir"):
            return
        left = [n for n in (self.name, "kpgdir") if n in REC.spaces and n != name]
        REC.step(f"{name}'s directory maps no page any more, and its tables are free. The "
                 "directory itself becomes a free page.", FREED, name, via="mm_put")
        STOPS.when_back(lambda: self.freed(name, left[0]))

    def freed(self, name, left):
        """The same, afterwards."""
        del REC.spaces[name]
        if name == self.name:
            REC.step(f"{name} is gone. The kernel's own directory remains, as kvmalloc "
                     "built it, with the stacks.",
                     FREED, left, via="mm_put")
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
        text = "The first process has a directory, and its half of it is empty. It " \
            "executes /init." if self.name == "init" else \
            "Meanwhile init has started a shell, and the shell has forked. The shell's " \
            "copy, which has the shell's pages, executes /story."
        self.via = "exec"
        self.context = (self.name, "exec builds the new space beside the old one: ")
        REC.step(text, ("sys/exec.c", "err = path_find(", "exec"), self.old)
        if self.name == "story":
            self.start()

    def switched(self, name):
        """CR3 has been loaded by proc_set_mm."""
        self.via = ""
        if name == "kpgdir":
            REC.part = "exit of the child" if "child" in REC.spaces else "exit"
            REC.step("exit: the process first changes to the kernel's directory. Then "
                     "the kernel takes the process's directory apart.",
                     ("proc.c", "switchuvm(mm ? mm->pgdir : kpgdir);", "proc_set_mm"),
                     name, via="proc_exit", other=None)
            return
        REC.step(f"The commit: CR3 gets {name}'s directory, and nothing can fail any "
                 "more. The kernel frees the old space.",
                 ("proc.c", "switchuvm(mm ? mm->pgdir : kpgdir);", "proc_set_mm"), name,
                 via="exec", other=self.old)

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
        cr3 = current()
        aside = cr3 != pgdir - BASE
        if REC.part == "exec" and not aside:
            REC.part = "on demand"
        REC.step(self.fault_text(name, va, access, w, aside),
                 (FAULT, "look(&f);", "mm_fault"), name, look=va,
                 fault=True, other=self.partner(name),
                 via="mm_fork › unshare_stack" if self.in_fork else
                 "exec › mm_poke" if aside else "trap › page_fault",
                 mm=(name, mm))
        def tell():
            return self.resolved(name, mm, va, w, self.acts_now[cr3])
        self.pending[cr3] = tell
        STOPS.when_back(lambda: self.pending.pop(cr3, lambda: None)())

    def acts(self, rule):
        """A row of the fault table is carried out."""
        self.acts_now[current()] = rule

    def installed(self):
        """An entry has been written. Between here and mm_fault's return another
        process may run, and fault."""
        tell = self.pending.get(current())
        if tell and tell():
            del self.pending[current()]

    def partner(self, name):
        """The other of parent and child, while both are there."""
        pair = {"child": self.name, self.name: "child"}
        return pair.get(name) if pair.get(name) in REC.spaces else None

    def fault_text(self, name, va, access, pte, aside):
        """The sentence for a fault."""
        if aside and name == "child" or REC.part == "copy-on-write" and self.in_fork:
            return (f"fork takes the fault path for {name}: it is going to write to its "
                    f"stack at {hex8(va)}.")
        if aside:
            return (f"exec writes the arguments to {name}'s stack at {hex8(va)}, and "
                    "takes the fault path, as the program would.")
        verb = "writes to" if access else "reads"
        if pte & 1:
            return (f"{name} {verb} {hex8(va)}: the page is present, but the entry lacks "
                    "W. A page fault.")
        return f"{name} {verb} {hex8(va)}: no page is present there. A page fault."

    def resolved(self, name, mm, va, before, rule):
        """Tells the entry that mm_fault has written. Returns False if it has not."""
        after = target.kernel().space(REC.spaces[name]).pte(va)
        if not (after ^ before) & ~MMU:
            return False
        text = ACTS[rule]
        if rule == "do_unshare":
            text = f"{name} is the page's last owner: the entry gets its W back, and " \
                "nothing is copied." if (before ^ after) & ~0xFFF == 0 else \
                "The page has another owner, which must not see this write: the writer " \
                f"gets a copy in frame {hex8(after & ~0xFFF)}, writable."
        REC.step(text, INSTALL, name, look=va, other=self.partner(name),
                 via=f"mm_fault › {rule}", mm=(name, mm))
        self.faults += 1
        if name == "init" and self.faults == 2 or name == "child":
            REC.testify(0, 0x1FF, 0x3F4)
        return True

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
            f"The address lies below the stack's area, but near enough: the area now "
            f"begins at {hex8(va)}, and mm_fault looks again.",
            (FAULT, "area_grow_down(&f->mm->areas, stack", "do_grow"), name, look=va,
            fault=True, via="mm_fault", other=self.partner(name)))

    def around(self):
        """entry_map_around begins: a page of a file has been mapped by a fault."""
        va, name = argument(1), name_of(BASE + current())
        if name is None:
            return
        before = target.kernel().space(REC.spaces[name])

        def tell():
            after = target.kernel().space(REC.spaces[name])
            first = va & ~0xFFFF
            more = [hex8(a) for a in range(first, first + 0x10000, 4096)
                    if (before.pte(a) ^ after.pte(a)) & ~MMU]
            if more:
                REC.step("The file's next pages are in memory too, and the program will "
                         f"read them soon: the kernel maps {', '.join(more)} at once, "
                         "and saves their faults.", AROUND, name, look=va,
                         other=self.partner(name), via="do_map › entry_map_around")
        STOPS.when_back(tell)

    # ---- fork --------------------------------------------------------------------
    def fork(self):
        """mm_fork begins."""
        name = name_of(value(f"((struct mm *){argument(0)})->pgdir"))
        if name == "init":
            STOPS.done = "first process"
        if name != "story":
            return
        REC.part, self.forking = "fork", name
        STOPS.when_back(self.forked)
        self.context = ("child", "fork: ")
        self.via = "proc_fork › mm_fork"

    def forked(self):
        """mm_fork has returned."""
        self.in_fork = False

    def share(self):
        """table_fork begins: the child is to name a table of the parent."""
        if not self.forking:
            return
        parent, child, va = (argument(i) for i in range(3))
        areas = [x for x in target.kernel().areas(parent)
                 if x.end > va and x.start >> 22 <= va >> 22]
        what = ", ".join(dict.fromkeys(x.what for x in areas))

        def tell():
            self.shared = True
            REC.step("fork copies no page, and no table either. The table with the "
                     f"{what}: the child's directory names the parent's table, and both "
                     "directory entries lack W now.",
                     (SHARE, "child->pgdir[PDX(va)] =", "table_fork"),
                     "child", other=self.forking, via="mm_fork › fork_tables",
                     look=areas[0].start, mm=("child", child), force=False)
        STOPS.when_back(tell)

    def copy(self):
        """table_copy begins. In fork: the child gets a copy of the stack's table."""
        if not self.forking:
            return
        va, child = argument(1), argument(2)
        STOPS.when_back(lambda: REC.step(
            "The table with the stack: both are going to write there at once, so the "
            "child gets a copy of the table. Its entries lose W on both sides.",
            (TABLE, "xchg(&to->pgdir[PDX(va)]", "table_copy"),
            "child", other=self.forking, via="mm_fork › fork_tables",
            look=va, mm=("child", child), force=False))

    def flush(self):
        """tlb_flush: entries have been changed, frames have not been let go yet."""
        if not self.forking or not self.shared:
            return
        REC.step("The TLB may still let the parent write: the kernel flushes it before "
                 "the child exists.",
                 (FORK, "tlb_flush(&b);", "forget_writes"), "child",
                 other=self.forking, via="mm_fork")
        REC.part, self.forking, self.in_fork = "copy-on-write", None, True
        self.context, self.via = (None, ""), ""
        REC.testify(0, 0x1FF)

    def own(self):
        """table_own begins: a fault is about to change a table."""
        mm, va = argument(0), argument(1)
        pgdir = target.kernel().get("mm", mm, "pgdir")
        name, at = name_of(pgdir), pgdir + 4 * (va >> 22)
        if name is None:
            return
        before = target.kernel().word(at)

        def tell():
            after = target.kernel().word(at)
            if not (after ^ before) & ~MMU:
                return
            copied = (after ^ before) & ~0xFFF
            REC.step(f"{name} may not change a table that another directory names: it "
                     f"goes on with a copy of the table, in frame {hex8(after & ~0xFFF)}. "
                     "Private pages lose W in both tables." if copied else
                     f"No other directory names the table any more: {name}'s entry of "
                     "the directory gets its W back.",
                     (TABLE, "xchg(&to->pgdir[PDX(va)]", "table_copy") if copied else
                     (SHARE, "entry_change(&mm->pgdir[PDX(va)]", "table_own"),
                     name, look=va, other=self.partner(name), via="mm_fault › do_row",
                     mm=(name, mm))
        STOPS.when_back(tell)

    # ---- The end -----------------------------------------------------------------
    def leave(self):
        """table_leave begins, for an area of a space that ends."""
        mm, start = argument(0), argument(1)
        k = target.kernel()
        name = name_of(k.get("mm", mm, "pgdir"))
        what = [a.what for a in k.areas(mm) if a.start == start]
        if name is None or not what:
            return
        STOPS.when_back(lambda: REC.step(
            f"{name}'s directory lets go of the table of {name}'s {what[0]}. If no other "
            "directory names the table, its pages and the table itself become free.",
            (TABLE, "mm->pgdir[PDX(start)] = 0;", "table_leave"),
            name, via="mm_put › table_leave", force=False))


BUILD.story = STORY = Story()


def main():
    """The whole film."""
    gdb.execute("set pagination off")
    gdb.execute("set confirm off")
    gdb.execute(f"target remote 127.0.0.1:{os.environ['PGMOVIE_PORT']}",
                to_string=True)
    entry()
    LENDING.start()
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


if __name__ == "__main__":
    main()
