"""What is proved of kmap[] and of the first directory: the kernel's own layout.

The drawing of memlayout.h is stated here a second time, in numbers, so that a
slip in one of the two is found.
"""
import os
import re
import subprocess

import z3
from pycparser import c_ast as A

import execute as X
import source as S
from machine import KERNBASE, OFFSET, World, bit, walk, word
from theorems import Theorem

EXTMEM, KERNLINK, DEVSPACE = 0x100000, 0x80100000, 0xFE000000
ENTRYTOP = 0x400000


def initial_rows(x, source, name, symbols):
    """The rows of an array of structures: {(array, index, member): Value}."""
    node = source.variables[name]
    members = [d.name for d in source.structs[node.type.type.type.name].decls]
    rows = {}
    for i, row in enumerate(node.init.exprs):
        for m in members:
            rows[name, i, m] = X.Value(word(0), X.UINT)
        for k, e in enumerate(row.exprs):
            named = isinstance(e, A.NamedInitializer)
            member = e.name[0].name if named else members[k]
            for _, v in x.value(X.Path(globals=symbols), e.expr if named else e):
                rows[name, i, member] = v
    return rows


class Kvmalloc(Theorem):
    """Which calls of mappages kvmalloc makes, wherever the text and RAM end."""
    title = "kvmalloc maps what the drawing in memlayout.h shows, and nothing else"
    function = "kvmalloc"
    calls = 1
    bound = 8

    def __init__(self, source):
        super().__init__(source)
        self.data = self.input("data")      # where the kernel's text ends
        self.inputs["PHYSTOP"] = self.world.phystop

    def assumptions(self):
        yield from self.world.ram()
        yield from (self.data & OFFSET == 0, z3.UGT(self.data, KERNLINK),
                    z3.ULT(self.data, KERNBASE + self.world.phystop),
                    z3.UGE(self.any_va, KERNBASE))

    def stubs(self):
        """mappages is proved by itself: here its calls are noted."""
        def mappages(path, args):
            after = path.fork()
            after.log.append(tuple(a.bits for a in args[1:]))
            yield after, X.Value(word(0), X.INT)

        def nothing(path, _):
            yield path, X.Value(word(0), X.INT)

        return {"mappages": mappages, "switchkvm": nothing, "kstack_tables": nothing}

    def executor(self, stubs=None):
        return super().executor(self.stubs())

    def wanted(self, va):
        """(mapped, pa, writable) of the drawing."""
        low = z3.ULT(va, KERNLINK)
        text = z3.And(z3.UGE(va, KERNLINK), z3.ULT(va, self.data))
        ram = z3.And(z3.UGE(va, self.data), z3.ULT(va - KERNBASE, self.world.phystop))
        devices = z3.UGE(va, DEVSPACE)
        return (z3.Or(low, text, ram, devices),
                z3.If(devices, va, va - KERNBASE), z3.Not(text))

    def goals(self, x):
        symbols = {"data": X.Value(self.data, ("array", X.CHAR, 0)),
                   "phystop": X.Value(self.world.phystop, X.UINT),
                   "kpgdir": X.Value(word(0), ("ptr", X.UINT))}
        rows = initial_rows(x, self.source, "kmap", symbols)
        symbols["kmap"] = X.Value(None, ("array", ("struct", "kmap"), 0), ("kmap", 0))
        for path, _ in x.run(X.Path(globals=symbols, rows=rows), "kvmalloc"):
            yield from self.rows_are_right(path)

    def rows_are_right(self, path):
        """The goals of one path, for the calls that it made."""
        va = self.any_va
        mapped, pa, writable = self.wanted(va)
        hits = [z3.ULT(va - v, size) for v, size, _, _ in path.log]
        yield path, z3.Or(*hits) == mapped, \
            "an address is mapped if the drawing shows something there"
        for i, (v, size, p, perm) in enumerate(path.log):
            yield path, z3.And(size != 0, v & OFFSET == 0, p & OFFSET == 0), \
                "every row is whole pages"
            yield path, z3.Not(z3.And(hits[i], z3.Or(*hits[:i]))), \
                "no address is in two rows"
            yield path, z3.Implies(hits[i], z3.And(
                p + (va - v) == pa, bit(perm, 2) == writable, z3.Not(bit(perm, 4)))), \
                "the address is translated as drawn; text is read-only, and " \
                "programs see nothing"


def first_directory():
    """entrypgdir's 1,024 words, from its initializer: {slot: int}."""
    source = S.read("entrypgdir.c")
    x = X.Executor(source, World(0), [])
    slots = {}
    for e in source.variables["entrypgdir"].init.exprs:
        (_, slot), = x.value(X.Path(), e.name[0])
        (_, entry), = x.value(X.Path(), e.expr)
        slots[z3.simplify(slot.bits).as_long()] = entry.bits
    return slots


