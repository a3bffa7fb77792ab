"""A directory as lines of text: folded into ranges (pt), and against kmap[] (kmap).

The views (this file, walkview, objectview, diffview) are the same for GDB's commands,
for tools/ptview and for tests. Each takes a Kernel (kernel.py) and returns a list of
lines; registers come as a Cpu. Each raises ReadError or LookupError, with a sentence,
where there is nothing to see.
"""
import ptcore
from ptcore import A, D, P, PGSIZE, U, W, flags_text
from viewtext import counted, hex8, kept_where, span, swapped


def pgdir_pa(k, n, text=None):
    """The physical address of the directory that n names: a process's number, the
    kernel's address of it, or the physical one. text: what n was typed as. Raises
    LookupError."""
    if n >= PGSIZE:
        return directory_at(k, n, text or hex8(n))
    p = k.find(n)
    if not p.pgdir:
        raise LookupError(f"process {p.pid} is a zombie and has no directory any more")
    return k.pa(p.pgdir)


def directory_at(k, n, text):
    """The physical address of the directory at n, if there can be one."""
    top, pa = k.variable("phystop"), n - k.base if n >= k.base else n
    if n % PGSIZE:
        raise LookupError(f"{text} is {n:#x}: no process, and no directory, which "
                          "begins at a multiple of 0x1000")
    if pa >= (top or k.constants["RAM_MAX"]):
        raise LookupError(f"{text} is {n:#x}: there is no RAM")
    return pa


# ---- pt: a directory as ranges ---------------------------------------------------
class Places:
    """To which row of kmap[] or which area an address belongs."""

    def __init__(self, k, cr3):
        """k: the Kernel; cr3: the directory whose areas count. What the kernel has
        not set up yet is left out."""
        self.k, self.rows, self.areas, self.proc = k, [], [], None
        try:
            self.rows = [r for r in k.rows() if r.end > r.va]
            self.proc = k.owner(cr3)
            if self.proc:
                self.areas = k.areas(self.proc.mm)
        except (ptcore.ReadError, KeyError):
            pass

    def cuts(self):
        """Addresses at which something begins or ends."""
        c = self.k.constants
        out = {c["KERNBASE"], c["KSTACKS"], c["PTWINDOW"], c["DEVSPACE"]}
        for r in self.rows:
            out |= {r.va, r.end & 0xFFFFFFFF}
        for a in self.areas:
            out |= {a.start, a.end}
        return out

    def area(self, va):
        """The area of an address, or None."""
        return next((a for a in self.areas if a.start <= va < a.end), None)

    def name(self, va):
        """What an address is, in words; "" if nothing is known."""
        c = self.k.constants
        for r in self.rows:
            if r.va <= va < r.end:
                return f"kmap[{r.number}] {r.name}"
        if c["KSTACKS"] <= va < c["PTWINDOW"]:
            slot = (va - c["KSTACKS"]) // c["KSTACK_SLOT"]
            return f"kernel stack {slot}"
        if c["PTWINDOW"] <= va < c["DEVSPACE"]:
            return "the tables (recursive window)"
        a = self.area(va)
        return a.what if a else ""

    def cow(self, r):
        """Is a range's next write a copy: read-only, where a private area permits
        writing?"""
        a, c = self.area(r.va), self.k.constants
        return a is not None and not r.write and \
            a.flags & (c["AREA_WRITE"] | c["AREA_SHARED"]) == c["AREA_WRITE"]


def of_pages(name, n, pages):
    """A bit that the MMU sets: its name if all pages have it, with the number if
    some have, else nothing."""
    return "" if not n else name if n == pages else f"{name}:{n}"


def range_flags(r):
    """The flags of a range's own entries (PTEs, or PDEs of 4 MB pages)."""
    flags = r.pde if r.pte is None else r.pte
    return " ".join(x for x in (flags_text(flags), of_pages("A", r.accessed, r.pages),
                                of_pages("D", r.dirty, r.pages)) if x)


