"""All theorems by name, in the order in which they build on each other."""
from faults import FaultCase
from induction import Step
from layout import Entry, Kvmalloc
from theorems import Mappages, PgdirNew, Walkpgdir, WindowIndex


def theorems(source, pages, names=()):
    """[(name, Theorem)] of the names, or of all; raises KeyError."""
    every = {
        "entry": lambda: Entry(source),
        "walkpgdir": lambda: Walkpgdir(source),
        "mappages": lambda: Mappages(source, pages),
        "mappages-step": lambda: Step(source),
        "kvmalloc": lambda: Kvmalloc(source),
        "pgdir_new": lambda: PgdirNew(source),
        "window": lambda: WindowIndex(source),
        "fault_case": lambda: FaultCase(source),
    }
    for n in names:
        if n not in every:
            raise KeyError(f"no theorem {n}; there are {', '.join(every)}")
    return [(n, make()) for n, make in every.items() if not names or n in names]
