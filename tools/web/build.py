#!/usr/bin/env python3
"""Writes the web page: tools/web/build.py BUILD OUT.

BUILD: the folder with kernel, cr3.img and fresh.img; OUT: the folder to fill, build/web.
The page is static and asks no network for anything. Its parts:

    *.js index.html style.css   from tools/web
    vendor/                     v86, xterm.js, MicroPython from tools/web/node_modules
    data/                       disks (gzip), BIOS, python.json (the files of tools/gdb),
                                facts.json (sources, the headers' numbers, the tour)
    licences.html               what is whose

Environment: BIOS, VGABIOS: other files than Debian's seabios. Exits with 1 and a sentence
if one of them is missing or the page is larger than LIMIT.
"""
import glob
import gzip
import html
import json
import os
import shutil
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "tools/gdb"))
import layout  # noqa: E402 (the path comes first)
import tour  # noqa: E402

LIMIT = 12 << 20        # bytes of the whole page
MODULES = os.path.join(HERE, "node_modules")
VENDOR = {"libv86.mjs": "v86/build/libv86.mjs", "v86.wasm": "v86/build/v86.wasm",
          "xterm.mjs": "@xterm/xterm/lib/xterm.mjs", "xterm.css": "@xterm/xterm/css/xterm.css",
          "micropython.mjs": "@micropython/micropython-webassembly-pyscript/micropython.mjs",
          "micropython.wasm": "@micropython/micropython-webassembly-pyscript/micropython.wasm"}
# The Python files that MicroPython runs: those of tools/gdb that need no GDB, the
# commands, and in the place of GDB tools/web/py.
PYTHON = ("ptcore", "kernel", "views", "viewtext", "walkview", "guestview", "diffview",
          "objectview", "commands")
BIOSES = {"bios.bin": ("BIOS", ["/usr/share/seabios/bios.bin", "/usr/share/qemu/bios.bin"]),
          "vgabios.bin": ("VGABIOS", ["/usr/share/seabios/vgabios-stdvga.bin",
                                      "/usr/share/qemu/vgabios-stdvga.bin"])}
LICENCES = (("v86", "BSD 2-Clause", "v86/LICENSE"), ("xterm.js", "MIT", "@xterm/xterm/LICENSE"),
            ("MicroPython", "MIT", None), ("SeaBIOS and its VGA BIOS", "LGPL 3", None))


def text_of(path):
    """The text of a file."""
    with open(path, encoding="utf-8") as f:
        return f.read()


def found(name):
    """The path of a BIOS. Exits if there is none."""
    variable, places = BIOSES[name]
    for path in [os.environ[variable]] if variable in os.environ else places:
        if os.path.exists(path):
            return path
    sys.exit(f"cr3: no {places[0]}: tools/setup dev installs seabios")


def sources():
    """{path: text} of the kernel's sources, the spine first, in the order of reading."""
    spine = ["vm.c", "main.c", "kalloc.c", "entry.S", "entrypgdir.c", "proc.c", "trap.c",
             "bootmain.c", "bootasm.S", "mmu.h", "memlayout.h"]
    rest = sorted(path for folder in ("", "mm", "team", "sys", "fs", "file", "kern",
                               "x86", "dev", "lib", "abi")
                  for kind in ("c", "h", "S")
                  for path in glob.glob(os.path.join(folder, f"*.{kind}"), root_dir=ROOT))
    paths = spine + [p for p in rest if p not in spine]
    return {p: text_of(os.path.join(ROOT, p)) for p in paths if os.path.exists(os.path.join(ROOT, p))}


def facts():
    """What the page knows without the kernel's file, as a dictionary for JSON."""
    return {"sources": sources(), "constants": layout.constants(), "structs": layout.STRUCTS,
            "variables": layout.VARIABLES, "tour": {"stops": tour.STOPS, "end": tour.END},
            "kinds": json.loads(text_of(os.path.join(ROOT, "tools/pgmovie/kinds.json")))}


def python():
    """{name: text} of the files that MicroPython runs."""
    paths = [os.path.join(ROOT, "tools/gdb", f"{name}.py") for name in PYTHON] + \
        glob.glob(os.path.join(HERE, "py", "*.py"))
    return {os.path.basename(p): text_of(p) for p in paths}


def style():
    """style.css with the colours of the film's kinds of entries."""
    kinds = facts()["kinds"]
    text = text_of(os.path.join(HERE, "style.css"))
    for theme in ("light", "dark"):
        text = text.replace(f"@{theme.upper()}@",
                            " ".join(f"--{k['kind']}: {k[theme]};" for k in kinds))
    return text


def licences():
    """The page that names the licences."""
    parts = ["<!doctype html><html lang=en><meta charset=utf-8><title>Licences</title>"
             "<h1>What is whose</h1><p>cr3 has the licence below. The page also holds:</p>"]
    for name, kind, path in LICENCES:
        parts.append(f"<h2>{html.escape(name)}: {kind}</h2>")
        if path:
            parts.append(f"<pre>{html.escape(text_of(os.path.join(MODULES, path)))}</pre>")
    parts.append("<h2>cr3</h2><pre>" + html.escape(text_of(os.path.join(ROOT, "LICENSE"))) + "</pre>")
    return "\n".join(parts) + "</html>\n"


def write(out, name, data):
    """Writes a file of the page; data: text or bytes."""
    path = os.path.join(out, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as f:
        f.write(data.encode() if isinstance(data, str) else data)


def packed(path):
    """A file, compressed; the same for the same file."""
    with open(path, "rb") as f:
        return gzip.compress(f.read(), 9, mtime=0)


def main():
    """Writes the page."""
    build, out = sys.argv[1:3]
    shutil.rmtree(out, ignore_errors=True)
    for path in glob.glob(os.path.join(HERE, "*.js")) + [os.path.join(HERE, "index.html")]:
        write(out, os.path.basename(path), text_of(path))
    write(out, "style.css", style())
    write(out, "licences.html", licences())
    for name, path in VENDOR.items():
        with open(os.path.join(MODULES, path), "rb") as f:
            write(out, f"vendor/{name}", f.read())
    for name in BIOSES:
        with open(found(name), "rb") as f:
            write(out, f"data/{name}", f.read())
    write(out, "data/boot.gz", packed(os.path.join(build, "cr3.img")))
    write(out, "data/fs.gz", packed(os.path.join(build, "fresh.img")))
    write(out, "data/facts.json", json.dumps(facts()))
    write(out, "data/python.json", json.dumps(python()))
    size = sum(os.path.getsize(p) for p in glob.glob(f"{out}/**", recursive=True)
               if os.path.isfile(p))
    if size > LIMIT:
        sys.exit(f"cr3: the page has {size >> 10} KB, {LIMIT >> 10} KB are allowed")
    print(f"cr3: {out}: {size >> 10} KB")


main()
