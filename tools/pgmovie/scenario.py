"""What the film shows: the kernel's own tables (building.py), then the life of processes.
This file has the stops, in the order in which the kernel reaches them, and the sentence of
each stop. gdb sources it after it has loaded the kernel's symbols.

    PGMOVIE_PORT    the stub's port
    PGMOVIE_OUT     the film's path; the truth goes beside it, as OUT.truth

The machine is stopped before its first instruction. Nothing is changed in it.
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "gdb")]
from building import BUILD, LENDING, PDE_LINE, VM, entry, hex8, switch  # noqa: E402
from faults import Faults  # noqa: E402
from record import BASE, REC, name_of  # noqa: E402
from stops import (MMU, STOPS, argument, connect, finish, register,  # noqa: E402
                   text_at, value)
import target  # noqa: E402

FORK, SHARE, TABLE = "mm/fork.c", "mm/ptshare.c", "mm/table.c"
FREED = ("mm/mm.c", "kfree(mm->pgdir);", "mm_put")


# ---- Processes -------------------------------------------------------------------
PARTS = {"init": "first process", "story": "exec"}


class Story(Faults):
    """A process that executes, faults, forks and ends, and its child.

    context   what a new directory is for: its name, and the sentence
    """

    def __init__(self):
        super().__init__()
        self.name = self.old = None
        self.context, self.via = ("process 1", ""), ""
        self.shared = self.forking = None
        self.in_fork = False    # fork takes the fault path for parent and child

    def start(self):
        """Sets the stops of a process's life."""
        STOPS.at("kstack_map", self.kstack)
        STOPS.at("pgdir_new", lambda: STOPS.when_back(self.directory))
        STOPS.at("kfree", self.free)
        STOPS.at("exec", self.exec)
        STOPS.at("mm_fork", self.fork)
        STOPS.at("table_fork", self.share)
        STOPS.at("table_copy", self.copy)
        STOPS.at("table_own", self.own)
        STOPS.at("tlb_flush", self.flush)
        STOPS.at("table_leave", self.leave)
        self.start_faults()

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
    connect()
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
    finish(REC)


if __name__ == "__main__":
    main()
