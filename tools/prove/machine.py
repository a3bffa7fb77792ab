"""The machine that vm.c programs: physical memory, and the processor's own walk.

Memory is a list of changes over arbitrary first contents. Contents are words of
32 bits, found by word index (the physical address divided by four: 30 bits).
Addresses are z3 bit vectors of 32 bits.
"""
from dataclasses import dataclass

import z3

KERNBASE = 0x80000000
P, W, U, PS = 1, 2, 4, 0x80
FRAME, OFFSET = 0xFFFFF000, 0xFFF

FIRST = z3.Function("first_memory", z3.BitVecSort(30), z3.BitVecSort(32))


def word(n):
    """A constant of 32 bits."""
    return z3.BitVecVal(n, 32)


def index_of(address):
    """The word index of a physical address."""
    return z3.Extract(29, 0, z3.LShR(address, 2))


class Memory:
    """Physical memory after some changes; a change makes a new Memory."""

    def __init__(self, changes=()):
        self.changes = changes

    def write(self, address, value):
        """One word at a physical address."""
        return Memory(self.changes + (("write", index_of(address), value),))

    def fill(self, address, count, value):
        """`count` words (a Python int) from a physical address on."""
        return Memory(self.changes + (("fill", index_of(address), count, value),))

    def copy(self, to, source, count):
        """`count` words (a Python int) from one physical address to another."""
        change = ("copy", index_of(to), count, index_of(source), self)
        return Memory(self.changes + (change,))

    def read(self, address):
        """The word at a physical address."""
        return self.at(index_of(address))

    def at(self, index):
        """The word with this index."""
        value = FIRST(index)
        for kind, first, *rest in self.changes:
            if kind == "write":
                value = z3.If(index == first, rest[0], value)
                continue
            inside = z3.ULT(index - first, rest[0])
            if kind == "fill":
                new = rest[1]
            else:
                new = rest[2].at(rest[1] + (index - first))
            value = z3.If(inside, new, value)
        return value


@dataclass
class Walk:
    """What the processor finds for an address: entries, and what they allow."""
    pde: z3.BitVecRef
    pte: z3.BitVecRef
    pte_at: z3.BitVecRef    # physical address of the PTE
    present: z3.BoolRef
    pa: z3.BitVecRef
    write: z3.BoolRef       # both levels have W
    user: z3.BoolRef        # both levels have U

    def same(self, other):
        """Does the other walk translate alike, and allow the same?"""
        return z3.And(self.present == other.present, z3.Implies(self.present, z3.And(
            self.pa == other.pa, self.write == other.write,
            self.user == other.user)))


def bit(entry, mask):
    """Is the bit set?"""
    return entry & mask != 0


def walk(memory, cr3, va):
    """The two-level walk of SDM vol. 3, 4.3, with 4 MB pages (CR4.PSE)."""
    pde = memory.read((cr3 & FRAME) + (z3.LShR(va, 22) << 2))
    pte_at = (pde & FRAME) + ((z3.LShR(va, 12) & 0x3FF) << 2)
    pte = memory.read(pte_at)
    large = bit(pde, PS)
    return Walk(
        pde, pte, pte_at,
        present=z3.And(bit(pde, P), z3.Or(large, bit(pte, P))),
        pa=z3.If(large, (pde & 0xFFC00000) | (va & 0x3FFFFF),
                 (pte & FRAME) | (va & OFFSET)),
        write=z3.And(bit(pde, W), z3.Or(large, bit(pte, W))),
        user=z3.And(bit(pde, U), z3.Or(large, bit(pte, U))))


class World:
    """What vm.c is called in: a directory, RAM, and pages that kalloc will give.

    cr3      the directory's physical address
    phystop  the top of RAM (the kernel reaches RAM at KERNBASE + pa)
    fresh    the frames that kalloc gives, one after the other
    ok       whether each of these calls succeeds: memory may be out at any
    """

    def __init__(self, calls):
        self.cr3, self.phystop = z3.BitVecs("cr3 phystop", 32)
        self.fresh = [z3.BitVec(f"frame{i}", 32) for i in range(calls)]
        self.ok = [z3.Bool(f"memory{i}") for i in range(calls)]

    def entry(self, memory, slot):
        """The directory's entry with this number."""
        return memory.read(self.cr3 + (slot << 2))

    def ram(self):
        """Sizes: whole pages of RAM, less than the kernel can map."""
        frames = [self.cr3] + self.fresh
        yield from (self.phystop & 0x3FFFFF == 0, z3.UGE(self.phystop, 4 << 20),
                    z3.ULE(self.phystop, 0x7D000000))
        for f in frames:
            yield from (f & OFFSET == 0, f != 0, z3.ULT(f, self.phystop))
        for i, f in enumerate(frames):
            yield from (f != g for g in frames[:i])

    def well_formed(self, memory, slots, window=True):
        """The invariant of a directory, at the given slots.

        A present entry names a table of its own, which is neither the directory
        nor a page that kalloc could give; it allows reading and writing, and
        programs in the user's half only. The window's slot holds the directory.
        """
        for i in slots:
            e = self.entry(memory, i)
            here = i == (0xFDC00000 >> 22) if window else z3.BoolVal(False)
            half = z3.If(z3.ULT(i, KERNBASE >> 22), word(P | W | U), word(P | W))
            table = z3.And(
                e & (P | W | U | PS) == half, e & FRAME != self.cr3, e & FRAME != 0,
                z3.ULT(e & FRAME, self.phystop),
                *(e & FRAME != f for f in self.fresh))
            itself = z3.And(e & FRAME == self.cr3, e & (P | W | U | PS) == P | U)
            yield z3.Implies(bit(e, P), z3.If(here, itself, table))
            for j in slots:
                f = self.entry(memory, j)
                yield z3.Implies(z3.And(i != j, bit(e, P), bit(f, P)),
                                 e & FRAME != f & FRAME)
