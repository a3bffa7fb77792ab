"""The page tables, read from outside of the guest: CR3 and physical memory over
QMP, walked here."""
import re
import time

import pytest
from machine import symbols

KERNBASE, KERNLINK, DEVSPACE = 0x80000000, 0x80100000, 0xFE000000
KSTACKS, PTWINDOW = 0xFD000000, 0xFDC00000
P, W, U, PCD, PS, G = 1, 2, 4, 0x10, 0x80, 0x100


class Space:
    """A directory and its tables, read once."""

    def __init__(self, m, cr3):
        self.cr3 = cr3 & ~0xFFF
        self.dir = m.words(self.cr3)
        self.tables = {}
        for i, pde in enumerate(self.dir):
            if pde & P and not pde & PS and i != PTWINDOW >> 22:
                self.tables[i] = m.words(pde & ~0xFFF)

    def pte(self, va):
        """The entry for va, 0 if there is no table."""
        table = self.tables.get(va >> 22)
        return table[va >> 12 & 0x3FF] if table else 0

    def pages(self, start, end):
        """(va, pte) of every page in [start, end)."""
        return ((va, self.pte(va)) for va in range(start, end, 4096))


@pytest.fixture(scope="module")
def names():
    """The kernel's symbols."""
    return symbols()


def kernel_space(m, names):
    """The space that kpgdir points to."""
    pointer = m.words(names["kpgdir"] - KERNBASE, 1)[0]
    return Space(m, pointer - KERNBASE)


def test_kmap_is_the_lectures(machine):
    """Catches a kmap that is not the lecture's at 224 MB: low 1 MB, kernel text,
    data and RAM up to 0x8E000000, devices from 0xFE000000."""
    m = machine(mem=224).boot()
    rows = re.findall(r"([0-9a-f]{8})-([0-9a-f]{8}) +-> ([0-9a-f]{8})-([0-9a-f]{8})"
                      r" +(\S\S)", m.output)
    assert len(rows) == 4, m.output
    (low, text, data, dev) = [[int(x, 16) for x in r[:4]] + [r[4]] for r in rows]
    assert low == [KERNBASE, KERNLINK - 1, 0, 0xFFFFF, "rw"]
    assert text[0] == KERNLINK and text[2] == 0x100000 and text[4] == "r-"
    assert data[0] == text[1] + 1 and data[1] == 0x8DFFFFFF
    assert data[2] == data[0] - KERNBASE and data[3] == 0x0DFFFFFF
    assert dev == [DEVSPACE, 0xFFFFFFFF, DEVSPACE, 0xFFFFFFFF, "rw"]


def test_kernel_half(machine, names):
    """Catches kernel text that is writable, a kernel page that users can reach, a
    low mapping left over from the start, a page that maps to a wrong frame."""
    m = machine(mem=224, cpus=1).boot()
    m.qmp("stop")
    regs = m.registers()
    assert regs["CR0"] & 0x80010001 == 0x80010001, "PG, WP and PE"
    space, data = kernel_space(m, names), names["data"]
    assert not any(space.dir[:KERNBASE >> 22]), "user half of kpgdir is not empty"
    for va, pte in space.pages(KERNBASE, 0x8E000000):
        writable = 0 if KERNLINK <= va < data else W
        assert pte & ~0x60 == (va - KERNBASE) | P | writable | (pte & G), hex(va)
    for va, pte in space.pages(0x8E000000, KSTACKS):
        assert pte == 0, f"{va:#x} is mapped beyond RAM"
    for va, pte in space.pages(DEVSPACE, 1 << 32):
        assert pte & ~0x60 == va | P | W | PCD | (pte & G), hex(va)
    for table in space.tables.values():
        assert not any(pte & P and pte & U for pte in table)
    assert not any(pde & U for pde in space.dir[KERNBASE >> 22:PTWINDOW >> 22])


def test_stack_guards(machine, names):
    """Catches kernel stacks that lie next to each other: below each, a page is
    absent, so that an overflow faults instead of changing a neighbour."""
    m = machine(cpus=2).boot()
    m.qmp("stop")
    space = kernel_space(m, names)
    slots = [[bool(space.pte(va + i * 4096) & P) for i in range(3)]
             for va in range(KSTACKS, PTWINDOW - 3 * 4096, 3 * 4096)]
    used = [s for s in slots if any(s)]
    assert len(used) >= 3, "init, sh and an idle thread at least have a stack"
    assert all(s == [False, True, True] for s in used), used


def process_space(m, kernel):
    """Stops the machine while a CPU runs in a process's directory."""
    m.send("usertests\n")
    for _ in range(400):
        m.qmp("stop")
        for cpu in range(2):
            regs = m.registers(cpu)
            if regs["CR3"] & ~0xFFF == kernel.cr3 or regs["EIP"] >= KERNBASE:
                continue
            space = Space(m, regs["CR3"])
            # A program that is about to fault on its first instruction has no text.
            if space.pte(regs["EIP"] & ~0xFFF) & P:
                return space
        m.qmp("cont")
        time.sleep(0.01)
    raise AssertionError("no CPU was seen in user mode")


def test_process_directory(machine, names):
    """Catches a process whose kernel half is not the shared one, whose text is
    writable, whose page 0 is mapped, or whose recursive slot is missing or lets it
    write its own tables."""
    m = machine(cpus=2).boot()
    kernel = kernel_space(m, names)
    space = process_space(m, kernel)
    m.expect_end = True
    window = PTWINDOW >> 22
    for i in range(KERNBASE >> 22, 1024):
        if i != window:
            assert space.dir[i] & ~0x60 == kernel.dir[i] & ~0x60, f"entry {i:#x}"
    assert space.dir[window] & ~0x60 == space.cr3 | P | U, hex(space.dir[window])
    assert space.pte(0) == 0, "page 0 is mapped"
    user = [(i << 22 | j << 12, pte) for i, t in space.tables.items()
            if i < KERNBASE >> 22 for j, pte in enumerate(t) if pte & P]
    assert user and all(pte & U for _, pte in user)
    first = min(user)
    assert first[0] >= 0x1000 and not first[1] & W, "text is writable"


def test_frames_are_not_shared_with_the_kernel(machine, names):
    """Catches a user page that is the kernel's text or one of its tables."""
    m = machine(cpus=2).boot()
    kernel = kernel_space(m, names)
    space = process_space(m, kernel)
    m.expect_end = True
    tables = {pde & ~0xFFF for s in (space, kernel) for pde in s.dir if pde & P}
    end = names["end"] - KERNBASE
    for i, table in space.tables.items():
        if i >= KERNBASE >> 22:
            continue
        for pte in table:
            if pte & P:
                frame = pte & ~0xFFF
                assert frame not in tables and frame != space.cr3
                assert not 0x100000 <= frame < end
