"""What changed in a directory between two moments."""
import ptcore
from ptcore import A, D, P, PGSIZE, PS, flags_text
from viewtext import hex8


def diff_lines(name, old, new, limit=24):
    """The changes from one Space to another, as lines: one for each change, or for a run
    of pages with the same change. [] if there are none. limit: lines at most."""
    changes = ptcore.diff(old, new)
    if not changes:
        return []
    out, at = [f"{name}, directory at pa {hex8(new.cr3)}:"], 0
    while at < len(changes) and len(out) <= limit:
        n = run_length(changes, at)
        out.append(change_text(changes[at], n, new.cr3))
        at += n
    if at < len(changes):
        out.append(f"  and {len(changes) - at} entries more")
    return out


def run_length(changes, at):
    """How many changes from `at` on are one: PTEs of neighbouring pages, from
    nothing to neighbouring frames (whatever A and D), or with the same bits flipped."""
    first, n = changes[at], 1
    if first.level == "PDE":
        return 1
    for n, c in enumerate(changes[at + 1:], 1):
        step = n * PGSIZE
        near = c.level == "PTE" and c.pdx << 10 | c.ptx == \
            (first.pdx << 10 | first.ptx) + n
        appeared = not first.old and not c.old and \
            c.new & ~(A | D) == (first.new & ~(A | D)) + step
        flipped = first.old and c.old and c.old ^ c.new == first.old ^ first.new
        if not (near and (appeared or flipped)):
            return n
    return len(changes) - at


def change_text(c, n=1, cr3=None):
    """One change, or n alike. A directory that is its own table has each of its
    words twice: as a PDE, and as the PTE of a page of the window."""
    va = c.pdx << 22 | (c.ptx or 0) << 12
    index = f"PDE[{c.pdx:#x}]" if c.level == "PDE" else f"PTE[{c.pdx:#x}:{c.ptx:#x}]"
    text = f"  {index} at pa {hex8(c.pa)}, va {hex8(va)}: {hex8(c.old)} -> {hex8(c.new)}"
    if n > 1:
        text += f" and {n - 1} after it, to va {hex8(va + n * PGSIZE - 1)}"
    again = c.level == "PTE" and c.pa & ~0xFFF == cr3
    return text + (" [the same word, as the recursive window has it]" if again else
                   f" [{meaning(c)}]")


def meaning(c):
    """A change in words."""
    on, off = c.new & ~c.old & 0xFFF, c.old & ~c.new & 0xFFF
    if not c.old & P and c.new & P:
        where = "4 MB page" if c.level == "PDE" and c.new & PS else \
            "table" if c.level == "PDE" else "page"
        return f"{where} at {hex8(c.new & ~0xFFF)}, {flags_text(c.new)}"
    if c.old & P and not c.new & P:
        return "no longer present"
    parts = [f"+{flags_text(on)}"] if on else []
    parts += [f"-{flags_text(off)}"] if off else []
    if (c.old ^ c.new) & ~0xFFF:
        parts.append(f"another frame: {hex8(c.new & ~0xFFF)}")
    by_mmu = (c.old ^ c.new) & ~(A | D) == 0
    return ", ".join(parts) + (", set by the MMU" if by_mmu and on else "")
