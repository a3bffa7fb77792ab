"""Symbolic execution of the C that vm.c is written in.

Every value is a z3 bit vector of 32 bits with a C type. At each branch whose
condition is not decided both ways are followed; a Path carries the conditions
that led to it. What the C language or the kernel forbids on the way (a pointer
that is no kernel address, a failed assert) raises Refuted with a model.

Types are tuples: ("int", signed), ("char",), ("void",), ("ptr", type),
("array", type, n), ("struct", name).
"""
from dataclasses import dataclass, field, replace

import z3
from pycparser import c_ast as A

from machine import KERNBASE, Memory, word

INT, UINT, CHAR, VOID = ("int", True), ("int", False), ("char",), ("void",)
NAMES = {"int": INT, "char": CHAR, "void": VOID}


class Refuted(Exception):
    """A statement is false: says what, and the model that shows it."""

    def __init__(self, what, model, path):
        super().__init__(what)
        self.model, self.path = model, path


class Unsupported(Exception):
    """C that this interpreter does not know."""


@dataclass(frozen=True)
class Value:
    """A C value; `row` is (array's name, index) for pointers to such objects."""
    bits: object
    type: tuple
    row: tuple = None


@dataclass
class Path:
    """One way through the program."""
    conditions: list = field(default_factory=list)
    memory: Memory = field(default_factory=Memory)
    calls: int = 0                    # calls of kalloc so far
    env: dict = field(default_factory=dict)      # local variables
    rows: dict = field(default_factory=dict)     # (array, index, member): Value
    globals: dict = field(default_factory=dict)
    log: list = field(default_factory=list)      # what stubs note

    def fork(self, condition=None):
        """A copy, under one more condition."""
        more = [] if condition is None else [condition]
        return replace(self, conditions=self.conditions + more, env=dict(self.env),
                       rows=dict(self.rows), globals=dict(self.globals),
                       log=list(self.log))


def truth(v):
    """A C value as a condition."""
    return z3.BoolVal(v.bits != 0) if isinstance(v.bits, int) else v.bits != 0


def from_bool(condition):
    """A condition as a C value."""
    return Value(z3.If(condition, word(1), word(0)), INT)


