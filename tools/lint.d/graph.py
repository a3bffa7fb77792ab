"""The graph of the modules: who includes whom, and who refers to whose symbols."""
import glob
import os
import re
from functools import lru_cache

from csource import line_at
from tree import (BUILD, C_FILES, CODE, KERNEL, TEXT, floor, folder, module, run)

# What programs, and the tools that run on the host, may include.
USER_MAY = re.compile(r"(abi|lib|user)/|[^/]+\.h$")
HOST_MAY = re.compile(r"(abi|lib|tools)/|fs/(layout|replay)\.h$")
EXPORTED_DATA = 10
# Not counted: what the first CPU writes while it starts, and no CPU later.
SET_AT_START = {"cpu_has", "entrypgdir", "kmap", "kpgdir", "machine", "ncpu",
                "ncpu_listed",
                "nram", "phystop", "printk_whoami", "ram", "stack", "trap_handler"}
INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"', re.M)


def includes(path):
    """(the file that is included, the line) for each #include "..." of a file."""
    for m in INCLUDE.finditer(TEXT[path]):
        for place in (m.group(1), f"user/{m.group(1)}", f"tests/host/{m.group(1)}",
                      os.path.join(os.path.dirname(path), m.group(1))):
            if place in TEXT:
                break
        else:
            place = m.group(1)
        yield place, line_at(TEXT[path], m.start(1))


def objects():
    """The kernel's objects: the Makefile's list, or what is built."""
    listed = os.environ.get("KOBJ", "").split()
    found = listed or [f"{BUILD}/{module(f)}.o" for f in KERNEL
                       if f.endswith((".c", ".S"))]
    return [f for f in dict.fromkeys(found) if os.path.exists(f)]


@lru_cache(maxsize=None)
def symbols():
    """(object's module, kind, symbol) of all objects of the kernel, as nm has it."""
    found, files = [], objects()
    if not files:
        return found
    out = run(os.environ.get("NM", "nm"), "-A", *files).stdout
    for line in out.split("\n"):
        if m := re.match(r"(.*?):\s*(?:[0-9a-f]+)?\s+(\w) (\S+)$", line):
            found.append((module(m.group(1).removeprefix(BUILD + "/")),
                          *m.groups()[1:]))
    return found


@lru_cache(maxsize=None)
def references():
    """(who, symbol, whose) for each symbol that an object takes from another."""
    home = {s: mod for mod, kind, s in symbols() if kind in "TDBRCGSV"}
    return [(mod, s, home[s]) for mod, kind, s in symbols()
            if kind == "U" and s in home]


@lru_cache(maxsize=None)
def edges():
    """{who: {whose: why}} over the modules of the kernel, programs and tools."""
    graph = {}
    for path in C_FILES + [f for f in KERNEL if f.endswith(".S")]:
        mine = graph.setdefault(module(path), {})
        for there, line in includes(path):
            if there in TEXT and module(there) != module(path):
                mine.setdefault(module(there), f"{path}:{line} includes {there}")
    for who, symbol, whose in references():
        if who != whose:
            graph.setdefault(who, {}).setdefault(whose, f"refers to {symbol}")
    return graph


def circles(graph):
    """The strongly connected components of more than one module, each sorted."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for there in graph.get(node, ()):
            if there not in index:
                visit(there)
            if there in stack:
                low[node] = min(low[node], low[there])
        if low[node] == index[node]:
            at = stack.index(node)
            if len(stack) - at > 1:
                found.append(sorted(stack[at:]))
            del stack[at:]
    for node in graph:
        if node not in index:
            visit(node)
    return sorted(found)


# ---- Rules ----------------------------------------------------------------------
def check_includes():
    """A file includes its own floor and below; programs see abi, lib and user."""
    for path in KERNEL:
        for inc, line in includes(path):
            there = floor(inc)
            if there is None:
                yield f"{path}:{line}: includes {inc}, which is not the kernel's"
            elif there > floor(path):
                yield f"{path}:{line}: includes {inc}, which stands above it"
    for path in CODE:
        if folder(path) == "user" or path.startswith("tests/user/"):
            may, who = USER_MAY, "a program"
        elif path == "mkfs.c" or re.match(r"tools/[^/]+\.|tools/fsck/", path):
            may, who = HOST_MAY, "a host tool"
        else:
            continue
        for m in INCLUDE.finditer(TEXT[path]):
            if not may.match(m.group(1)):
                yield f"{path}:{line_at(TEXT[path], m.start(1))}: {who} " \
                    f"includes {m.group(1)}"


def check_calls():
    """An object refers to nothing that is defined above it."""
    for who, symbol, whose in references():
        if (floor(whose) or 0) > (floor(who) or 0):
            yield f"{source(who)}: refers to {symbol} of {whose}, which is above it"


def source(mod):
    """The file that a module is written in, for messages."""
    for suffix in (".c", ".S", ".h", ".pl"):
        if mod + suffix in TEXT:
            return mod + suffix
    return mod


def downward(graph):
    """The graph without what goes up, which other rules report. What is left of a
    circle stands on one floor."""
    return {who: {whose: why for whose, why in there.items()
                  if (floor(whose) or 0) <= (floor(who) or 0)}
            for who, there in graph.items()}


def check_circles():
    """No module includes or calls, over others, one that needs it itself."""
    graph = downward(edges())
    for ring in circles(graph):
        yield f"{source(ring[0])}: a circle of {' '.join(ring)}:" + "".join(
            f"\n  {who} -> {whose}: {graph[who][whose]}" for who in ring
            for whose in sorted(graph.get(who, ())) if whose in ring)


def check_exported():
    """Few variables are visible outside of their file."""
    found = sorted(s for _, kind, s in symbols() if kind in "DBCGS")
    if not found:
        return
    changing = [s for s in found if s not in SET_AT_START]
    print(f"exported data, {len(changing)} under {EXPORTED_DATA}: "
          f"{' '.join(changing)}; set at the start: "
          f"{' '.join(s for s in found if s in SET_AT_START)}")
    if len(changing) >= EXPORTED_DATA:
        yield f"{len(changing)} exported variables, fewer than " \
            f"{EXPORTED_DATA} are allowed"
    for name in sorted(SET_AT_START - set(found)):
        yield f"{name} is in lint's table and no longer in the kernel"
