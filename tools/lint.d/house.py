"""docs/house.md: the tree, what each file is for, and the graph; made, not written.

A module stands in its table after the modules of the same folder that it uses, so
that a table is an order of reading. A graph has an arrow from a module to what it
uses, and leaves an arrow out where others lead to the same module.
"""
import ast
import os
import re
import textwrap

from graph import downward, edges
from tree import (CODE, FLOORS, FOLDERS, PYTHON, SPINE, TEXT, floor, folder,
                  module)

PAGE = "docs/house.md"
INTRO = """\
# The house

`make house` writes this page from the sources; do not edit it. A file's sentence is
the first one of the comment at its head. The tables are an order of reading: in each
folder a module stands after those that it uses. In the graphs, an arrow goes from a
module to a module that it includes or calls; it is left out where other arrows lead to
the same place. `make lint` checks that every arrow points down and that there is no
circle.
"""
PARTS = {
    "abi": "What crosses the border between programs and the kernel",
    "lib": "What the kernel, programs and host tools share",
    "x86": "The machine", "kern": "What every part of the kernel stands on",
    "dev": "Devices", "fs": "Files", "mm": "What belongs at an address",
    "file": "Open files", "team": "The threads of a process",
    "sys": "What a program can ask for",
    "user": "Programs", "user/lib": "The programs' library",
    "user/compat": "Headers for programs written for other systems",
    "tools": "Tools", "tests": "Tests",
}


def head(path):
    """The text of a file's head comment or docstring."""
    text = TEXT[path]
    if path in PYTHON:
        return ast.get_docstring(ast.parse(text)) or ""
    marks = r"//|/\*| \*/?" if path in CODE else r"//|/\*| \*/?|#(?!!)"
    held = []
    for line in text.split("\n"):
        m = re.match(rf"(?:{marks})[ \t]?(.*)", line)
        if m:
            held.append(m.group(1).removesuffix("*/"))
        elif held:
            break
        elif line.strip() and not line.startswith("#!"):
            return ""
    return "\n".join(held)


def sentence(path):
    """The first sentence of a file's head, on one line, without the file's name."""
    text = head(path).strip().split("\n\n")[0]
    name = os.path.splitext(os.path.basename(path))[0]
    text = re.sub(rf"^{re.escape(name)}(\.\w+)?: ", "", " ".join(text.split()))
    text = re.split(r"(?<=[^.]\w[.?])\s+(?!\d)", text + " ")[0].strip()
    return re.sub(r"[|<>]", lambda m: f"&#{ord(m.group())};", text).rstrip(".:")


def used_first(names, graph):
    """The names in an order in which each stands after those that it uses."""
    order, seen = [], set()

    def visit(name):
        if name not in seen:
            seen.add(name)
            for other in sorted(graph.get(name, ())):
                if other in names:
                    visit(other)
            order.append(name)
    for name in sorted(names):
        visit(name)
    return order


def reach(graph):
    """{name: all that can be reached from it} for each name of a graph."""
    found = {}
    for start in graph:
        todo, seen = list(graph[start]), set()
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo += graph.get(name, ())
        found[start] = seen
    return found


def reduced(graph):
    """The graph without the edges that others imply; what is in a circle stays."""
    far = reach(graph)

    def implied(who, whose):
        return any(whose in far.get(x, ()) and who not in far.get(x, ()) and
                   x not in far.get(whose, ()) for x in graph[who] - {whose})
    return {who: sorted(x for x in graph[who] if not implied(who, x))
            for who in graph}


def drawing(graph, label=lambda name: name):
    """A mermaid flowchart of a graph {name: {names}}, edges that are implied by
    others left out."""
    names = sorted({*graph, *(x for there in graph.values() for x in there)})
    lines = ["```mermaid", "flowchart TD"]
    few = reduced(graph)
    for who in names:
        there = few.get(who, ())
        # "graph" and "end" are words of mermaid's own
        here = f"{who.replace('/', '_')}_[{label(who)}]"
        if there:
            here += " --> " + " & ".join(f"{x.replace('/', '_')}_" for x in there)
        lines.append("    " + here)
    return "\n".join(lines + ["```", ""])


def table(rows):
    """A table of files and their sentences."""
    return "\n".join(["| file | what it is for |", "| --- | --- |",
                      *(f"| {name} | {what} |" for name, what in rows), ""])


