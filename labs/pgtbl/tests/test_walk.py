"""walkpgdir, called from outside on directories that the test has made."""
from verdict import entry, expect

P, W, U, A = 1, 2, 4, 0x20
VAS = 0x00400000, 0x003FF000, 0x12345678, 0x7FFFFFFF, 0x80100000, 0xFE000000


def directory(guest, va, flags):
    """A directory that has a table for va, and that table."""
    table, pgdir = guest.frame(), guest.empty()
    pgdir.set(va >> 22, table.pa | flags)
    return pgdir, table


def test_walk_found(guest):
    """Catches a wrong index into the directory or the table."""
    for va in VAS:
        pgdir, table = directory(guest, va, P | W | U)
        want = table.va + 4 * (va >> 12 & 0x3FF)
        got = guest.call("walkpgdir", pgdir.va, va, 0)
        expect(got == want, f"walkpgdir(pgdir, {va:#x}, 0) = {want:#x}, the entry "
               f"{va >> 12 & 0x3FF} of the table at {table.va:#x}", f"{got:#x}",
               "the directory is indexed with PDX(va), the table with PTX(va); an entry "
               "holds a physical address, and you need P2V of it", "vm.c, its head")


def test_walk_absent(guest):
    """Catches a walk that makes a table although alloc is 0, or returns an address
    although there is no table."""
    pgdir = guest.empty()
    got = guest.call("walkpgdir", pgdir.va, 0x400000, 0)
    expect(got == 0, "NULL: there is no table and alloc is 0", f"{got:#x}",
           "the PDE's P bit is not tested, or alloc is not", "vm.h, walkpgdir")
    expect(not any(pgdir.words()), "the directory does not change",
           "an entry was written", "a table is made although alloc is 0")


def test_walk_alloc(guest):
    """Catches a table that is not cleared, a PDE without its flags, a result that is
    not in the new table."""
    for va, flags in (0x00400000, P | W | U), (0x9ABCD000, P | W):
        pgdir, dirty = guest.empty(), guest.frame()
        got = guest.call("walkpgdir", pgdir.va, va, 1, mocks=given(guest, dirty))
        pde = pgdir.words()[va >> 22]
        expect(pde == dirty.pa | flags, f"PDE {va >> 22:#x}: {entry(dirty.pa | flags)}",
               entry(pde), "the PDE holds the table's physical address, V2P(table), and "
               "P and W; U only below KERNBASE, where the PTE decides", "vm.h, walkpgdir")
        expect(got == dirty.va + 4 * (va >> 12 & 0x3FF), "the entry in the new table",
               f"{got:#x}", "the result is found as for a table that was there before")
        expect(not any(dirty.words()), "a new table of 1024 zeros",
               "words that the page's last user has left", "kalloc does not clear a "
               "page: the MMU would see entries that nobody made", "kalloc.h")


def given(guest, frame):
    """Mocks: kalloc gives out this frame, and kalloc_zero clears it first."""
    def zero(_):
        frame.fill([0] * 1024)
        return frame.va
    return {"kalloc": lambda _: frame.va, "kalloc_zero": zero}
