"""Page faults in the film: what each of them tells. Story (scenario.py) inherits this.

mm_fault is stopped at its beginning, at the row of the fault table that it reaches, and
where it has written an entry.
"""
import gdb

import target
from ptcore import words
from record import BASE, REC, name_of
from stops import MMU, STOPS, argument, current, value
from building import hex8

FAULT = "mm/fault.c"
AROUND = ("mm/entries.c", "entry_change(&pte[i], 0, page_pa(pg[i])", "map_cached")
INSTALL = (FAULT, "entry_change(f->pte, 0, page_pa(pg)", "install")
ACTS = {
    "do_zero": "The area holds zeros here: the entry gets a new page of zeros, writable.",
    "do_fill": "Only a part of the page is the file's: a new page gets these bytes, then "
            "zeros.",
    "do_map": "The file's page is in memory already: the entry names that very page, "
           "read-only. Nothing is copied.",
    "do_copy": "All processes that run the file share its page: this process gets a copy "
            "of its own, writable.",
    "do_share": "The area is shared: the entry names the object's page, writable.",
    "do_unshare": None,    # two sentences: see Faults.resolved
}


class Faults:
    """What faults tell.

    acts_now  {CR3: the row of the fault table that its fault reached last}
    pending   {CR3: function that tells how its fault ended}, for faults without a step
    """

    def __init__(self):
        self.name = self.in_fork = None     # Story's
        self.faults, self.pending, self.acts_now = 0, {}, {}

    def start_faults(self):
        """Sets the stops."""
        STOPS.at("mm_fault", self.fault)
        for name in ACTS:
            STOPS.at(value(f"&'{FAULT}'::{name}"), lambda n=name: self.acts(n))
        STOPS.at(value(f"&'{FAULT}'::do_grow"), self.grow)
        STOPS.at("entry_map_around", self.around)
        STOPS.line(FAULT, "if (entry_has_page(f->seen))", "install", self.installed)

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