def modules_of(name):
    """{module: [its files]} of a folder, folders below it left out."""
    found = {}
    for path in CODE:
        if os.path.dirname(path) == name:
            found.setdefault(module(path), []).append(path)
    return found


def row(paths):
    """The table's row for a module: its header says what it is for, if it has one."""
    paths = sorted(paths, key=lambda p: not p.endswith(".h"))
    first = os.path.basename(paths[-1])
    rest = "".join(f" {os.path.splitext(p)[1]}" for p in paths[:-1])
    return f"`{first}{rest}`", next((s for s in map(sentence, paths) if s), "")


def part(name, graph, draw):
    """The chapter on one folder of C."""
    modules = modules_of(name)
    rows = [row(modules[m]) for m in used_first(modules, graph)]
    inner = {m: {x for x in graph.get(m, ()) if x in modules} for m in modules}
    text = f"## {name}/: {PARTS.get(name, '')}\n\n{table(rows)}"
    if draw and any(inner.values()):
        text += "\n" + drawing(inner, os.path.basename)
    return text


def unit(mod):
    """What a module is drawn as among the floors: its folder, or itself."""
    return folder(mod + "/").rstrip("/") if "/" in mod else mod


def floors(graph):
    """The chapter on the floors, with the graph of folders and the spine."""
    known = {n for names in FLOORS for n in names}
    between = {}
    for who, there in graph.items():
        for whose in there:
            a, b = unit(who), unit(whose)
            if a in known and b in known and a != b:
                between.setdefault(a, set()).add(b)
    drawn = {*between, *(x for there in between.values() for x in there)}
    rows = [" ".join(x for x in names if x in drawn) for names in FLOORS]
    return "## Floors\n\nLowest first:\n\n" + textwrap.fill(
        " | ".join(x for x in rows if x), 84, initial_indent="    ",
        subsequent_indent="    ") + f"\n\n{drawing(between)}"


def scripts(name):
    """The chapter on a folder of tools or tests: its files in alphabetical order."""
    rows = [(f"`{path.removeprefix(name + '/')}`", sentence(path))
            for path in sorted(TEXT) if path.startswith(name + "/") and
            not re.search(r"/\.|\.(md|json|css|html|ini)$", path)]
    return f"## {name}/: {PARTS.get(name, '')}\n\n{table(rows)}"


def page():
    """The text of the whole page."""
    graph = downward(edges())
    spine = [(f"`{path}`", sentence(path)) for path in SPINE if path in TEXT]
    chapters = [INTRO, floors(graph),
                "## The spine: read aloud, in this order\n\n" + table(spine)]
    chapters += [part(name, graph, True) for name in FOLDERS]
    chapters += [part(name, graph, False)
                 for name in ("user", "user/lib", "user/compat")]
    chapters += [scripts("tools"), scripts("tests")]
    return "\n".join(chapters)


def write():
    """Writes the page."""
    with open(PAGE, "w", encoding="utf-8") as out:
        out.write(page())


# ---- Rules ----------------------------------------------------------------------
def check_house():
    """docs/house.md is what `make house` makes of the sources."""
    if os.path.exists("Makefile") and page() != TEXT.get(PAGE):
        yield f"{PAGE}: is out of date: make house"


# What runs before the kernel's first C function, in the order of running.
STARTS = ["bootasm", "bootmain", "entry", "entrypgdir", "main"]


def listed(title):
    """The files and folders that a chapter of README lists, in order."""
    text = TEXT.get("README", "").partition(title)[2].split("\n\n")
    return re.findall(r"^    ([\w./]+) ", text[1] if len(text) > 1 else "", re.M)


def rank(path):
    """Where a file of the spine belongs in the first reading: formats, then what
    runs before the kernel, then the floors from below."""
    if module(path) in STARTS:
        return 1, STARTS.index(module(path))
    return (0 if path.endswith(".h") else 2), floor(path) or 0


def check_reading():
    """README's first reading goes as the machine runs, its second floor by floor."""
    first = listed("First reading")
    second = [x for x in listed("Second reading") if x.rstrip("/") in FOLDERS]
    for names, key in ((first, rank), (second, lambda x: floor(x) or 0)):
        for a, b in zip(names, names[1:]):
            if key(a) > key(b):
                yield f"README: {b} is to be read before {a}"
    wanted = {x for x in SPINE if x in TEXT and not re.match(r"\w+\.h$", x)}
    for name in sorted((wanted | {x + "/" for x in FOLDERS}) - {*first, *second}):
        yield f"README: no reading lists {name}"
