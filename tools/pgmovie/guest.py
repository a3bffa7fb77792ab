"""What the film of a guest shows: cr3 in cr3, its own page tables and their shadows, from
its first page fault on. gdb sources this file instead of scenario.py, with the same
environment, on a machine with SVM (make guestmovie).

    guest     the directory in the guest's CR3: frames of the guest's memory (film.GUEST)
    shadow    the directory that the processor walks while the guest runs
    monitor   vmm's own: its user half, where the guest's memory lies
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True
sys.path[:0] = [HERE, os.path.join(os.path.dirname(HERE), "gdb")]
import film  # noqa: E402 (the path comes first)
import guestview  # noqa: E402
import ptcore  # noqa: E402
import record  # noqa: E402
import target  # noqa: E402
from ptcore import P, PGSIZE, PS, ReadError  # noqa: E402
from stops import STOPS, argument, connect, finish, register  # noqa: E402

HV = "hv/shadow.c"
FILLED = (HV, "shadow_set(s, t, PTX(f->va)", "fill_entry")
INJECT, FILL = 0, 5     # enum shadow_do
MANY = 200              # hidden faults, after which the shadow is looked at again


def hex8(n):
    """An address as the kernel prints it."""
    return f"{n & 0xFFFFFFFF:08x}"


class Recorder(record.Recorder):
    """Follows the spaces of a guest."""

    guest = None        # guestview.Guest at this stop

    def look(self):
        """Finds the guest, and its spaces as they are now."""
        g = self.guest = guestview.find(target.kernel())
        self.spaces = {"monitor": g.host}
        if g.root:
            self.spaces["shadow"] = g.root
        if g.cr0 & guestview.CR0_PG:
            self.spaces["guest"] = (g.cr3 & ~0xFFF) + film.GUEST
        return g

    def read(self):
        """As record.Recorder does; the guest's tables come from its own memory."""
        g, out = self.guest, {}
        for name, pa in self.spaces.items():
            read = g.read if name == "guest" else g.k.read
            base = pa & film.GUEST
            table = out[pa] = read(pa - base, PGSIZE)
            most = 512 if name == "monitor" else 1024
            for e in ptcore.words(table)[:most]:
                if e & P and not e & PS:
                    out[(e & ~0xFFF) + base] = self.table(read, e & ~0xFFF)
            if name == "monitor":       # its kernel half is another film
                out[pa] = table[:2048] + bytes(2048)
        return out, {"monitor": self.areas_of(g.k, self.mm())}

    def table(self, read, pa):
        """The page at an address; zeros where there is no memory."""
        try:
            return read(pa, PGSIZE)
        except ReadError:
            return film.EMPTY

    def mm(self):
        """The monitor's address space."""
        return next(p.mm for p in self.guest.k.procs() if p.pid == self.guest.pid)

    def tell(self, text, where, show, other=None, look=None, fault=False):
        """A step. What counts as CR3 is what it holds while the guest runs."""
        self.step(text, where, show, other, "", look, fault)
        self.steps[-1]["cr3"] = self.guest.root or 0


REC = Recorder()