class Executor:
    """Runs functions of a Source in a World, with stubs for some of them."""

    def __init__(self, source, world, assumptions, stubs=None, bound=4):
        self.source, self.world, self.bound = source, world, bound
        self.assumptions = list(assumptions)
        self.stubs = {"kalloc": self.kalloc, "kalloc_zero": self.kalloc_zero,
                      "memset": self.memset, "memcpy": self.memcpy,
                      "prove_assert": self.prove_assert, "panic": self.panic}
        self.stubs.update(stubs or {})

    # ---- The solver ----------------------------------------------------------
    def model(self, *conditions):
        """A model in which the conditions hold, or None."""
        # A solver for each question: z3 simplifies more where nothing is pushed.
        solver = z3.SolverFor("QF_UFBV")
        solver.add(*self.assumptions, *conditions)
        answer = solver.check()
        if answer == z3.unknown:
            raise Unsupported("z3 gives no answer: " + solver.reason_unknown())
        return solver.model() if answer == z3.sat else None

    def require(self, path, condition, what):
        """Raises Refuted unless the condition holds on this path."""
        if z3.is_true(z3.simplify(condition)):
            return
        found = self.model(*path.conditions, z3.Not(condition))
        if found is not None:
            raise Refuted(what, found, path)

    def branch(self, path, condition):
        """Yields (path, True or False) for each way that is possible."""
        condition = z3.simplify(condition)
        if z3.is_true(condition) or z3.is_false(condition):
            yield path, z3.is_true(condition)
            return
        for way in (True, False):
            c = condition if way else z3.Not(condition)
            if self.model(*path.conditions, c) is not None:
                yield path.fork(c), way

    # ---- Types ---------------------------------------------------------------
    def type_of(self, node):
        """The type that a declarator names."""
        if isinstance(node, (A.Typename, A.Decl, A.TypeDecl)):
            return self.type_of(node.type)
        if isinstance(node, A.PtrDecl):
            return ("ptr", self.type_of(node.type))
        if isinstance(node, A.ArrayDecl):
            return ("array", self.type_of(node.type), 0)
        if isinstance(node, A.Struct):
            return ("struct", node.name)
        if not isinstance(node, A.IdentifierType):
            raise Unsupported(f"type {type(node).__name__}")
        name = node.names[-1]
        if name in self.source.typedefs:
            return self.type_of(self.source.typedefs[name])
        if "unsigned" in node.names:
            return CHAR if name == "char" else UINT
        if name not in NAMES:
            raise Unsupported(f"type {name}")
        return NAMES[name]

    @staticmethod
    def size_of(t):
        """Bytes of a type that is no structure."""
        if t in (CHAR, VOID):
            return 1
        if t[0] in ("int", "ptr"):
            return 4
        raise Unsupported(f"the size of {t}")

    # ---- What the kernel calls -----------------------------------------------
    def take_frame(self, path):
        """The next page of kalloc: (path, its kernel address or 0)."""
        n = path.calls
        if n >= len(self.world.fresh):
            raise Unsupported("kalloc is called more often than was foreseen")
        after = path.fork()
        after.calls = n + 1
        for way, ok in self.branch(after, self.world.ok[n]):
            yield way, self.world.fresh[n] + KERNBASE if ok else word(0), ok

    def kalloc(self, path, _):
        """A page with any contents, or NULL."""
        for p, va, _ in self.take_frame(path):
            yield p, Value(va, ("ptr", VOID))

    def kalloc_zero(self, path, _):
        """A page of zeros, or NULL."""
        for p, va, ok in self.take_frame(path):
            if ok:
                p.memory = p.memory.fill(va - KERNBASE, 1024, word(0))
            yield p, Value(va, ("ptr", VOID))

    def words(self, path, args):
        """The length of a memset or memcpy, a constant, in words."""
        n = z3.simplify(args[2].bits)
        if not z3.is_bv_value(n) or n.as_long() % 4:
            raise Unsupported("memset or memcpy of a length that is not constant")
        for a in args[:2]:
            if a.type[0] == "ptr":
                self.kernel_address(path, a.bits)
        return n.as_long() // 4

    def memset(self, path, args):
        """memset of whole words with 0."""
        after = path.fork()
        after.memory = path.memory.fill(args[0].bits - KERNBASE,
                                        self.words(path, args), word(0))
        yield after, args[0]

    def memcpy(self, path, args):
        """memcpy of whole words."""
        after = path.fork()
        after.memory = path.memory.copy(args[0].bits - KERNBASE,
                                        args[1].bits - KERNBASE,
                                        self.words(path, args))
        yield after, args[0]

    def prove_assert(self, path, args):
        """An assert of vm.c never fails."""
        self.require(path, truth(args[0]), "an assert of vm.c fails")
        yield path, Value(word(0), INT)

    def panic(self, path, _):
        """Panic ends the path: a start without memory."""
        return iter(())

    def kernel_address(self, path, bits):
        """A pointer that the kernel follows is P2V of some RAM."""
        self.require(path, z3.ULT(bits - KERNBASE, self.world.phystop),
                     "the kernel follows a pointer that is no kernel address of RAM")

    def call(self, path, name, args):
        """Calls a function: a stub, or the body in the source."""
        if name in self.stubs:
            yield from self.stubs[name](path, args)
            return
        f = self.source.function(name)
        inner = path.fork()
        params = f.decl.type.args.params if f.decl.type.args else []
        inner.env = {d.name: replace(a, type=self.type_of(d)) for d, a in
                     zip(params, args) if d.name}
        for p, _, value in Statements(self).run(inner, f.body):
            p.env = dict(path.env)
            yield p, value

    def run(self, path, name, *args):
        """All ends of a call: yields (path, Value or None)."""
        yield from self.call(path, name, list(args))

    def value(self, path, expression):
        """Yields (path, Value) for an expression."""
        yield from Expressions(self).value(path, expression)


from statements import Expressions, Statements  # noqa: E402 (they need the above)
