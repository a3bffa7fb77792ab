"""kmap[], setupkvm, kvmalloc and pgdir_new, each alone, and then all of them."""
import struct

from ptcore import G, P, PCD, U, W
from verdict import entry, expect

KERNBASE, EXTMEM, DEVSPACE = 0x80000000, 0x100000, 0xFE000000
PTWINDOW, NUSER = 0xFDC00000, 512


def rows(guest):
    """kmap[]: a list of (va, pa, end, perm)."""
    data = guest.remote.read(guest.names["kmap"] - KERNBASE, 4 * 20)
    return [struct.unpack_from("<4I", data, 20 * i + 4) for i in range(4)]


def test_kmap_rows(guest):
    """Catches a row that is missing or wrong, and a kernel text that is writable."""
    data = guest.names["data"]
    want = [("low 1 MB", KERNBASE, 0, EXTMEM, W),
            ("kernel text", KERNBASE + EXTMEM, EXTMEM, data - KERNBASE, 0),
            ("all RAM", data, data - KERNBASE, None, W),
            ("devices", DEVSPACE, DEVSPACE, 0, W | PCD)]
    for (name, va, pa, end, perm), row in zip(want, rows(guest)):
        expect(row[:2] == (va, pa) and end in (None, row[2]),
               f"{name}: virtual {va:#x}, physical {pa:#x}" +
               (f" to {end:#x}" if end is not None else ""),
               "va {:#x}, pa {:#x}, end {:#x}".format(*row), "compare the row with the "
               "drawing", "memlayout.h")
        expect(row[3] & ~G == perm, f"{name}: {entry(perm)[16:]}", entry(row[3])[16:],
               "text lacks W, so that the kernel cannot change its own code; devices "
               "must not be cached (PCD); no row has U", "mmu.h")


def test_setup_rows(guest):
    """Catches a setupkvm that leaves out a row of kmap[], or gives it wrong arguments."""
    frame, calls = guest.frame(), []

    def zero(_):
        frame.fill([0] * 1024)
        return frame.va

    def mappages(args):
        calls.append(tuple(args[:5]))
        return 0
    table = [(KERNBASE, 0, EXTMEM, W), (0x80100000, EXTMEM, 0x120000, 0),
             (0x80120000, 0x120000, 0x4000000, W), (DEVSPACE, DEVSPACE, 0, W | PCD)]
    saved = [list(r) for r in rows(guest)]
    set_rows(guest, table)
    try:
        got = guest.call("setupkvm", mocks={"kalloc_zero": zero, "mappages": mappages,
                                            "kalloc": lambda _: frame.va})
    finally:
        set_rows(guest, saved)
    want = [(frame.va, va, end - pa & 0xFFFFFFFF, pa, perm) for va, pa, end, perm in
            table]
    expect(got == frame.va, "the new directory", f"{got:#x}", "setupkvm returns the page "
           "that it has mapped into", "vm.h, setupkvm")
    expect(sorted(calls) == sorted(want), f"{len(want)} calls of mappages, one for "
           "each row: va, end - pa, pa, perm", " ".join(
               "({:#x} {:#x} {:#x} {:#x} {:#x})".format(*c) for c in calls),
           "the length of a row is end - pa; end 0 stands for 4 GB", "vm.h, struct kmap")
    expect(not any(frame.words()), "a directory of zeros before rows are mapped",
           "words that the page's last user has left", "kalloc does not clear a page")


def set_rows(guest, table):
    """Writes (va, pa, end, perm) into kmap[]."""
    for i, row in enumerate(table):
        guest.remote.write(guest.names["kmap"] - KERNBASE + 20 * i + 4,
                           struct.pack("<4I", *row))


def test_kvmalloc(guest):
    """Catches a kvmalloc that does not fill in PHYSTOP, forgets the stacks' tables or
    runs on."""
    frame, steps = guest.empty(), []

    def setup(_):
        steps.append("setupkvm")
        steps.append(rows(guest)[2][2])
        return frame.va

    def stacks(args):
        steps.append(f"kstack_tables({args[0]:#x})")
        return 0

    def switch(_):
        steps.append("switchkvm")
        return 0
    guest.set_variable("kpgdir", 0)
    guest.call("kvmalloc", mocks={"setupkvm": setup, "kstack_tables": stacks,
                                  "switchkvm": switch,
                                  "switchuvm": switch})
    top = guest.variable("phystop")
    expect(top in steps, f"kmap[2].end is {top:#x} when setupkvm runs",
           " ".join(str(s) for s in steps) or "no call of setupkvm",
           "only the machine knows where RAM ends: kvmalloc writes PHYSTOP into the row "
           "first", "memlayout.h, PHYSTOP")
    expect(guest.variable("kpgdir") == frame.va, "kpgdir is setupkvm's directory",
           f"{guest.variable('kpgdir'):#x}", "the result is kept in kpgdir")
    order = [s for s in steps if s != top]
    expect(order == ["setupkvm", f"kstack_tables({frame.va:#x})", "switchkvm"],
           "setupkvm, kstack_tables(kpgdir), switchkvm", " ".join(map(str, order)),
           "tables that come after a process was made would be missing in its directory",
           "vm.c, kstack_tables")


def test_new_directory(guest):
    """Catches a directory that lacks the kernel's entries, keeps old words in the
    user's half, or has a wrong entry for the window."""
    kernel, frame = guest.frame(), guest.frame()
    guest.set_variable("kpgdir", kernel.va)

    def zero(_):
        frame.fill([0] * 1024)
        return frame.va
    got = guest.call("pgdir_new", mocks={"kalloc": lambda _: frame.va,
                                         "kalloc_zero": zero})
    expect(got == frame.va, "the new directory", f"{got:#x}", "pgdir_new returns the "
           "page that it got from kalloc", "vm.h, pgdir_new")
    seen, want = frame.words(), [0] * NUSER + kernel.words()[NUSER:]
    want[PTWINDOW >> 22] = frame.pa | P | U
    for i in range(1024):
        expect(seen[i] == want[i], f"entry {i:#x}: {entry(want[i])}", entry(seen[i]),
               "user's half: zeros. Kernel's half: kpgdir's entries, so the tables are "
               "shared. Slot PDX(PTWINDOW): the directory itself, readable for the user, "
               "writable for nobody", "memlayout.h, vm.h")


def test_boot(boot):
    """Catches anything that keeps the machine from running a program."""
    m = boot()
    space = m.process()
    regs = m.registers()
    expect(regs["CR0"] & 0x80010000 == 0x80010000, "CR0 has PG and WP",
           f"CR0 {regs['CR0']:08x}", "entry.S sets them")
    expect(space.dir[PTWINDOW >> 22] & ~0x60 == space.cr3 | P | U,
           "the process's directory is your pgdir_new's", entry(
               space.dir[PTWINDOW >> 22]), "the recursive slot is wrong")
