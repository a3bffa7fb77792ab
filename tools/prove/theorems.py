"""What is proved of vm.c: each theorem is a generator of (path, goal, words).

A goal is a condition that must hold at the end of every path; `words` says what
it means. Everything is for *every* address: `any_va` is a bit vector without a
value, and stands for all 2^32 of them.
"""
import z3

import execute as X
from machine import FRAME, KERNBASE, OFFSET, World, bit, walk, word

PTE = {"P": 1, "W": 2, "U": 4, "PWT": 8, "PCD": 16, "G": 0x100}
PERM = 2 | 4 | 8 | 16 | 0x100
WINDOW = 0xFDC00000
ENOMEM = 12


def table_span(va):
    """The directory slot of an address."""
    return z3.LShR(va, 22)


def in_window(va):
    """Does the address lie in the recursive window?"""
    return table_span(va) == WINDOW >> 22


class Theorem:
    """A statement about a function: its world, its assumptions, its goals."""
    title = function = ""
    calls = 0         # calls of kalloc that can happen
    bound = 4         # turns of a loop that can happen

    def __init__(self, source):
        self.source = source
        self.world = World(self.calls)
        self.any_va = z3.BitVec("any_va", 32)
        self.inputs = {}          # what a counterexample shows: name -> term

    def input(self, name):
        """An argument without a value."""
        self.inputs[name] = z3.BitVec(name, 32)
        return self.inputs[name]

    def pgdir(self):
        """The directory as the kernel's pointer."""
        return X.Value(self.world.cr3 + KERNBASE, ("ptr", X.UINT))

    def slots(self):
        """Directory slots whose invariant matters."""
        return [table_span(self.any_va)]

    def assumptions(self):
        """What the caller promises."""
        yield from self.world.ram()
        yield from self.world.well_formed(X.Path().memory, self.slots())

    def executor(self, stubs=None):
        """An interpreter under the assumptions."""
        return X.Executor(self.source, self.world, self.assumptions(), stubs,
                          self.bound)

    def goals(self, x):
        """Yields (path, goal, words)."""
        raise NotImplementedError

    def looked_at(self, model):
        """Addresses that a counterexample shows."""
        yield self.any_va

    def unchanged(self, memory):
        """any_va is translated as before (the window shows the new table)."""
        before = walk(X.Path().memory, self.world.cr3, self.any_va)
        after = walk(memory, self.world.cr3, self.any_va)
        return z3.Or(in_window(self.any_va), after.same(before))


class Walkpgdir(Theorem):
    """For every va: the entry that the processor reads, in an empty table if new."""
    title = "walkpgdir returns the address of the entry that the processor reads"
    function = "walkpgdir"
    calls = 1

    def __init__(self, source):
        super().__init__(source)
        self.va, self.alloc = self.input("va"), self.input("alloc")
        self.other = z3.BitVec("other_slot", 32)

    def slots(self):
        return [table_span(self.any_va), table_span(self.va), self.other]

    def assumptions(self):
        yield from super().assumptions()
        yield from (z3.ULT(self.other, 1024), z3.Not(in_window(self.va)))

    def goals(self, x):
        w = self.world
        args = (self.pgdir(), X.Value(self.va, ("ptr", X.VOID)),
                X.Value(self.alloc, X.INT))
        for path, r in x.run(X.Path(), "walkpgdir", *args):
            had = bit(w.entry(X.Path().memory, table_span(self.va)), 1)
            after = walk(path.memory, w.cr3, self.va)
            yield path, z3.If(r.bits == 0, z3.And(z3.Not(had), z3.Or(
                self.alloc == 0, z3.Not(w.ok[0]))), z3.And(
                bit(after.pde, 1), r.bits == after.pte_at + KERNBASE)), \
                "it returns the entry's address; NULL only if there is no table"
            yield path, z3.Or(z3.BoolVal(path.calls == 0), z3.And(z3.Not(had), self.alloc != 0)), \
                "it makes a table only where there is none, and only if asked to"
            yield path, self.unchanged(path.memory), \
                "no address is translated otherwise than before"
            fresh = World(0)
            fresh.cr3, fresh.phystop = w.cr3, w.phystop
            for goal in fresh.well_formed(path.memory, self.slots()):
                yield path, goal, "the directory stays well formed: each entry " \
                    "names a table of its own and allows what its half may"


