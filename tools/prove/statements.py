"""The expressions and statements of C, for execute.Executor."""
import z3
from pycparser import c_ast as A

import execute as X
from machine import KERNBASE, word


def constant(text):
    """A C integer constant as a Value."""
    digits = text.rstrip("uUlL")
    n = int(digits, 0)
    unsigned = "u" in text.lower() or n > 0x7FFFFFFF
    return X.Value(word(n), X.UINT if unsigned else X.INT)


def unsigned(a, b):
    """Does C compute with these two as unsigned?"""
    return not (a.type == X.INT and b.type == X.INT)


ARITHMETIC = {
    "+": lambda a, b, u: a + b, "-": lambda a, b, u: a - b,
    "*": lambda a, b, u: a * b, "&": lambda a, b, u: a & b,
    "|": lambda a, b, u: a | b, "^": lambda a, b, u: a ^ b,
    "<<": lambda a, b, u: a << b,
    ">>": lambda a, b, u: z3.LShR(a, b) if u else a >> b,
    "/": lambda a, b, u: z3.UDiv(a, b) if u else a / b,
    "%": lambda a, b, u: z3.URem(a, b) if u else z3.SRem(a, b),
}
COMPARISON = {
    "==": lambda a, b, u: a == b, "!=": lambda a, b, u: a != b,
    "<": lambda a, b, u: z3.ULT(a, b) if u else a < b,
    "<=": lambda a, b, u: z3.ULE(a, b) if u else a <= b,
    ">": lambda a, b, u: z3.UGT(a, b) if u else a > b,
    ">=": lambda a, b, u: z3.UGE(a, b) if u else a >= b,
}


def binary(op, a, b):
    """a op b for two Values."""
    if a.row or b.row:
        return rows(op, a, b)
    u = unsigned(a, b)
    if op in COMPARISON:
        return X.from_bool(COMPARISON[op](a.bits, b.bits, u))
    if op not in ARITHMETIC:
        raise X.Unsupported(f"operator {op}")
    if op in "+-" and a.type[0] in ("ptr", "array"):
        if b.type[0] in ("ptr", "array"):
            raise X.Unsupported("the difference of two pointers")
        step = word(X.Executor.size_of(a.type[1]))
        return X.Value(ARITHMETIC[op](a.bits, b.bits * step, u), ("ptr", a.type[1]))
    if op == ">>":
        u = a.type != X.INT
    return X.Value(ARITHMETIC[op](a.bits, b.bits, u), X.UINT if u else X.INT)


def rows(op, a, b):
    """Pointers into an array of structures, whose indices are plain numbers."""
    if op in "+-" and a.row:
        n = z3.simplify(b.bits).as_signed_long()
        return X.Value(None, a.type, (a.row[0], a.row[1] + (n if op == "+" else -n)))
    if not (a.row and b.row and a.row[0] == b.row[0]) or op not in COMPARISON:
        raise X.Unsupported(f"{op} of a pointer to a structure")
    left, right = word(a.row[1]), word(b.row[1])
    return X.from_bool(COMPARISON[op](left, right, True))


