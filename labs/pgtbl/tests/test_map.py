"""mappages, called from outside. A walkpgdir of the grader's own stands below it, so
that mistakes in yours do not count here."""
from verdict import entry, expect
from walker import Walker

P, W, U = 1, 2, 4
ENOMEM = -12 & 0xFFFFFFFF


def check(guest, va, size, pa, perm, cause):
    """Maps a range and fails unless exactly its pages are mapped."""
    walker = Walker(guest)
    got = guest.call("mappages", walker.pgdir.va, va, size, pa, perm,
                     mocks=walker.mocks)
    call = f"mappages({va:#x}, size {size:#x}, pa {pa:#x})"
    expect(got == 0, f"{call} returns 0", f"{got:#x}", cause, "vm.h, mappages")
    want = {}
    frame = pa & ~0xFFF
    for page in range(va & ~0xFFF, va + size, 4096):
        want[page] = frame | perm | P
        frame += 4096
    seen = walker.entries()
    for page in sorted(want.keys() | seen.keys()):
        expect(seen.get(page, 0) == want.get(page, 0),
               f"{call}: entry of {page:#x}: {entry(want.get(page, 0))}",
               entry(seen.get(page, 0)), cause, "vm.h, mappages")


def test_map_pages(guest):
    """Catches wrong frames, a missing flag, one page too many or too few."""
    check(guest, 0x5000, 0x3000, 0x9000, W | U, "each page maps to the next frame, with "
          "perm and P")
    check(guest, 0x80400000, 0x1000, 0, 0, "a range of one page, read-only: perm 0 is "
          "P alone")


def test_map_rounding(guest):
    """Catches a range that is rounded inwards, or by the size alone."""
    why = "va is rounded down and va + size is rounded up: every page that holds a " \
        "byte of the range is mapped"
    check(guest, 0x3FFFFF, 2, 0x5000, U, why)
    check(guest, 0x7FF123, 1, 0x6123, W, why)
    check(guest, 0x10FFF, 0x1002, 0x7FFF, W, why)
