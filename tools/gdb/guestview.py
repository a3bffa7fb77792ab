"""A guest (hv/guest.h) from outside: its own page tables, the monitor's, and the shadow
that composes both.

    guest-virtual --the guest's tables--> guest-physical --the monitor's--> frame
          +--------------------------the shadow: one walk------------------>+

The processor walks the shadow. It may lack an entry, but never leads elsewhere, nor
allows more, than both sets of tables do.
"""
from collections import namedtuple

import ptcore
from ptcore import P, PGSIZE, U, W, ReadError, flags_text
from viewtext import CR4_PSE, hex8, span

# A page of the shadow: guest-virtual, guest-physical, frame, write, user.
Page = namedtuple("Page", "va gpa pa write user")
CR0_PG, CR0_WP = 1 << 31, 1 << 16


def guests(k):
    """[(pid, address of the struct guest)] of all processes: a guest is an open file
    that stands for an object."""
    out, seen = [], set()
    first, n = k.structs["files"]["fd"]
    for p in k.procs_raw():
        table = k.get("proc", p, "files")
        for at in range(table + first, table + first + n, 4) if table else ():
            f = k.word(at)
            g = k.get("file", f, "object") if f else 0
            if g and g not in seen:
                seen.add(g)
                out.append((k.get("proc", p, "pid"), g))
    return out


def find(k, pid=None):
    """The Guest of a process, or the only one there is. Raises LookupError."""
    found = [(p, g) for p, g in guests(k) if pid in (None, p)]
    if not found:
        raise LookupError("no process runs a guest" if pid is None else
                          f"process {pid} runs no guest")
    if len(found) > 1:
        raise LookupError("there are guests of the processes " +
                          ", ".join(str(p) for p, _ in found) + ": give a PID")
    return Guest(k, *found[0])


def compare(k):
    """(What is wrong in the shadow of the only guest, how many pages the shadow has).
    Nothing, if there is no guest."""
    try:
        g = find(k)
    except LookupError:
        return [], 0
    return g.wrong(), sum(len(g.pages(root, cr3)) for cr3, root in g.roots())