def row_text(r, places):
    """One line of pt."""
    what = places.name(r.va) if r.pte is not None else ""
    if places.cow(r):
        refs = [places.k.refs(r.pa + i * PGSIZE) for i in range(min(r.pages, 64))]
        most = max((n for n in refs if n is not None), default=0)
        what += f", copy-on-write ({most} owners)" if most > 1 else ", copy-on-write"
    return (f"{span(r.va, r.end)} -> {span(r.pa, r.pa + r.pages * PGSIZE)} {r.pages:6} "
            f"{ptcore.access_text(r.write, r.user):9} {range_flags(r):18} {what}").rstrip()


def kept_text(r, k, places):
    """The same for pages whose entries keep a slot of swap or a frame, with P clear."""
    end = r.va + r.pages * PGSIZE
    return (f"{span(r.va, end)} -> {kept_where(k, r.value, r.pages):17} {r.pages:6} none"
            f"      {'in swap' if swapped(k, r.value) else 'kept, no P':18} "
            f"{places.name(r.va)}").rstrip()


def groups(space, sharers, borders):
    """The directory's present entries as groups of neighbours that are alike: lists
    of indexes. Alike: the same flags but A, tables with the same sharers, and no
    border (an index) between them."""
    def key(i):
        e = space.dir[i]
        if e & ~0xFFF == space.cr3 and not space.big(e):
            return ("self", i)
        return (e & 0xFFF & ~(A | D), space.big(e), i in space.tables,
                frozenset(sharers.get(e & ~0xFFF, ())) if not space.big(e) else ())
    out = []
    for i in range(1024):
        if not space.dir[i] & P:
            continue
        if out and out[-1][-1] == i - 1 and i not in borders and \
                key(i) == key(i - 1):
            out[-1].append(i)
        else:
            out.append([i])
    return out


def frames_text(frames):
    """Frames as ranges: "003fd000", "003fd000-003ff000 (3)"; at most three of them."""
    parts = [hex8(pa) if n == 1 else f"{hex8(pa)}-{hex8(pa + (n - 1) * PGSIZE)} ({n})"
             for pa, n in ptcore.runs(sorted(frames))]
    return ", ".join(parts[:3] + ([f"and {len(parts) - 3} more pieces"]
                                  if len(parts) > 3 else []))


def group_text(space, group, sharers, me, owners=None):
    """The line above a group's ranges: which entries, which tables, whose. owners: how
    many directories name the first table, if it is one of the user's half."""
    first, last, e = group[0], group[-1], space.dir[group[0]]
    index = f"PDE[{first:#05x}]" if first == last else f"PDE[{first:#05x}-{last:#05x}]"
    text = f"{index} {flags_text(e & ~(A | D) & 0xFFF)}"
    if any(space.dir[i] & A for i in group):
        text += " A" if all(space.dir[i] & A for i in group) else " A:some"
    if space.big(e):
        return text + ": 4 MB pages, no table"
    if e & ~0xFFF == space.cr3:
        return text + ": the directory itself, used as a table"
    if first not in space.tables:
        return text + f": the table at {hex8(e & ~0xFFF)} is not in memory"
    frames = {space.dir[i] & ~0xFFF for i in group}
    text += f": table{'s' if len(frames) > 1 else ''} {frames_text(frames)}"
    others = sorted(sharers.get(e & ~0xFFF, set()) - {me})
    if owners and not e & W:
        text += f", shared by {owners} directories, copied at the first write" \
            if owners > 1 else ", shared no longer: W comes back at the first write"
    elif others:
        shown = ", ".join(others[:4]) + (f" and {len(others) - 4} more"
                                         if len(others) > 4 else "")
        text += f", shared with {shown}"
    return text