class Expressions:
    """Values and places of expressions."""

    def __init__(self, executor):
        self.x = executor

    def value(self, path, e):
        """Yields (path, Value)."""
        method = getattr(self, "do_" + type(e).__name__, None)
        if method is None:
            raise X.Unsupported(f"expression {type(e).__name__}")
        yield from method(path, e)

    def all(self, path, expressions):
        """Yields (path, [Values]) of expressions, evaluated from left to right."""
        if not expressions:
            yield path, []
            return
        for p, v in self.value(path, expressions[0]):
            for q, rest in self.all(p, expressions[1:]):
                yield q, [v] + rest

    def do_Constant(self, path, e):
        """Numbers; a string has no meaning here."""
        yield path, X.Value(word(0), ("ptr", X.CHAR)) if e.type == "string" \
            else constant(e.value)

    def do_ExprList(self, path, e):
        """The comma operator: the last one's value."""
        for p, values in self.all(path, e.exprs):
            yield p, values[-1]

    def do_Cast(self, path, e):
        """Casts keep the bits: all types here are 32 bits wide, or row pointers."""
        t = self.x.type_of(e.to_type)
        for p, v in self.value(path, e.expr):
            yield p, X.Value(v.bits, t, v.row)

    def do_ID(self, path, e):
        """A variable."""
        for p, place in self.place(path, e):
            yield p, self.load(p, place)

    do_ArrayRef = do_StructRef = do_ID

    def do_FuncCall(self, path, e):
        """A call."""
        arguments = e.args.exprs if e.args else []
        for p, values in self.all(path, arguments):
            yield from self.x.call(p, e.name.name, values)

    def do_BinaryOp(self, path, e):
        """Arithmetic, comparison, && and ||."""
        if e.op in ("&&", "||"):
            yield from self.short(path, e)
            return
        for p, (a, b) in self.all(path, [e.left, e.right]):
            yield p, binary(e.op, a, b)

    def short(self, path, e):
        """&& and ||: the right side only if the left one leaves it open."""
        for p, left in self.value(path, e.left):
            for q, true in self.x.branch(p, X.truth(left)):
                if true == (e.op == "||"):
                    yield q, X.Value(word(int(true)), X.INT)
                    continue
                for r, right in self.value(q, e.right):
                    yield r, X.from_bool(X.truth(right))

    def do_TernaryOp(self, path, e):
        """c ? a : b."""
        for p, c in self.value(path, e.cond):
            for q, true in self.x.branch(p, X.truth(c)):
                yield from self.value(q, e.iftrue if true else e.iffalse)

    def do_Assignment(self, path, e):
        """= and its relatives."""
        for p, v in self.value(path, e.rvalue):
            for q, place in self.place(p, e.lvalue):
                if e.op != "=":
                    v = binary(e.op[:-1], self.load(q, place), v)
                yield self.store(q, place, v), v

    def do_UnaryOp(self, path, e):
        """& and * and sizeof, ++ and --, and signs."""
        if e.op in ("++", "p++", "--", "p--"):
            yield from self.step(path, e)
        elif e.op == "*":
            for p, place in self.place(path, e):
                yield p, self.load(p, place)
        elif e.op == "&":
            for p, place in self.place(path, e.expr):
                yield p, self.address(place)
        elif e.op == "sizeof":
            yield path, X.Value(word(self.x.size_of(self.x.type_of(e.expr))), X.UINT)
        else:
            for p, v in self.value(path, e.expr):
                yield p, self.sign(e.op, v)

    @staticmethod
    def sign(op, v):
        """! ~ - and + of a Value."""
        if op == "!":
            return X.from_bool(z3.Not(X.truth(v)))
        bits = {"~": lambda b: ~b, "-": lambda b: -b, "+": lambda b: b}[op](v.bits)
        return X.Value(bits, v.type)

    def step(self, path, e):
        """++ and --."""
        op = "+" if "+" in e.op else "-"
        for p, place in self.place(path, e.expr):
            old = self.load(p, place)
            new = binary(op, old, constant("1"))
            yield self.store(p, place, new), old if e.op[0] == "p" else new

    # ---- Places: ("var", name), ("word", address, type), ("row", array, i, member)
    def place(self, path, e):
        """Yields (path, place) of something that can stand left of a =."""
        if isinstance(e, A.ID):
            yield path, ("var", e.name)
        elif isinstance(e, A.UnaryOp) and e.op == "*":
            for p, v in self.value(path, e.expr):
                yield p, ("word", v.bits, v.type[1])
        elif isinstance(e, A.ArrayRef):
            for p, (base, i) in self.all(path, [e.name, e.subscript]):
                v = binary("+", base, i)
                yield p, ("row",) + v.row if v.row else ("word", v.bits, v.type[1])
        elif isinstance(e, A.StructRef):
            yield from self.member(path, e)
        else:
            raise X.Unsupported(f"a place that is a {type(e).__name__}")

    def member(self, path, e):
        """p->m and a[i].m of an array of structures."""
        if e.type == "->":
            for p, v in self.value(path, e.name):
                yield p, ("row",) + v.row + (e.field.name,)
        else:
            for p, place in self.place(path, e.name):
                yield p, place + (e.field.name,)

    def load(self, path, place):
        """The Value at a place."""
        if place[0] == "word":
            self.x.kernel_address(path, place[1])
            if place[2][0] != "int":
                raise X.Unsupported(f"memory that holds a {place[2]}")
            return X.Value(path.memory.read(place[1] - KERNBASE), place[2])
        if place[0] == "row":
            if place[1:] not in path.rows:
                raise X.Unsupported(f"{place[1]}[{place[2]}] is outside of its array")
            return path.rows[place[1:]]
        for variables in (path.env, path.globals):
            if place[1] in variables:
                return variables[place[1]]
        if place[1] in self.x.source.enums:
            return constant(str(self.x.source.enums[place[1]]))
        raise X.Unsupported(f"variable {place[1]} has no value")

    def store(self, path, place, v):
        """The path after a Value was put at a place."""
        after = path.fork()
        if place[0] == "word":
            self.x.kernel_address(path, place[1])
            after.memory = path.memory.write(place[1] - KERNBASE, v.bits)
        elif place[0] == "row":
            after.rows[place[1:]] = v
        elif place[1] in path.env:
            old = path.env[place[1]]
            after.env[place[1]] = X.Value(v.bits, old.type if old else v.type, v.row)
        else:
            after.globals[place[1]] = v
        return after

    @staticmethod
    def address(place):
        """&place as a Value."""
        if place[0] == "word":
            return X.Value(place[1], ("ptr", place[2]))
        if place[0] == "row" and len(place) == 3:
            return X.Value(None, ("ptr", ("struct", place[1])), place[1:])
        raise X.Unsupported("the address of a variable")


