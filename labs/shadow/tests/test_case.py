"""The table of hv/shadow_case.h: every row, every combination."""
from itertools import product

from model import Object, case, may_write
from verdict import expect

NAMES = "write", "allowed", "memory", "table", "host", "host_w", "guest_w", "guest_d"
WHAT = "INJECT", "NO_MEMORY", "UNPROTECT", "HOST", "FILL_W", "FILL"


def views(guest, free):
    """All views, as (address of a struct shadow_view, {name: 0 or 1}); only the members
    in `free` vary, the others are 0."""
    v = Object(guest, "shadow_view", guest.empty().va)
    for values in product((0, 1), repeat=len(free)):
        view = dict.fromkeys(NAMES, 0) | dict(zip(free, values))
        for name, value in view.items():
            v[name] = value
        yield v.va, view


def said(view):
    """A view in words."""
    return " ".join(n for n, v in view.items() if v) or "nothing"


def test_case(guest):
    """Catches a row that is missing, or in the wrong order."""
    for va, view in views(guest, NAMES[:6]):
        got, want = guest.call("shadow_case", va), case(**view)
        expect(got == want, f"true are: {said(view)}. Then {WHAT[want]}",
               WHAT[got] if got < len(WHAT) else str(got),
               "the first row that matches is the answer", "hv/shadow_case.h")


def test_may_write(guest):
    """Catches W that comes too early, or that one of the four conditions forbids."""
    for va, view in views(guest, ("write", "table", "host_w", "guest_w", "guest_d")):
        got, want = guest.call("shadow_may_write", va) & 0xFF, int(may_write(**view))
        expect(got == want, f"true are: {said(view)}. Then {bool(want)}",
               str(bool(got)), "W needs: the guest's W; D set, or about to be; the host's "
               "W; no guest table", "hv/shadow_case.h, the last sentence of its head")