def pt(k, cr3, pse=True, title=None):
    """A directory, folded: below a line for each group of directory entries, a line
    for each range of pages."""
    cr3 &= ~0xFFF
    space, places = k.space(cr3, pse), Places(k, cr3)
    try:
        names, sharers = k.directories(), k.sharers()
    except (ptcore.ReadError, KeyError):
        names, sharers = {}, {}
    me, frames = names.get(cr3, ""), {space.dir[i] & ~0xFFF for i in space.tables}
    whose = f": {title or me}" if title or me else ""
    out = [f"directory at pa {hex8(cr3)}{whose}, "
           f"{counted(len(frames - {cr3}), 'table')}, "
           f"{space.pages()} pages of 4 KB mapped"]
    ranges = ptcore.fold(space, places.cuts())
    kept = ptcore.kept(space, k.base, places.cuts())
    if not any(e & P for e in space.dir):
        return out + ["nothing is mapped"]
    out.append(f"{'virtual':17} -> {'physical':17}  pages access    {'flags':18} what")
    borders = {ptcore.pdx(k.constants[n]) for n in ("KERNBASE", "KSTACKS", "PTWINDOW",
                                                    "DEVSPACE")}
    for group in groups(space, sharers, borders):
        owners = k.refs(space.dir[group[0]] & ~0xFFF) if group[0] << 22 < k.base else None
        out.append(group_text(space, group, sharers, me, owners))
        lo, hi = group[0] << 22, (group[-1] + 1) << 22
        rows = [row_text(clip(r, lo, hi, space), places) for r in ranges
                if r.va < hi and r.end > lo]
        rows += [kept_text(r, k, places) for r in kept if lo <= r.va < hi]
        if not rows:
            out[-1] += ", no page present"
        out += sorted(rows)     # a line begins with its address
    return out


def clip(r, lo, hi, space):
    """The part of a range in [lo, hi), with its A and D counted anew."""
    if lo <= r.va and r.end <= hi:
        return r
    va, end = max(r.va, lo), min(r.end, hi)
    own = [space.pte(at) if r.pte is not None else space.dir[ptcore.pdx(at)]
           for at in range(va, end, PGSIZE)]
    return ptcore.Range(va, r.pa + va - r.va, (end - va) // PGSIZE, r.pde, r.pte,
                        sum(1 for e in own if e & A), sum(1 for e in own if e & D))


# ---- kmap: rows against what is installed ----------------------------------------
def kmap(k, cr3, pse=True):
    """Each row of kmap[], and whether the directory has exactly that."""
    space = k.space(cr3, pse)
    names = k.directories()
    whose = f": {names[space.cr3]}" if space.cr3 in names else ""
    out = [f"directory at pa {hex8(space.cr3)}{whose}",
           f"row {'name':18} {'virtual':17} -> {'physical':17} perm    installed"]
    for r in k.rows():
        if r.end == r.va:
            out.append(f"{r.number:3} {r.name:18} {hex8(r.va)}-...      its end is not "
                       "known before kvmalloc")
            continue
        out.append(f"{r.number:3} {r.name:18} {span(r.va, r.end)} -> "
                   f"{span(r.pa, r.pa_end)} {flags_text(r.perm):7} "
                   f"{installed(r, space)}")
    return out


def installed(row, space):
    """"all 256 pages", "12 of 256 pages", or the first page that is wrong."""
    total, good, wrong = (row.end - row.va) // PGSIZE, 0, None
    for r in ptcore.fold(space, (row.va, row.end & 0xFFFFFFFF)):
        if r.end <= row.va or r.va >= row.end:
            continue
        right = r.pa - r.va == row.pa - row.va and r.pte == row.perm | P and \
            r.pde & (W | U) == W
        good += r.pages if right else 0
        wrong = wrong or (None if right else r)
    if wrong:
        return (f"{good} of {total} pages; {hex8(max(wrong.va, row.va))} differs: "
                f"{'a 4 MB page ' if wrong.pte is None else ''}"
                f"-> {hex8(wrong.pa + max(0, row.va - wrong.va))} "
                f"[{range_flags(wrong)}]")
    return f"all {total} pages" if good == total else f"{good} of {total} pages"
