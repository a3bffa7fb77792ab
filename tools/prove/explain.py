"""A counterexample as a student would read it."""
from machine import FRAME, walk
import execute as X


def number(model, term):
    """The value of a term in the model."""
    return model.eval(term, model_completion=True).as_long()


def flags(entry):
    """The flags of an entry, as mmu.h names them."""
    names = ((1, "P"), (2, "W"), (4, "U"), (16, "PCD"), (0x80, "PS"), (0x100, "G"))
    return "|".join(n for m, n in names if entry & m) or "0"


def entry(model, term):
    """An entry: its value, its frame and its flags."""
    e = number(model, term)
    if not e & 1:
        return f"0x{e:08x} (absent)"
    return f"0x{e:08x} (frame 0x{e & FRAME:08x}, {flags(e)})"


def translation(model, w):
    """What the processor does with the address, in a line."""
    if not model.eval(w.present, model_completion=True):
        return "page fault: not present"
    allowed = "".join(c for c, t in (("w", w.write), ("u", w.user))
                      if model.eval(t, model_completion=True))
    return f"pa 0x{number(model, w.pa):08x}, read{'/write' if 'w' in allowed else ''}" \
           f", {'user and kernel' if 'u' in allowed else 'kernel only'}"


def lines(theorem, refuted):
    """The lines that explain a refutation."""
    m, path = refuted.model, refuted.path
    yield f"refuted: {refuted}"
    asked = ", ".join(f"{k} = 0x{number(m, v):x}" for k, v in theorem.inputs.items())
    if asked:
        yield f"  called with   {asked}"
    failed = [i for i, ok in enumerate(theorem.world.ok[:path.calls])
              if not m.eval(ok, model_completion=True)]
    if failed:
        yield f"  memory is out at call {failed[0] + 1} of kalloc"
    yield f"  CR3           0x{number(m, theorem.world.cr3):08x}"
    for va in theorem.looked_at(m):
        before = walk(X.Path().memory, theorem.world.cr3, va)
        after = walk(path.memory, theorem.world.cr3, va)
        yield f"  address       0x{number(m, va):08x}"
        for when, w in (("before", before), ("after", after)):
            yield f"    {when:6}      PDE {entry(m, w.pde)}, PTE {entry(m, w.pte)}"
            yield f"                {translation(m, w)}"
