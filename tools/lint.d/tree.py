"""The project's files and their texts, and the floors on which they stand.

Every other module of lint takes what it reads from here. A path is relative to the
root of the project. A module is a path without its suffix: fs/map.c and fs/map.h
are the module fs/map.
"""
import os
import re
import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor

# The floors, lowest first: a file includes and calls its own floor and lower ones.
# An entry is a folder, or a module that stands elsewhere than its folder.
FLOORS = [["abi"], ["lib"], ["memlayout", "mmu"], ["x86", "entrypgdir"],
          ["kern"], ["kalloc", "dev"], ["vm", "fs"], ["mm"], ["file"], ["hv"], ["team"],
          ["proc"], ["sys"], ["trap"], ["main", "entry", "bootasm", "bootmain"]]
SPINE = ["bootasm.S", "bootmain.c", "entry.S", "entrypgdir.c", "main.c",
         "kalloc.c", "kalloc.h", "vm.c", "vm.h", "proc.c", "proc.h", "trap.c",
         "trap.h", "mmu.h", "memlayout.h"]
BUILD = os.environ.get("B", "build")
# What is made, not written.
MADE = {".git", "__pycache__", "node_modules", "compile_commands.json", BUILD}
# Folders of the kernel, in the order of their floors.
FOLDERS = [n for names in FLOORS for n in names if os.path.isdir(n)]


def run(*args, **kw):
    """Runs a command; its output and errors together are in .stdout."""
    return subprocess.run(args, stdout=subprocess.PIPE, text=True, check=False,
                          stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                          **kw)


def parallel(function, items):
    """All that the generator function yields for each of the items, in order."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for result in pool.map(lambda item: list(function(item)), items):
            yield from result


def all_files():
    """The project's files: git's list, or without git (sources from an archive, a
    tree that git says is somebody else's) all that was not made."""
    try:
        git = run("git", "ls-files", "-co", "--exclude-standard")
        listed = git.stdout.split("\n") if git.returncode == 0 else []
    except FileNotFoundError:
        listed = []
    for top, folders, names in os.walk(".") if not listed else ():
        folders[:] = [d for d in folders if d not in MADE]
        listed += [os.path.relpath(os.path.join(top, n)) for n in names]
    return sorted({f for f in listed if os.path.isfile(f) and f not in MADE})


def read_texts(files):
    """The text of each file that is UTF-8."""
    texts = {}
    for name in files:
        try:
            with open(name, encoding="utf-8") as f:
                texts[name] = f.read()
        except UnicodeDecodeError:
            pass
    return texts


def folder(path):
    """The first folder of a path; "" in the root."""
    return path.split("/")[0] if "/" in path else ""


def module(path):
    """The path without its suffix."""
    return os.path.splitext(path)[0]


def floor(path):
    """The number of a kernel file's floor; None if it is no kernel file."""
    for name in (module(path), folder(path)):
        for number, names in enumerate(FLOORS):
            if name in names:
                return number
    return None


def env_flags(name):
    """The words of a variable of the environment."""
    return shlex.split(os.environ.get(name, ""))


def flags_for(path):
    """The compiler's flags for a file."""
    if folder(path) == "user" or path.startswith("tests/user/"):
        return env_flags("UFLAGS")
    return env_flags("KFLAGS")


def lines_of(path):
    """How many lines a file has."""
    return TEXT[path].count("\n")


FILES = all_files()
TEXT = read_texts(FILES)
C_FILES = [f for f in TEXT if f.endswith((".c", ".h"))]
CODE = [f for f in TEXT if f.endswith((".c", ".h", ".S"))]
KERNEL = [f for f in CODE if floor(f) is not None]


def is_python(path):
    """Is a file Python, by its suffix or its first line?"""
    return path.endswith(".py") or TEXT[path].startswith("#!/usr/bin/env python3")


PYTHON = [f for f in TEXT if is_python(f)]