class Guest:
    """One guest at this stop. pid: its monitor; base, size: its memory in the monitor's
    addresses; cr0, cr3, cr4: the guest's."""

    def __init__(self, k, pid, g):
        self.k, self.pid = k, pid
        mem = k.at("guest", g, "mem")
        self.space = k.at("guest", g, "shadow")
        rules = k.at("shadow_space", self.space, "rules")
        self.base = k.get("guest_memory", mem, "base")
        self.size = k.get("guest_memory", mem, "size")
        self.host = k.pa(k.get("mm", k.get("guest_memory", mem, "mm"), "pgdir"))
        self.cr0, self.cr3, self.cr4 = (k.get("walk_rules", rules, r)
                                        for r in ("cr0", "cr3", "cr4"))
        root = k.get("shadow_space", self.space, "root")
        self.root = k.pa(k.get("shadow", root, "entry")) if root else None
        # Has the host taken pages away? Then the shadows are dropped before the guest
        # runs again.
        holder = k.get("shadow_space", self.space, "host")
        self.stale = bool(k.get("tlb_shadow", holder, "stale"))

    # ---- The three walks ----------------------------------------------------------
    def host_walk(self, gpa):
        """The monitor's translation of a guest-physical address."""
        return ptcore.walk(self.k.read, self.host, self.base + gpa)

    def read(self, gpa, n):
        """n bytes of the guest's physical memory. Raises ReadError."""
        out = b""
        while n:
            w = self.host_walk(gpa)
            if gpa >= self.size or w.pa is None:
                raise ReadError(f"no memory at guest-physical {gpa:#x}")
            part = min(n, PGSIZE - gpa % PGSIZE)
            out += self.k.read(w.pa, part)
            gpa, n = gpa + part, n - part
        return out

    def walk(self, va, cr3=None):
        """The guest's own translation of va, through its CR3 or another directory;
        without paging every address is its own."""
        if not self.cr0 & CR0_PG:
            return ptcore.Walk(va, 0, [], va, False, True, True)
        return ptcore.walk(self.read, self.cr3 if cr3 is None else cr3, va,
                           bool(self.cr4 & CR4_PSE))

    def shadow_walk(self, va):
        """The shadow's translation of va, or None: there is no shadow of CR3."""
        return ptcore.walk(self.k.read, self.root, va, False) if self.root else None

    # ---- The shadow against the other two -----------------------------------------
    def unsynced(self, gpa):
        """Is the guest's page a table that is out of sync?"""
        per = PGSIZE // self.k.structs["frame"]["size"]
        frames = self.k.get("shadow_space", self.space, "frames")
        n = gpa // PGSIZE
        at = self.k.word(frames + 4 * (n // per)) + \
            n % per * self.k.structs["frame"]["size"]
        return bool(self.k.get("frame", at, "unsynced"))

    def roots(self):
        """[(directory of the guest, its shadow)]: guest-physical and physical
        addresses. A shadow that stands for no directory is the root's."""
        out = []
        head = self.k.at("shadow_space", self.space, "shadows")
        for t in self.k.ring(head, "shadow", "link"):
            if self.k.get("shadow", t, "kind"):
                continue
            frame = self.k.get("shadow", t, "frame")
            cr3 = self.k.get("frame", frame, "number") * PGSIZE if frame \
                else self.cr3
            out.append((cr3, self.k.pa(self.k.get("shadow", t, "entry"))))
        return out

    def pages(self, root=None, cr3=None):
        """A shadow's pages, in order: Page with gpa from the guest's walk, None if it
        has none now. By default those of the guest's CR3."""
        out, root = [], root or self.root
        space = self.k.space(root, False) if root else None
        for i, table in sorted(space.tables.items()) if space else ():
            for j, e in enumerate(ptcore.words(table)):
                if not e & P:
                    continue
                va, both = i << 22 | j << 12, e & space.dir[i]
                out.append(Page(va, self.gpa(va, cr3), e & ~0xFFF, bool(both & W),
                                bool(both & U)))
        return out

    def gpa(self, va, cr3=None):
        """The guest-physical page of va, or None."""
        try:
            w = self.walk(va, cr3)
        except ReadError:
            return None
        return None if w.pa is None else w.pa & ~0xFFF

    def wrong(self):
        """What the shadows of all directories allow that the guest's tables and the
        host's do not, as lines; [] if there is nothing. Entries of tables that are out
        of sync may be old, as a TLB's may."""
        if self.stale:
            return []
        return [f"{hex8(p.va)} -> {hex8(p.pa)} {why}" for cr3, root in self.roots()
                for p in self.pages(root, cr3) for why in [self.judge(p, cr3)] if why]

    def judge(self, page, cr3=None):
        """What is wrong with a page of a shadow, or None."""
        if self.cr0 & CR0_PG and self.unsynced(self.cr3 if cr3 is None else cr3):
            return None
        try:
            w = self.walk(page.va, cr3)
        except ReadError as e:
            return str(e)
        if any(self.unsynced(s.pa) for s in w.steps):
            return None
        if w.pa is None:
            return "although the guest has no translation"
        host = self.host_walk(w.pa & ~0xFFF)
        if host.pa is None or host.pa & ~0xFFF != page.pa:
            return f"although guest-physical {w.pa & ~0xFFF:#x} is elsewhere"
        if page.user and not w.user:
            return "although the guest's tables lack U"
        if page.write:
            return self.judge_write(w, host)
        return None

    def judge_write(self, w, host):
        """What is wrong with a W of the shadow, or None."""
        if not host.write:
            return "with W, although the host's entry lacks it"
        if self.cr0 & CR0_WP and not w.write:
            return "with W, although the guest's tables lack it"
        if w.steps and not w.steps[-1].value & ptcore.D:
            return "with W, although the guest's entry lacks D"
        return None


# ---- walk -g -----------------------------------------------------------------------
def walk_lines(k, va, pid=None):
    """walk -g: the three walks of a guest-virtual address."""
    g, va = find(k, pid), va & 0xFFFFFFFF
    out = [f"guest of process {g.pid}: {g.size >> 20} MB at {hex8(g.base)}; its CR3 is "
           f"{hex8(g.cr3)}" + ("" if g.cr0 & CR0_PG else ", its paging is off"),
           f"guest-virtual {hex8(va)}, by the guest's tables:"]
    w = g.walk(va)
    for s in w.steps:
        out.append(f"  {s.level}  guest-physical {hex8(s.pa)}: {hex8(s.value)} "
                   f"[{flags_text(s.value)}]")
    if w.pa is None:
        return out + ["  => not present: the guest gets a page fault of its own"] + \
            shadow_lines(g, va, None)
    out.append(f"  => guest-physical {hex8(w.pa)}, {ptcore.access_text(w.write, w.user)}")
    return out + host_lines(g, w.pa) + shadow_lines(g, va, w)


def host_lines(g, gpa):
    """The monitor's translation of a guest-physical address, as lines."""
    if gpa >= g.size:
        return [f"the machine has no memory there: it ends at {hex8(g.size)}"]
    w = g.host_walk(gpa)
    out = [f"guest-physical {hex8(gpa)} is the monitor's {hex8(g.base + gpa)}, by its "
           "tables:"]
    for s in w.steps:
        out.append(f"  {s.level}  {hex8(s.pa)}: {hex8(s.value)} [{flags_text(s.value)}]")
    return out + ["  => not present: the host's fault path will bring it"
                  if w.pa is None else f"  => host-physical {hex8(w.pa)}"]


def shadow_lines(g, va, w):
    """The shadow's translation, which the processor walks, as lines."""
    s = g.shadow_walk(va)
    if s is None:
        return ["there is no shadow of this CR3 yet"]
    out = [f"the shadow, by its directory at {hex8(g.root)}:"]
    for step in s.steps:
        out.append(f"  {step.level}  {hex8(step.pa)}: {hex8(step.value)} "
                   f"[{flags_text(step.value)}]")
    if s.pa is None:
        return out + ["  => absent: the next access is a hidden fault, and fills it"
                      if w else "  => absent, too"]
    wrong = g.judge(Page(va & ~0xFFF, None, s.pa & ~0xFFF, s.write, s.user))
    text = f"  => host-physical {hex8(s.pa)}, {ptcore.access_text(s.write, s.user)}"
    if wrong:
        return out + [f"{text}: WRONG, {wrong}"]
    if w and w.write and not s.write:
        return out + [text + ": the first write is a hidden fault (D, or a table)"]
    return out + [text]


# ---- pt -g -------------------------------------------------------------------------
def joins(a, b):
    """Does page b go on where a range ends? a: (first, last) Page."""
    last = a[1]
    step = [b.va - last.va, b.pa - last.pa,
            PGSIZE if b.gpa is None and last.gpa is None else
            -1 if None in (b.gpa, last.gpa) else b.gpa - last.gpa]
    return step == [PGSIZE] * 3 and (b.write, b.user) == (last.write, last.user)


def pt_lines(k, pid=None):
    """pt -g: the shadow of the guest's CR3, with both sets of addresses."""
    g = find(k, pid)
    out = [f"guest of process {g.pid}: the shadow of its CR3 {hex8(g.cr3)}"
           f"{'' if g.root else ' is not made yet'}",
           "guest-virtual      guest-physical     host-physical      pages"]
    ranges = []
    for page in g.pages():
        if ranges and joins(ranges[-1], page):
            ranges[-1] = (ranges[-1][0], page)
        else:
            ranges.append((page, page))
    for first, last in ranges:
        n = (last.va - first.va) // PGSIZE + 1
        gpa = "no translation now" if first.gpa is None else \
            span(first.gpa, first.gpa + n * PGSIZE)
        out.append(f"{span(first.va, first.va + n * PGSIZE)}  {gpa:17}  "
                   f"{span(first.pa, first.pa + n * PGSIZE)}  {n:5} "
                   f"{ptcore.access_text(first.write, first.user)}")
    return out + [f"WRONG: {line}" for line in g.wrong()]
