"""The kernel's own objects: processes, the areas of one, a frame of memory."""
import ptcore
from ptcore import PGSIZE
from viewtext import counted, hex8, size_text, span, swapped


def ps(k, cpu):
    """The processes; * marks the one whose directory is loaded. The last line
    counts the pages that page tables take."""
    out, procs = ["  pid parent state     directory  pages tables     size  name"], \
        k.procs()
    own = {p.pid: len(own_tables(k, p)) for p in procs}
    for p in procs:
        here = "*" if p.pgdir and k.pa(p.pgdir) == cpu.cr3 & ~0xFFF else " "
        where = hex8(k.pa(p.pgdir)) if p.pgdir else "-"
        threads = f", {p.threads} threads" if p.threads > 1 else ""
        out.append(f"{here}{p.pid:4} {p.parent:6} {p.state:9} {where:>9} {p.pages:6} "
                   f"{own[p.pid]:6} {size_text(p.size):>8}  {p.name}{threads}")
    return out + [paid(k, procs, own)] if procs else ["there are no processes yet"]


def own_tables(k, proc):
    """The indexes of a process's own tables, those of its user half."""
    return k.user_space(k.pa(proc.pgdir)).tables if proc.pgdir else {}


def paid(k, procs, own):
    """How many pages all page tables take, in a line."""
    shared = len(k.space(k.pa(k.variable("kpgdir"))).tables)
    spaces, tables = sum(1 for p in procs if p.pgdir), sum(own.values())
    return (f"pages of tables: kernel {1 + shared} (kpgdir, {shared} tables, shared by "
            f"all), processes {spaces + tables} ({counted(spaces, 'directory')}, "
            f"{counted(tables, 'table')} of their own)")


def areas(k, proc):
    """The areas of a process, with how many of their pages are present, and in swap."""
    c = k.constants
    space = k.user_space(k.pa(proc.pgdir))
    out = [f"{proc.name}[{proc.pid}]: {size_text(proc.size)} in areas, "
           f"{counted(proc.pages, 'page')} resident",
           "virtual            pages here swap  access         what"]
    for a in k.areas(proc.mm):
        cut = (a.start, a.end)
        here = pages_within(a, ptcore.fold(space, cut))
        swap = pages_within(a, [r for r in ptcore.kept(space, k.base, cut)
                                if swapped(k, r.value)])
        access = ("r" if a.flags & c["AREA_READ"] else "-") + \
            ("w" if a.flags & c["AREA_WRITE"] else "-") + \
            (" shared " if a.flags & c["AREA_SHARED"] else " private")
        grows = ", grows down" if a.flags & c["AREA_STACK"] else ""
        what = a.object if a.object == "zeros" else \
            f"{a.object}, byte {a.off:#x} at {hex8(a.data)}"
        out.append(f"{span(a.start, a.end)} {(a.end - a.start) // PGSIZE:6} {here:4} "
                   f"{swap:4}  {access:13}  {a.what} ({what}{grows})")
    return out


def pages_within(area, ranges):
    """How many pages the ranges have that begin in an area."""
    return sum(r.pages for r in ranges if area.start <= r.va < area.end)


def frame(k, pa):
    """A frame: what it is, its mappings, its references. pa: a physical address, or the
    kernel address of the frame."""
    c, out = k.constants, []
    if k.base <= pa < k.base + (k.variable("phystop") or c["ENTRYTOP"]):
        out, pa = [f"{hex8(pa)} is a kernel address: P2V({hex8(pa - k.base)})"], \
            pa - k.base
    pa &= ~0xFFF
    top, refs = k.variable("phystop"), k.refs(pa)
    names, sharers = k.directories(), k.sharers()
    if top and pa >= top:
        out += [f"{hex8(pa)} is above RAM (PHYSTOP {hex8(top)}): a device's, or no "
                f"physical address (`walk {pa:#x}` translates a virtual one)"]
    elif refs is None:
        out += [f"frame {hex8(pa)}: nobody counts references yet (before kinit)"]
    else:
        out += [f"frame {hex8(pa)}: {counted(refs, 'reference')}"
                f"{uncounted(k, pa) if not refs else ''}"]
        if k.page(pa, "owner"):
            out.append(f"  in the file cache, page {k.page(pa, 'index')} of its file")
    if pa in names:
        out.append(f"  it is the directory of {names[pa]}")
    if pa in sharers:
        out.append(f"  it is a table of {', '.join(sorted(sharers[pa]))}")
    for name, va, write, user in k.mapped_at(pa):
        what = ", a kernel stack" if c["KSTACKS"] <= va < c["PTWINDOW"] else ""
        all_ = " and so every process" if name == "kpgdir" and len(names) > 2 else ""
        out.append(f"  mapped at {hex8(va)} by {name}{all_}: "
                   f"{ptcore.access_text(write, user)}{what}")
    return out


def uncounted(k, pa):
    """What a frame without references is. The kernel takes frames for its tables and for
    the array of frames before it counts references; these frames are in no list."""
    c = k.constants
    if pa < c["EXTMEM"]:
        return ": low memory, never given out"
    if pa < k.pa(k.symbols["end"]):
        return ": the kernel image"
    return ": free" if k.page(pa, "link") else ": taken before references were counted"
