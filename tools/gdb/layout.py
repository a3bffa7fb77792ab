"""The layout of the kernel: addresses of its variables, offsets of its structs' members,
numbers of its headers.

The addresses and offsets come from the debug information of build/kernel, read by the
GDB that debugs (of_gdb) or without one (tools/viewer/dwarf.py), and the numbers from
the headers themselves: nothing is written down twice.
"""
import ast
import os
import re

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
STRUCTS = ("proc", "mm", "area", "list", "thread", "team", "uthread", "page", "kmap", "inode",
           "trapframe", "cpu", "files", "file", "guest", "guest_memory",
           "shadow_space", "shadow", "frame", "walk_rules", "tlb_shadow", "walk",
           "shadow_view")
# name: (file that has it, if it is static)
VARIABLES = {"proc_table": "proc.c", "kpgdir": None, "kmap": None, "pages": None,
             "phystop": None, "entrypgdir": None, "data": None, "end": None,
             "cpus": None, "ncpu": None, "alltraps": None, "trapret": None,
             "vectors": None}
HEADERS = ("mmu.h", "memlayout.h", "vm.h", "mm/space.h", "mm/area.h", "abi/mman.h",
           "abi/limits.h", "abi/entry.h", "kern/sched.h")
DEFINE = re.compile(r"^#define[ \t]+(\w+)[ \t]+([^/\n]+)", re.M)


def constants(root=ROOT):
    """{name: int} of the headers' macros that are numbers or made of numbers."""
    text = "\n".join(open(os.path.join(root, h), encoding="utf-8").read()
                     for h in HEADERS if os.path.exists(os.path.join(root, h)))
    out = {}
    for name, value in DEFINE.findall(text):
        value = re.sub(r"\b(0x[0-9a-fA-F]+|\d+)[uUlL]*\b", r"\1", value)
        try:
            out[name] = number(ast.parse(value.strip(), mode="eval").body, out)
        except (SyntaxError, ValueError, KeyError):
            continue
    return out


def number(node, names):
    """The value of an expression of numbers, earlier names and + - * / | <<. Raises
    ValueError or KeyError for any other."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.Name):
        return names[node.id]
    if isinstance(node, ast.BinOp):
        a, b = number(node.left, names), number(node.right, names)
        work = {ast.Add: a + b, ast.Sub: a - b, ast.Mult: a * b, ast.BitOr: a | b,
                ast.Div: a // b if b else 0, ast.LShift: a << (b & 31)}
        if type(node.op) in work:
            return work[type(node.op)]
    raise ValueError("no number")


def of_gdb(gdb):
    """The layout of the program that this GDB has loaded:
    {"structs": {name: {"size": bytes, member: [offset, bytes]}},
     "symbols": {name: address}, "enums": {name: number},
     "constants": {macro: number}}."""
    structs = {}
    for name in STRUCTS:
        try:
            kind = gdb.lookup_type(f"struct {name}")
        except gdb.error:
            continue
        structs[name] = {"size": kind.sizeof}
        for f in kind.fields():
            structs[name][f.name] = [f.bitpos // 8, f.type.sizeof]
    symbols = {}
    for name, where in VARIABLES.items():
        expression = f"(unsigned)&{name}" if where is None else \
            f"(unsigned)&'{where}'::{name}"
        try:
            symbols[name] = int(gdb.parse_and_eval(expression)) & 0xFFFFFFFF
        except gdb.error:
            continue
    enums = {}
    try:
        fields = gdb.lookup_type("enum thread_state").fields()
        enums = {f.name: f.enumval for f in fields}
    except gdb.error:
        pass
    return {"structs": structs, "symbols": symbols, "enums": enums,
            "constants": constants()}