class Story:
    """The scenes, each at a page fault or a load of CR3. scene: the method that waits.
    A scene that returns True has told its step, and the next one waits."""

    def __init__(self):
        self.va = self.faults = self.written = 0
        self.result = self.unsynced = None
        self.scenes = [self.no_paging, self.big_page, self.own_tables, self.first_fill,
                       self.in_monitor, self.many_fills, self.table_write, self.synced,
                       self.own_fault, self.brought, self.shared]

    def start(self):
        """Sets the stops."""
        STOPS.at("shadow_fault", self.fault)
        STOPS.at("shadow_load_cr3", self.load)
        STOPS.at("shadow_unsync", self.unsync)

    def happen(self, what):
        """Something has happened: "fault" or "cr3"."""
        REC.look()
        while self.scenes and self.scenes[0](what):
            self.scenes.pop(0)
        if not self.scenes:
            STOPS.done = "end"

    def fault(self):
        """A page fault of the guest begins."""
        self.va = argument(1)

        def back():
            self.result = register("eax")
            self.faults += self.result == FILL
            self.happen("fault")
        STOPS.when_back(back)

    def load(self):
        """The guest loads CR3."""
        STOPS.when_back(lambda: self.happen("cr3"))

    def unsync(self):
        """A table goes out of sync. One with a single entry may be no table soon."""
        k, frame = target.kernel(), argument(1)
        shadow = k.get("frame", frame, "shadows")
        entries = k.read(k.pa(k.get("shadow", shadow, "entry")), PGSIZE)
        if sum(1 for e in ptcore.words(entries) if e & P) > 1:
            self.unsynced = k.get("frame", frame, "number") * PGSIZE

    def has_tables(self):
        """Does the guest's directory name a table? That of entrypgdir does not."""
        try:
            entries = ptcore.words(REC.guest.read(REC.guest.cr3 & ~0xFFF, PGSIZE))
        except ReadError:
            return False
        return any(e & P and not e & PS for e in entries)

    def is_fault(self, what, result=None):
        """Is it the end of a page fault, with that result, and is there a shadow to show?"""
        return what == "fault" and result in (None, self.result) and bool(REC.guest.root)

    # ---- The scenes ------------------------------------------------------------
    def no_paging(self, what):
        """The first fault: the guest's paging is off."""
        if not self.is_fault(what) or REC.guest.cr0 & guestview.CR0_PG:
            return False
        REC.part = "before paging"
        REC.tell("The guest's paging is off: its addresses are physical ones, of its own "
                 "memory. The processor walks a shadow all the same.",
                 FILLED, "shadow", look=self.va)
        return True

    def big_page(self, what):
        """entrypgdir: 4 MB pages."""
        if not self.is_fault(what) or "guest" not in REC.spaces:
            return False
        REC.part = "entrypgdir"
        REC.tell("The guest has set CR0.PG, with two pages of 4 MB (entrypgdir). Their shadow "
                 "is a table, which is filled page by page.",
                 (HV, "shadow_link(s->root, i, *t", "table_for"), "guest",
                 other="shadow", look=self.va)
        return True

    def own_tables(self, what):
        """The guest's kpgdir."""
        if what != "cr3" or not self.has_tables():
            return False
        REC.part = "kpgdir"
        REC.tell("The guest loads its kpgdir. This is no load of CR3: the host notes the "
                 "value. The frames in it are the guest's.",
                 (HV, "s->rules.cr3 = cr3;", "shadow_load_cr3"), "guest")
        return True

    def first_fill(self, what):
        """A hidden fault."""
        if not self.is_fault(what, FILL):
            return False
        REC.tell(f"A new shadow, which is empty: {hex8(self.va)} faults. The guest's tables "
                 "allow it, so the guest sees nothing. The host fills the entry.",
                 FILLED, "guest", other="shadow", look=self.va)
        return True

    def in_monitor(self, _):
        """Where the guest's page is."""
        w = REC.guest.walk(self.va)
        place = REC.guest.base + w.pa
        REC.tell(f"Guest-physical {hex8(w.pa)} is the monitor's {hex8(place)}: the guest's "
                 "memory is an area of the monitor, whose tables name the frame.",
                 ("hv/memory.c", "m->base + pa", "guest_frame"), "monitor", look=place)
        return True

    def many_fills(self, what):
        """The shadow later."""
        if not self.is_fault(what, FILL) or self.faults < MANY:
            return False
        REC.tell(f"After {self.faults} hidden faults the shadow has what the guest has used, and "
                 "no more.", FILLED, "shadow", other="guest", look=self.va)
        self.unsynced = None
        return True

    def table_write(self, what):
        """A write to a table."""
        if not self.is_fault(what, FILL) or self.unsynced is None or \
                REC.guest.walk(self.va).pa & ~0xFFF != self.unsynced or \
                not REC.guest.shadow_walk(self.va).write:
            return False
        REC.part = "out of sync"
        REC.tell(f"The guest stores to {hex8(self.va)}, one of its own tables. The shadow lacked "
                 "W there. Now the table is out of sync, and the entry has W.",
                 (HV, "shadow_unsync(s, frame);", "let_write"), "shadow", other="guest",
                 look=self.va)
        self.written = self.va
        return True

    def synced(self, what):
        """The load of CR3 after that."""
        if what != "cr3":
            return False
        # The root is unknown until the next fault: the one before is shown again.
        # It is no shadow of the new directory.
        REC.spaces["shadow"] = dict(REC.steps[-1]["spaces"])["shadow"]
        REC.spaces.pop("guest", None)
        REC.tell("The guest loads CR3: its changes must be seen. The host drops entries whose "
                 "original has changed, and takes W away again.",
                 (HV, "shadow_protect(s, f);", "sync_frame"), "shadow", look=self.written)
        return True

    def own_fault(self, what):
        """A fault that the guest gets."""
        if not self.is_fault(what, INJECT):
            return False
        REC.part = "whose fault"
        REC.tell(f"The guest's own tables do not allow {hex8(self.va)}. This fault is the guest's: "
                 "the host hands it on, and the guest's kernel brings the page.",
                 (HV, "case SHADOW_INJECT:", "do_case"), "guest", other="shadow",
                 look=self.va, fault=True)
        self.written = self.va
        return True

    def brought(self, what):
        """The same access, after the guest's handler."""
        if not self.is_fault(what, FILL) or (self.va ^ self.written) & ~0xFFF:
            return False
        REC.tell("The guest's kernel has brought the page. The instruction faults once more, as "
                 "the shadow lacks the page: a hidden fault.", FILLED, "guest",
                 other="shadow", look=self.va)
        return True

    def shared(self, what):
        """Two directories of the guest, and one shadow of a table."""
        if not self.is_fault(what, FILL):
            return False
        roots = [r for r in REC.guest.roots() if r[1] != REC.guest.root]
        shared = [r for cr3, r in roots if cr3 and
                  self.entry(r) == self.entry(REC.guest.root) and self.entry(r) & P]
        if not shared:
            return False
        REC.part = "sharing"
        REC.spaces["other shadow"] = shared[0]
        REC.tell("The directories of the guest's processes share the tables of the kernel's half. "
                 "So do the shadows: a new one is filled there.",
                 (HV, "*t = find_table(s, frame);", "table_for"), "shadow",
                 other="other shadow", look=record.BASE + 0x100000)
        return True

    def entry(self, root):
        """The entry for the kernel's first 4 MB in a directory."""
        return ptcore.words(REC.guest.k.read(root + 0x800, 4))[0] & ~(film.A | film.D)


def kernel_rows(g):
    """[[start, end, name]] of the guest kernel's half: the guest runs the host's kernel, in
    less memory."""
    top = record.BASE + g.size
    rows = [[r.va, min(r.end, top) if r.va < top else r.end, r.name]
            for r in g.k.rows()]
    return rows + [[g.k.constants["KSTACKS"], g.k.constants["DEVSPACE"], "kernel stacks"]]


def main():
    """The whole film."""
    connect()
    Story().start()
    STOPS.run("end")
    REC.about, REC.rows = {"guest": REC.guest.base}, kernel_rows(REC.guest)
    finish(REC)


if __name__ == "__main__":
    main()