def assembler(path):
    """The instructions of a file of ours behind `entry:` as (name, [operands])."""
    text = subprocess.run(["cpp", "-P", "-D__ASSEMBLER__", "-I", S.ROOT,
                           os.path.join(S.ROOT, path)], check=True, text=True,
                          capture_output=True).stdout
    code = text.split("entry:", 1)[1]
    for line in code.splitlines():
        line = re.sub(r"//.*", "", line).strip()
        if line.startswith("."):
            return
        if line:
            name, _, rest = re.sub(r"\s+", " ", line).partition(" ")
            yield name, [o.strip() for o in re.split(r",(?![^(]*\))", rest)]


class Entry(Theorem):
    """entry.S step by step, with entrypgdir in memory."""
    title = "entry.S: paging comes on with the next instruction mapped; main runs high"
    function = ""

    def __init__(self, source):
        super().__init__(source)
        self.symbols = {n: z3.BitVec(n, 32) for n in ("entrypgdir", "stack", "main")}
        self.inputs.update(self.symbols)
        self.eip = self.input("eip")     # where entry.S itself lies: physical
        self.registers = {}

    def assumptions(self):
        for s in self.symbols.values():
            yield from (z3.UGE(s, KERNLINK), z3.ULT(s, KERNBASE + ENTRYTOP - 0x2000))
        yield from (self.symbols["entrypgdir"] & OFFSET == 0,
                    z3.UGE(self.eip, EXTMEM), z3.ULT(self.eip, ENTRYTOP))

    def memory(self):
        """entrypgdir as the linker and the loader leave it."""
        at = self.symbols["entrypgdir"] - KERNBASE
        memory = X.Path().memory.fill(at, 1024, word(0))
        for slot, entry in first_directory().items():
            memory = memory.write(at + 4 * slot, entry)
        return memory

    def operand(self, text):
        """The value of $constant or %register."""
        if text.startswith("%"):
            return self.registers.get(text, word(0))
        names = {n: s for n, s in self.symbols.items() if n in text}
        value = eval(text[1:], {"__builtins__": {}}, names)  # pylint: disable=eval-used
        return word(value) if isinstance(value, int) else value

    def step(self, name, operands):
        """One instruction's effect on the registers."""
        r, to = self.registers, operands[-1]
        if name == "movl":
            r[to] = self.operand(operands[0])
        elif name == "orl":
            r[to] = r.get(to, word(0)) | self.operand(operands[0])
        elif name == "xorl" and operands[0] == to:
            r[to] = word(0)
        elif name == "pushl":
            r["%esp"] = r["%esp"] - 4
        elif name != "jmp":
            raise X.Unsupported(f"entry.S has {name}")

    def goals(self, x):
        path = X.Path(memory=self.memory())
        paged = False
        for name, operands in assembler("entry.S"):
            self.step(name, operands)
            if operands[-1] == "%cr0" and not paged:
                paged = True
                yield from self.paging_on(path)
            if name == "pushl":
                yield path, z3.And(paged, z3.UGE(self.registers["%esp"], KERNLINK)), \
                    "the stack is a high address, used with paging on"
            if name == "jmp":
                to = self.registers.get(operands[0].lstrip("*"), word(0))
                yield path, z3.And(paged, to == self.symbols["main"]), \
                    "the jump goes to main's high address"
                return

    def paging_on(self, path):
        """The moment at which CR0.PG is set."""
        r = self.registers
        cr3, va = r.get("%cr3", word(0)), self.any_va
        yield path, z3.And(r["%cr0"] & 0x80010000 == 0x80010000,
                           bit(r.get("%cr4", word(0)), 0x10)), \
            "PG and WP are set, and PSE was set before"
        yield path, cr3 == self.symbols["entrypgdir"] - KERNBASE, \
            "CR3 holds entrypgdir's physical address"
        here = walk(path.memory, cr3, self.eip)
        yield path, z3.And(here.present, here.pa == self.eip), \
            "the next instruction is fetched from where it lies"
        w = walk(path.memory, cr3, va)
        low, high = z3.ULT(va, ENTRYTOP), z3.ULT(va - KERNBASE, ENTRYTOP)
        yield path, z3.If(
            z3.Or(low, high),
            z3.And(w.present, w.pa == va & 0x3FFFFF, w.write, z3.Not(w.user)),
            z3.Not(w.present)), \
            "4 MB are mapped low and high, for the kernel, and nothing else"

    def looked_at(self, model):
        return iter(())
