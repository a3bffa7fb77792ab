"""One address: how the MMU translates it, and what translates the kernel's own access to
the entries."""
import ptcore
from ptcore import P, PGSIZE, flags_text
from viewtext import CR4_SMAP, hex8, kept_where, swapped


def walk_lines(k, cpu, va, cr3=None):
    """The translation of va, step by step, and what it permits."""
    va &= 0xFFFFFFFF
    if not cpu.paging and cr3 is None:
        return [f"paging is off (CR0.PG is 0): {hex8(va)} is the physical address"]
    cr3 = cpu.cr3 if cr3 is None else cr3
    # entry turns on CR4.PSE together with paging.
    w = ptcore.walk(k.read, cr3, va, cpu.pse or not cpu.paging)
    names = k.directories()
    out = [f"va {hex8(va)} = PDX {ptcore.pdx(va):#x} | PTX {ptcore.ptx(va):#x} | "
           f"offset {va & 0xFFF:#x}",
           f"CR3   {hex8(w.cr3)}: the directory"
           f"{' of ' + names[w.cr3] if w.cr3 in names else ''}"
           f"{'' if w.cr3 == cpu.cr3 & ~0xFFF else ' (not the one in CR3 now)'}"]
    for i, s in enumerate(w.steps):
        table = hex8(s.pa - 4 * s.index)
        target = absent_text(k, s, va) if not s.value & P else \
            f"a 4 MB page at {hex8(s.value & ~0x3FFFFF)}" if w.big else \
            f"{'table' if i == 0 else 'page'} at {hex8(s.value & ~0xFFF)}"
        out.append(f"{s.level}   {hex8(s.pa)} = {table} + 4 * {s.index:#x}: "
                   f"{hex8(s.value)} [{flags_text(s.value)}] -> {target}")
    if w.pa is not None:
        out.append(f"byte  {hex8(w.pa)}{byte_text(k, w.pa)}")
    return out + permission(w, cpu)


def absent_text(k, step, va):
    """Where a walk ends that finds P clear."""
    if step.level == "PDE" or not step.value or va >= k.base:
        return "not present"
    if swapped(k, step.value):
        return f"not present: {kept_where(k, step.value)} of swap has the page"
    return f"not present: page at {hex8(step.value & ~0xFFF)} is kept for it"


def byte_text(k, pa):
    """": 55 89 e5 ..." of the bytes at pa, as far as they are memory."""
    if k.variable("phystop") and pa >= k.variable("phystop"):
        return ": a device's"
    try:
        return ": " + k.read(pa, min(8, PGSIZE - (pa & 0xFFF))).hex(" ")
    except ptcore.ReadError:
        return ": no memory"


def permission(w, cpu):
    """Which accesses a walk permits, and how the others fault, as lines."""
    if w.pa is None:
        v = ptcore.judge(w)
        return [f"=> fault: {v.why}; error code 0x0 for a kernel read, 0x2 write, "
                "0x4 user read, 0x6 user write"]
    levels = "the PDE allows" if w.big else "both levels allow"
    out = [f"=> {ptcore.access_text(w.write, w.user)}: {levels} it"]
    if not w.write:
        v = ptcore.judge(w, write=True, user=w.user, wp=cpu.wp)
        out.append(f"   a write faults: {v.why}, error code {v.error:#x}" if not v.ok
                   else "   yet the kernel may write: CR0.WP is 0")
    if not w.user:
        v = ptcore.judge(w, user=True)
        out.append(f"   a user's access faults: {v.why}, error code {v.error:#x}, "
                   f"write {v.error | ptcore.PF_W:#x}")
    elif cpu.cr4 & CR4_SMAP:
        out.append("   the kernel may only with EFLAGS.AC set: CR4.SMAP is on")
    return out


def judged(w, cpu, error):
    """One line about the access that error code `error` tells of."""
    v = ptcore.judge(w, bool(error & ptcore.PF_W), bool(error & ptcore.PF_U), cpu.wp)
    what = ptcore.error_text(error)
    if v.ok:
        return f"=> error code {error:#x} ({what}); the tables permit this now"
    if v.error != error & 7:
        return (f"=> error code {error:#x} ({what}); now it would be {v.error:#x}: "
                f"{v.why}")
    return f"=> error code {error:#x} ({what}): {v.why}"


def entry_lines(k, cpu, va, cr3=None):
    """walk -p: where C finds va's entry, and the walk that this access itself takes
    through the CR3 now loaded."""
    va &= 0xFFFFFFFF
    if not cpu.paging and cr3 is None:
        return ["paging is off (CR0.PG is 0): no directory is loaded, so "
                f"{hex8(va)} has no entry"]
    target = cpu.cr3 if cr3 is None else cr3
    w = ptcore.walk(k.read, target, va, cpu.pse or not cpu.paging)
    s = w.steps[-1]
    table, at = s.pa - 4 * s.index, (s.pa + k.base) & 0xFFFFFFFF
    index = "PTX" if s.level == "PTE" else "PDX"
    names = k.directories()
    out = [f"The {s.level} of {hex8(va)} in {names.get(w.cr3, hex8(w.cr3))} is at pa "
           f"{hex8(s.pa)} = {hex8(s.value)} [{flags_text(s.value)}].",
           f"C reaches it at P2V({hex8(table)}) + 4 * {index} {s.index:#x} = "
           f"{hex8(at)},"]
    if not cpu.paging:
        return out + ["once paging is on: now CR0.PG is 0, nothing is translated"]
    here = names.get(cpu.cr3 & ~0xFFF, hex8(cpu.cr3))
    out.append("and that address is translated as well, by the CR3 now loaded "
               f"({here}):")
    out += ["  " + line for line in walk_lines(k, cpu, at)]
    return out + window_line(k, target, w)


def window_line(k, cr3, w):
    """Where the process that owns the directory finds the last entry of walk w in
    its recursive window; [] if there is none."""
    first, s = k.constants["PTWINDOW"], w.steps[-1]
    slot = words_at(k, cr3, ptcore.pdx(first))
    if not slot & P or slot & ~0xFFF != cr3 & ~0xFFF:
        return []
    at = first + (w.va >> 12) * 4 if s.level == "PTE" else \
        first + (first >> 10) + 4 * s.index
    seen = "the process may read it there" \
        if ptcore.walk(k.read, cr3, at).user else \
        "hidden from the process, as the PDE of its table lacks U"
    return [f"In the recursive window this entry is at {hex8(at)}: {seen}."]


def words_at(k, cr3, index):
    """A directory's entry."""
    return ptcore.read_word(k.read, (cr3 & ~0xFFF) + 4 * index)
