"""The kernel's own objects: processes, the areas of one, a frame of memory."""
import ptcore
from ptcore import P, PGSIZE
from viewtext import hex8, size_text, span


def ps(k, cpu):
    """The processes; * marks the one whose directory is loaded."""
    out = ["  pid parent state     directory  pages     size  name"]
    for p in k.procs():
        here = "*" if p.pgdir and k.pa(p.pgdir) == cpu.cr3 & ~0xFFF else " "
        where = hex8(k.pa(p.pgdir)) if p.pgdir else "-"
        out.append(f"{here}{p.pid:4} {p.parent:6} {p.state:9} {where:>9} {p.pages:6} "
                   f"{size_text(p.size):>8}  {p.name}")
    return out if len(out) > 1 else ["there are no processes yet"]


def areas(k, proc):
    """The areas of a process, with how many of their pages are present."""
    c = k.constants
    space = k.user_space(k.pa(proc.pgdir))
    out = [f"{proc.name}[{proc.pid}]: {size_text(proc.size)} in areas, {proc.pages} "
           "pages resident", "virtual            pages here  access         what"]
    for a in k.areas(proc.mm):
        here = sum(1 for va in range(a.start, a.end, PGSIZE) if space.pte(va) & P) \
            if a.end - a.start < 1 << 28 else sum(
                r.pages for r in ptcore.fold(space, (a.start, a.end))
                if a.start <= r.va < a.end)
        access = ("r" if a.flags & c["AREA_READ"] else "-") + \
            ("w" if a.flags & c["AREA_WRITE"] else "-") + \
            (" shared " if a.flags & c["AREA_SHARED"] else " private")
        grows = ", grows down" if a.flags & c["AREA_STACK"] else ""
        what = a.object if a.object == "zeros" else \
            f"{a.object}, byte {a.off:#x} at {hex8(a.data)}"
        out.append(f"{span(a.start, a.end)} {(a.end - a.start) // PGSIZE:6} {here:4}  "
                   f"{access:13}  {a.what} ({what}{grows})")
    return out


def frame(k, pa):
    """A frame: what it is, who maps it, its references."""
    pa &= ~0xFFF
    top, refs = k.variable("phystop"), k.refs(pa)
    names, sharers = k.directories(), k.sharers()
    if top and pa >= top:
        out = [f"{hex8(pa)} is above RAM (PHYSTOP {hex8(top)})"]
    elif refs is None:
        out = [f"frame {hex8(pa)}: nobody counts references yet (before kinit)"]
    else:
        out = [f"frame {hex8(pa)}: {refs} reference{'' if refs == 1 else 's'}"
               f"{': free, or the kernel image' if not refs else ''}"]
        if k.page(pa, "owner"):
            out.append(f"  in the file cache, page {k.page(pa, 'index')} of its file")
    if pa in names:
        out.append(f"  it is the directory of {names[pa]}")
    if pa in sharers:
        out.append(f"  it is a table of {', '.join(sorted(sharers[pa]))}")
    c = k.constants
    for name, va, write, user in k.mapped_at(pa):
        what = "stack" if c["KSTACKS"] <= va < c["PTWINDOW"] else ""
        out.append(f"  mapped at {hex8(va)} by {name}: "
                   f"{ptcore.access_text(write, user)}{what and ', a kernel stack'}")
    return out
