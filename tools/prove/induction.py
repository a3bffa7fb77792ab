"""The step that carries a loop over pages to any number of them.

The loop of mappages is cut: one turn is run from an arbitrary
well-formed state in which k pages are done. The invariant:

    page = first page + k * 4096,  pa = first pa + k * 4096,  n = pages - k
    the directory is well formed

After the turn the invariant holds for k + 1, page k is as asked, and every other
address is translated as before. By induction this is the theorem
for a million pages: pages k' < k are "other addresses", so they stay as they are.
"""
import z3
from pycparser import c_ast as A

import execute as X
from machine import FRAME, OFFSET, World, walk, word
from statements import Statements
from theorems import Mappages, Theorem, in_window, table_span


class Step(Mappages):
    """One turn of mappages' loop, from anywhere."""
    title = "mappages, any number of pages: each turn of the loop maps its page"

    def __init__(self, source):
        super().__init__(source, pages=1)
        self.done = self.input("done")      # pages that earlier turns have mapped
        self.other = z3.BitVec("other_slot", 32)
        self.count = z3.LShR((self.va & OFFSET) + self.size - 1, 12) + 1

    def here(self):
        """The page of this turn."""
        return (self.va & FRAME) + (self.done << 12)

    def slots(self):
        return [table_span(self.any_va), table_span(self.here()), self.other]

    def assumptions(self):
        yield from Theorem.assumptions(self)
        last = self.va + self.size - 1
        yield from (self.size != 0, z3.UGE(last, self.va),
                    # 4 GB in one call would be a count of 0: nobody asks for it.
                    z3.ULE(self.size, 0xFFFFE000),
                    self.pa & OFFSET == 0, self.perm & ~word(0x11E) == 0,
                    z3.ULT(self.done, self.count), z3.ULT(self.other, 1024),
                    z3.Not(in_window(self.here())))
        # This turn's page is absent.
        yield z3.Not(walk(X.Path().memory, self.world.cr3, self.here()).present)

    def loop(self):
        """(statements before the loop, the loop)."""
        body = self.source.function(self.function).body.block_items
        for i, s in enumerate(body):
            if isinstance(s, A.For):
                return body[:i], s
        raise X.Unsupported(f"{self.function} has no for")

    def invariant(self, env, k):
        """The loop's variables after k pages; a function has some of them."""
        want = {"page": (self.va & FRAME) + (k << 12), "pa": self.pa + (k << 12),
                "n": self.count - k}
        return z3.And(*(env[v].bits == want[v] for v in want if v in env))

    def start(self, x, loop):
        """The path that stands before a turn: the variables as the invariant says."""
        first, s = loop
        names = [d.name for d in
                 self.source.function(self.function).decl.type.args.params]
        begin = X.Path(env=dict(zip(names, self.arguments())))
        for path, _, _ in Statements(x).sequence(begin, first):
            for p, _, _ in Statements(x).run(path, s.init):
                yield p

    def at(self, path, k):
        """The same path after k pages: variables take the invariant's values."""
        p = path.fork()
        values = {"page": (self.va & FRAME) + (k << 12), "pa": self.pa + (k << 12),
                  "n": self.count - k}
        for name in values:
            if name in p.env:
                old = p.env[name]
                p.env[name] = X.Value(values[name], old.type)
        return p

    def goals(self, x):
        loop = self.loop()
        for path in self.start(x, loop):
            yield path, self.invariant(path.env, word(0)), \
                "the loop begins with the first page, and counts the pages"
            yield from self.turn(x, self.at(path, self.done), loop[1])

    def turn(self, x, path, s):
        """One turn: the condition holds, the body runs, the invariant holds again."""
        for p, c in x.value(path, s.cond):
            yield p, X.truth(c), "the loop goes on while pages are left"
            for q, how, r in Statements(x).run(p.fork(X.truth(c)), s.stmt):
                if how == "return":
                    yield q, z3.And(r.bits == -12, self.unchanged(q.memory)), \
                        "without memory nothing has changed in this turn"
                    continue
                for e, _, _ in Statements(x).run(q, s.next):
                    yield e, self.invariant(e.env, self.done + 1), \
                        "the next turn works on the next page"
                    for end, more in x.value(e, s.cond):
                        yield end, X.truth(more) == (self.done + 1 != self.count), \
                            "the loop ends behind the last page"
                    yield from self.after(e)

    def after(self, path):
        """What a turn has done to memory."""
        mine = self.any_va & FRAME == self.here()
        yield path, z3.If(mine, self.asked(path.memory), self.unchanged(path.memory)), \
            "this turn's page is translated as asked, others as before"
        fresh = World(0)
        fresh.cr3, fresh.phystop = self.world.cr3, self.world.phystop
        for goal in fresh.well_formed(path.memory, self.slots()):
            yield path, goal, "the directory stays well formed"