class Statements:
    """Runs statements: yields (path, how it ended, Value); how: next, return,
    break, continue."""

    def __init__(self, executor):
        self.x = executor

    def run(self, path, s):
        """One statement, or the end of a list of them."""
        if s is None:
            yield path, "next", None
            return
        method = getattr(self, "do_" + type(s).__name__, None)
        if method is not None:
            yield from method(path, s)
            return
        for p, _ in self.x.value(path, s):
            yield p, "next", None

    def do_Compound(self, path, s):
        """A block."""
        yield from self.sequence(path, s.block_items or [])

    def sequence(self, path, statements):
        """Statements one after the other."""
        if not statements:
            yield path, "next", None
            return
        for p, how, v in self.run(path, statements[0]):
            if how == "next":
                yield from self.sequence(p, statements[1:])
            else:
                yield p, how, v

    def do_DeclList(self, path, s):
        """Declarations in a for."""
        yield from self.sequence(path, s.decls)

    def do_Decl(self, path, s):
        """A local variable; without a value it may hold anything."""
        t = self.x.type_of(s)
        if s.init is None:
            after = path.fork()
            after.env[s.name] = X.Value(z3.FreshConst(z3.BitVecSort(32), s.name), t)
            yield after, "next", None
            return
        for p, v in self.x.value(path, s.init):
            after = p.fork()
            after.env[s.name] = X.Value(v.bits, t, v.row)
            yield after, "next", None

    def do_If(self, path, s):
        """if and else."""
        for p, c in self.x.value(path, s.cond):
            for q, true in self.x.branch(p, X.truth(c)):
                yield from self.run(q, s.iftrue if true else s.iffalse)

    def do_For(self, path, s):
        """A for, unrolled to the bound."""
        for p, _, _ in self.run(path, s.init):
            yield from self.loop(p, s, 0)

    def do_While(self, path, s):
        """A while is a for without ends."""
        yield from self.loop(path, A.For(None, s.cond, None, s.stmt), 0)

    def loop(self, path, s, turn):
        """Turn number `turn` of a loop and all that follow."""
        for p, c in self.x.value(path, s.cond):
            for q, true in self.x.branch(p, X.truth(c)):
                if not true:
                    yield q, "next", None
                    continue
                if turn >= self.x.bound:
                    raise X.Unsupported("a loop takes more turns than was foreseen")
                for r, how, v in self.run(q, s.stmt):
                    yield from self.after_turn(r, how, v, s, turn)

    def after_turn(self, path, how, v, s, turn):
        """What follows the body of a loop."""
        if how == "return":
            yield path, how, v
        elif how == "break":
            yield path, "next", None
        else:
            for p, _, _ in self.run(path, s.next):
                yield from self.loop(p, s, turn + 1)

    def do_Return(self, path, s):
        """return."""
        if s.expr is None:
            yield path, "return", None
            return
        for p, v in self.x.value(path, s.expr):
            yield p, "return", v

    def do_Break(self, path, s):
        """break."""
        yield path, "break", None

    def do_Continue(self, path, s):
        """continue."""
        yield path, "continue", None