class Mappages(Theorem):
    """For every va, size, pa, perm of at most `bound` pages, and every address."""
    title = "mappages maps what was asked, and nothing else"
    function = "mappages"

    def __init__(self, source, pages=2):
        self.calls = self.bound = pages
        super().__init__(source)
        self.va, self.size = self.input("va"), self.input("size")
        self.pa, self.perm = self.input("pa"), self.input("perm")

    def page(self, i):
        """The address of the i-th page of the range."""
        return (self.va & FRAME) + (i << 12)

    def slots(self):
        return [table_span(self.any_va)] + [table_span(self.page(i))
                                            for i in range(self.bound)]

    def inside(self, va):
        """Does a page of the range hold the address? (The end may be 4 GB.)"""
        return z3.ULE((va & FRAME) - (self.va & FRAME),
                      (self.va & OFFSET) + self.size - 1 & FRAME)

    def assumptions(self):
        yield from super().assumptions()
        last = self.va + self.size - 1
        yield from (self.size != 0, z3.UGE(last, self.va),
                    z3.ULE(self.size, self.bound << 12),
                    z3.ULE((self.va & OFFSET) + self.size, self.bound << 12),
                    self.pa & OFFSET == 0, self.perm & ~word(PERM) == 0)
        yield from (z3.Not(in_window(a)) for a in (self.va, last))
        for i in range(self.bound):
            here = walk(X.Path().memory, self.world.cr3, self.page(i))
            yield z3.Implies(self.inside(self.page(i)), z3.Not(here.present))

    def asked(self, memory):
        """any_va, inside the range, is translated as asked."""
        w = walk(memory, self.world.cr3, self.any_va)
        user = z3.And(bit(self.perm, 4), z3.ULT(self.any_va, KERNBASE))
        return z3.And(w.present, w.pa == self.pa + (self.any_va - (self.va & FRAME)),
                      w.write == bit(self.perm, 2), w.user == user,
                      w.pte & (PERM & ~6) == self.perm & (PERM & ~6))

    def arguments(self):
        """The call's arguments."""
        return (self.pgdir(), X.Value(self.va, ("ptr", X.VOID)),
                X.Value(self.size, X.UINT), X.Value(self.pa, X.UINT),
                X.Value(self.perm, X.INT))

    def goals(self, x):
        for path, r in x.run(X.Path(), "mappages", *self.arguments()):
            inside = self.inside(self.any_va)
            same = self.unchanged(path.memory)
            yield path, z3.Implies(z3.Not(inside), same), \
                "an address outside of the range is translated as before"
            out = z3.Not(z3.And(*self.world.ok[:path.calls]))
            yield path, z3.If(r.bits == 0, z3.Not(out), z3.And(
                r.bits == -ENOMEM, out)), "0, or -ENOMEM if memory is out"
            yield path, z3.Implies(inside, z3.If(
                r.bits == 0, self.asked(path.memory),
                z3.Or(same, self.asked(path.memory)))), \
                "an address of the range is translated as asked"


class PgdirNew(Theorem):
    """For every address: the kernel's half, nothing, or the window."""
    title = "pgdir_new: the kernel's half, an empty user half, and the window"
    function = "pgdir_new"
    calls = 1

    def __init__(self, source):
        super().__init__(source)
        self.slot = self.input("slot")     # a slot that the window shows

    def slots(self):
        return [table_span(self.any_va), self.slot]

    def assumptions(self):
        yield from self.world.ram()
        yield z3.ULT(self.slot, 1024)
        yield from self.world.well_formed(X.Path().memory, self.slots())
        # kpgdir has no window, and nothing in the user's half.
        for i in self.slots():
            yield z3.Implies(z3.Or(i == WINDOW >> 22, z3.ULT(i, KERNBASE >> 22)),
                             z3.Not(bit(self.world.entry(X.Path().memory, i), 1)))

    def goals(self, x):
        w, va = self.world, self.any_va
        start = X.Path(globals={"kpgdir": self.pgdir()})
        for path, r in x.run(start, "pgdir_new"):
            new = r.bits - KERNBASE
            if z3.is_bv_value(z3.simplify(r.bits)):
                yield path, z3.Not(w.ok[0]), "NULL only if memory is out"
                continue
            after, kernel = walk(path.memory, new, va), walk(path.memory, w.cr3, va)
            yield path, z3.If(
                z3.ULT(va, KERNBASE), z3.Not(after.present),
                z3.Or(in_window(va), after.same(kernel))), \
                "the user's half is empty, the kernel's is kpgdir's"
            # Whatever tables the process gets later, the window shows them.
            e = path.memory.read(new + (self.slot << 2))
            shown = walk(path.memory, new, WINDOW + (self.slot << 12))
            yield path, z3.And(z3.Not(shown.write), shown.user == bit(e, 4),
                               z3.Implies(shown.present, shown.pa == e & FRAME)), \
                "the window shows tables of the user's half only, and read-only"


class WindowIndex(Theorem):
    """The window's arithmetic: the address at which a program reads an entry."""
    title = "the window's formulas: PTE at 0xFDC00000 + va / 4096 * 4, and the PDE"
    function = "pgdir_new"

    def __init__(self, source):
        super().__init__(source)
        self.va = self.input("va")

    def assumptions(self):
        w, m = self.world, X.Path().memory
        yield from w.ram()
        yield w.entry(m, word(WINDOW >> 22)) & (FRAME | 0x87) == w.cr3 | 5
        yield z3.And(bit(w.entry(m, table_span(self.va)), 1),
                     z3.Not(bit(w.entry(m, table_span(self.va)), 0x80)))

    def goals(self, x):
        w, path = self.world, X.Path()
        own = walk(path.memory, w.cr3, self.va)
        pte = walk(path.memory, w.cr3, WINDOW + (z3.LShR(self.va, 12) << 2))
        pde = walk(path.memory, w.cr3, WINDOW + (WINDOW >> 10) +
                   (z3.LShR(self.va, 22) << 2))
        yield path, z3.And(pte.present, pte.pa == own.pte_at), \
            "the window's word for va is va's PTE"
        yield path, z3.And(pde.present,
                           pde.pa == w.cr3 + (z3.LShR(self.va, 22) << 2)), \
            "the directory's page in the window holds va's PDE"
