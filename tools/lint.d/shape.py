"""How long and how wide: functions, files, folders, the assembler, README's table."""
import ast
import os
import re

from csource import blank, functions, statics
from graph import source, symbols
from tree import (C_FILES, CODE, FOLDERS, KERNEL, PYTHON, SPINE, TEXT, folder,
                  lines_of)

FILE_BUDGETS = {"vm.c": 250, "main.c": 120, "kalloc.c": 200, "proc.c": 350,
                "trap.c": 200}
FILE_LINES = 400
FUNCTION_LINES = 32
PARAMETERS = 5
FOLDER_MODULES = 16
ASSEMBLER = 350
TABLE_ROW = re.compile(r"^(    (\w+)\s+)(\d+)( +of +)(\d+)", re.M)


def all_functions():
    """Every C function of the project."""
    for path in C_FILES:
        yield from functions(path)


def python_functions():
    """(path, line, name, lines without the docstring) of each Python function. A
    function inside another counts for itself, and for the outer one too."""
    for path in PYTHON:
        for node in ast.walk(ast.parse(TEXT[path])):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                lines = node.end_lineno - node.lineno + 1
                if ast.get_docstring(node):
                    doc = node.body[0]
                    lines -= doc.end_lineno - doc.lineno + 1
                yield path, node.lineno, node.name, lines


def print_functions():
    """Prints how long the functions are that make the kernel and its programs."""
    found = sorted(((f.lines, f"{f.path}:{f.name}") for f in all_functions()
                    if not f.path.startswith("tests/")), reverse=True)
    if found:
        lengths = [n for n, _ in found]
        print(f"functions: {len(found)}, median {lengths[len(found) // 2]} lines, "
              f"90 % under {lengths[len(found) // 10] + 1}; the five longest: " +
              ", ".join(f"{name} {n}" for n, name in found[:5]))


def check_functions():
    """No function is longer than 32 lines, from its name to its last brace."""
    for f in all_functions():
        if f.lines > FUNCTION_LINES:
            yield f"{f.path}:{f.line}: {f.name} has {f.lines} lines, " \
                f"{FUNCTION_LINES} are allowed"


def check_python():
    """No Python function is longer than 32 lines, its docstring not counted."""
    for path, line, name, lines in python_functions():
        if lines > FUNCTION_LINES:
            yield f"{path}:{line}: {name} has {lines} lines, " \
                f"{FUNCTION_LINES} are allowed"


def check_parameters():
    """No C function has more than five parameters (more: a struct request)."""
    for f in all_functions():
        if len(f.params) > PARAMETERS:
            yield f"{f.path}:{f.line}: {f.name} has {len(f.params)} parameters, " \
                f"{PARAMETERS} are allowed"


def check_unique():
    """A static name stands once in the whole kernel: `break NAME` in GDB is clear."""
    places = {}
    for path in KERNEL:
        if path.endswith(".c"):
            found = set(statics(path)) | {(f.name, f.line) for f in functions(path)}
            for name, line in found:
                places.setdefault(name, []).append((path, line))
    for mod, kind, name in symbols():
        if kind in "TDBRCGS" and all(p != source(mod) for p, _ in
                                     places.get(name, [])):
            places.setdefault(name, []).append((source(mod), 1))
    static = {name for path in KERNEL for name, _ in statics(path)}
    for name, found in sorted(places.items()):
        if len({path for path, _ in found}) == 1 or name not in static:
            continue
        for path, line in found:
            yield f"{path}:{line}: {name} is also in " + \
                " ".join(sorted({p for p, _ in found} - {path}))


def check_files():
    """No file is longer than 400 lines, the spine's keep their budgets."""
    for path in CODE + [f for f in PYTHON if f not in CODE]:
        most = FILE_BUDGETS.get(path, FILE_LINES)
        if lines_of(path) > most:
            yield f"{path}: {lines_of(path)} lines, {most} are allowed"
    for name in FOLDERS:
        modules = [f for f in KERNEL if folder(f) == name and f[-1] in "cS"]
        if len(modules) > FOLDER_MODULES:
            yield f"{name}/: {len(modules)} modules, {FOLDER_MODULES} are allowed"


def folder_lines(name):
    """The lines of code of one row of README's table."""
    if name == "spine":
        return sum(lines_of(f) for f in SPINE if f in TEXT)
    suffixes = (".c", ".h", ".S", ".pl", ".py", ".ld", ".mk", ".sh")
    return sum(lines_of(f) for f in TEXT if f.startswith(name + "/") and
               (f.endswith(suffixes) or "." not in os.path.basename(f)))


def check_readme():
    """README's table of lines is right to a tenth, and no budget is exceeded."""
    rows = TABLE_ROW.findall(TEXT.get("README", ""))
    if not rows:
        yield "README: has no table of lines per folder"
    for name in sorted(set(FOLDERS) - {row[1] for row in rows}):
        yield f"README: its table has no row for {name}"
    for _, name, said, _, budget in rows:
        lines = folder_lines(name)
        if lines > int(budget):
            yield f"{name}: {lines} lines, its budget is {budget}"
        if abs(lines - int(said)) > max(50, lines // 10):
            yield f"README: {name} has {lines} lines, not {said} " \
                "(tools/lint --fix)"


def fix_readme():
    """Writes today's numbers into README's table."""
    def row(m):
        width = len(m.group(3))
        return f"{m.group(1)}{folder_lines(m.group(2)):{width}}" \
            f"{m.group(4)}{m.group(5)}"
    with open("README", "w", encoding="utf-8") as out:
        out.write(TABLE_ROW.sub(row, TEXT["README"]))


def instructions(text):
    """The lines of an assembler source that hold an instruction."""
    for line in re.sub(r"\\\n", " ", blank(text)).split("\n"):
        line = re.sub(r"^\s*(\w+:\s*)*", "", line.split("#")[0]).strip()
        if line and line[0] not in ".#":
            yield line


def check_assembler():
    """The assembler is short, and each file opens with its picture."""
    files = [f for f in KERNEL if f.endswith(".S")]
    count = sum(len(list(instructions(TEXT[f]))) for f in files)
    print(f"assembler: {count} instructions of {ASSEMBLER}")
    if count >= ASSEMBLER:
        yield f"assembler: {count} instructions, {ASSEMBLER} are allowed"
