"""Tests that students see after the deadline: limits, failures, other machines."""
from guest import Panicked
from ptcore import A, D, G, P, PCD, U, W
from test_map import ENOMEM, check
from verdict import entry, expect
from walker import Walker

KERNBASE, DEVSPACE, PTWINDOW = 0x80000000, 0xFE000000, 0xFDC00000
KSTACKS, KERNLINK = 0xFD000000, 0x80100000


def panic_of(guest, name, *args, mocks):
    """The message of the panic in which a call ends, "" if it returns. A function that
    is not yet written fails the test."""
    try:
        guest.call(name, *args, mocks=mocks)
    except Panicked as e:
        if "not implemented" in e.text:
            raise
        return e.text
    return ""


def test_walk_flags(guest):
    """Catches a walk that takes the flags of a PDE for a part of the address."""
    table, pgdir = guest.empty(), guest.empty()
    pgdir.set(1, table.pa | P | W | U | A | D | 0xE00)
    got = guest.call("walkpgdir", pgdir.va, 0x403000, 1)
    expect(got == table.va + 12, f"{table.va + 12:#x}", f"{got:#x}", "the low twelve bits "
           "of an entry are flags: PTE_ADDR takes them away", "mmu.h")
    expect(pgdir.words()[1] == table.pa | P | W | U | A | D | 0xE00, "the PDE stays",
           entry(pgdir.words()[1]), "an entry that is present is not written again")


def test_walk_nomem(guest):
    """Catches a walk that uses the page that it did not get."""
    pgdir = guest.empty()
    got = guest.call("walkpgdir", pgdir.va, 0x400000, 1, mocks={
        "kalloc": lambda _: 0, "kalloc_zero": lambda _: 0})
    expect(got == 0, "NULL, as memory is out", f"{got:#x}", "kalloc's result is not "
           "tested", "vm.h, walkpgdir")
    expect(not any(pgdir.words()), "the directory does not change", "an entry was "
           "written", "the entry is written before the page is tested")


def test_map_end(guest):
    """Catches a loop that compares addresses and misses the end at 4 GB."""
    check(guest, 0xFFFFE000, 0x2000, 0xFFFFE000, W, "va + size is 0 here: count pages, "
          "or stop after the last one, instead of comparing with the end")


def test_map_nomem(guest):
    """Catches a mappages that writes through NULL, or hides that memory is out."""
    for k in (1, 2):
        walker = Walker(guest, fail_at=k)
        got = guest.call("mappages", walker.pgdir.va, 0x3FF000, 0x2000, 0x9000, W,
                         mocks=walker.mocks)
        expect(got == ENOMEM, "-ENOMEM", f"{got:#x}", "walkpgdir's result is not tested",
               "vm.h, mappages")


def test_map_twice(guest):
    """Catches a mappages that overwrites an entry that is present."""
    walker = Walker(guest)
    args = walker.pgdir.va, 0x5000, 0x1000, 0x9000, W
    guest.call("mappages", *args, mocks=walker.mocks)
    got = panic_of(guest, "mappages", *args, mocks=walker.mocks)
    expect(got, "a failed assertion or a panic: the page is mapped already",
           "mappages returns", "a second mapping would lose the first frame without a "
           "word", "vm.h, mappages")


def test_setup_nomem(guest):
    """Catches a setupkvm that returns a directory that is not complete."""
    none = {"kalloc": lambda _: 0, "kalloc_zero": lambda _: 0,
            "mappages": lambda _: 0}
    got = guest.call("setupkvm", mocks=none)
    expect(got == 0, "NULL, as there is no page for the directory", f"{got:#x}",
           "kalloc's result is not tested", "vm.h, setupkvm")
    got = guest.call("setupkvm", mocks={"mappages": lambda _: ENOMEM})
    expect(got == 0, "NULL, as mappages has failed", f"{got:#x}", "mappages's result is "
           "not tested", "vm.h, setupkvm")


def test_new_nomem(guest):
    """Catches a pgdir_new that writes through NULL."""
    got = guest.call("pgdir_new", mocks={"kalloc": lambda _: 0,
                                         "kalloc_zero": lambda _: 0})
    expect(got == 0, "NULL, as memory is out", f"{got:#x}", "kalloc's result is not "
           "tested", "vm.h, pgdir_new")


def test_kvmalloc_nomem(guest):
    """Catches a kvmalloc that goes on without a page table."""
    got = panic_of(guest, "kvmalloc", mocks={
        n: lambda _: 0 for n in ("setupkvm", "switchkvm", "switchuvm", "kstack_tables")})
    expect(got, "a panic: there is no page table to run on", "kvmalloc returns",
           "setupkvm's NULL is not tested", "vm.h, kvmalloc")


def test_sharing(boot):
    """Catches processes that do not share the kernel's tables."""
    m = boot()
    process, kernel = m.process(), m.kernel()
    for i in range(KERNBASE >> 22, 1024):
        if i != PTWINDOW >> 22:
            expect(process.dir[i] & ~(A | D) == kernel.dir[i] & ~(A | D),
                   f"entry {i:#x} as in kpgdir: {entry(kernel.dir[i])}",
                   entry(process.dir[i]), "the kernel's half is copied, entry by entry",
                   "vm.h, pgdir_new")
    expect(not process.pte(0) & P, "page 0 is absent", entry(process.pte(0)),
           "the user's half of a new directory is empty")


def kernel_half(m):
    """Fails unless the kernel's half is what memlayout.h draws, at this size of RAM;
    what counts is the permission that directory and table give together."""
    space, data = m.kernel(), m.names["data"]
    top = m.machine.words(m.names["phystop"] - KERNBASE, 1)[0]
    pages = [(va, va - KERNBASE, 0 if KERNLINK <= va < data else W)
             for va in range(KERNBASE, KERNBASE + top, 4096)]
    pages += [(va, va, W | PCD) for va in range(DEVSPACE, 1 << 32, 4096)]
    for va, pa, perm in pages:
        pte, pde = space.pte(va), space.dir[va >> 22]
        both = pte & (pde | ~(W | U)) & ~(A | D | G)
        expect(both == pa | perm | P, f"{va:#x}: {entry(pa | perm | P)}", entry(both),
               "a row of kmap[], or the way in which it is mapped", "memlayout.h")
        expect(not pde & U, f"PDE of {va:#x} without U", entry(pde), "a process would "
               "see the kernel's tables in its window", "vm.h, walkpgdir")
    for va in (0, 0x1000, KERNBASE - 4096, KERNBASE + top, DEVSPACE - 4096):
        if not (va >= PTWINDOW and va < DEVSPACE):
            expect(not space.pte(va) & P, f"{va:#x} is not mapped", entry(space.pte(va)),
                   "a row is too long", "memlayout.h")


def test_kernel_half(boot):
    """Catches a table that is right for one size of memory only."""
    for cpus, mem in (1, 32), (4, 512):
        kernel_half(boot(cpus, mem))
