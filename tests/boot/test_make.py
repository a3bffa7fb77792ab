"""The build itself, in a copy of the tree."""
import os
import re
import shutil
import subprocess

import pytest
from machine import BUILD, ROOT


@pytest.fixture
def tree(tmp_path):
    """A copy of the sources and of what was built, with its times."""
    def ignore(path, names):
        # build/tests is what other tests are compiling at this moment.
        return {".git", "__pycache__", "node_modules"} | \
            ({"tests"} if path == BUILD else set())
    there = tmp_path / "cr3"
    shutil.copytree(ROOT, there, symlinks=True,
                    ignore=ignore)
    return there


def make(tree, *args, env=None, fails=False):
    """Runs make there; returns its output."""
    done = subprocess.run(["make", "--no-print-directory", *args], cwd=tree,
                          text=True, stdin=subprocess.DEVNULL, timeout=300,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env={**os.environ, **(env or {})}, check=False)
    assert (done.returncode != 0) == fails, done.stdout
    return done.stdout


def test_nothing_to_do(tree):
    """Catches rules that make something anew each time."""
    assert "CC" not in make(tree) + make(tree)
    before = {f: f.stat().st_mtime_ns for f in tree.rglob("*") if f.is_file()}
    make(tree)
    assert before == {f: f.stat().st_mtime_ns for f in tree.rglob("*")
                      if f.is_file()}


def test_flags_are_followed(tree):
    """Catches objects of another compiler's flags, linked into one kernel."""
    make(tree, "build/vm.o")
    old = (tree / "build/vm.o").stat().st_mtime_ns
    make(tree, "build/vm.o", "DEBUG=1")
    new = (tree / "build/vm.o").stat().st_mtime_ns
    assert new != old
    make(tree, "build/vm.o", "DEBUG=1")
    assert (tree / "build/vm.o").stat().st_mtime_ns == new


def test_headers_are_followed(tree):
    """Catches a header whose change does not reach the objects that include it."""
    make(tree, "build/vm.o")
    old = (tree / "build/vm.o").stat().st_mtime_ns
    with open(tree / "mmu.h", "a", encoding="utf-8") as f:
        f.write("// changed\n")
    make(tree, "build/vm.o")
    assert (tree / "build/vm.o").stat().st_mtime_ns != old


def test_new_program_is_built_in(tree):
    """Catches a program that needs an edit of the Makefile."""
    (tree / "user/fresh.c").write_text('#include "user.h"\n\nint\n'
                                       'main(int argc, char *argv[])\n'
                                       '{\n\tprintf("fresh\\n");\n\treturn 0;\n}\n')
    make(tree)
    assert b"fresh" in (tree / "build/fs.img").read_bytes()


def test_image_is_whole_or_absent(tree):
    """Catches a truncated image that the next make takes for a good one."""
    big = tree / "big"
    with open(big, "wb") as f:
        f.truncate(64 << 20)
    out = make(tree, "EXTRA=big", fails=True)
    assert re.search("big|full|fit|large|room", out)
    image = tree / "build/fs.img"
    assert not image.exists() or image.stat().st_size == 32 << 20
    assert not (tree / "build/fs.img.tmp").exists()
    make(tree)
    assert image.stat().st_size == 32 << 20


def test_missing_tool_is_named(tree):
    """Catches a failure that does not say what to install."""
    out = make(tree, "CC=no-such-gcc", fails=True)
    assert re.search("no-such-gcc is missing. Run tools/setup, or install: gcc", out)
    out = make(tree, "qemu-nox", "QEMU=no-such-qemu", fails=True)
    assert "no-such-qemu is missing. Run tools/setup" in out
    out = make(tree, "gdb", "GDB=no-such-gdb", fails=True)
    assert "no-such-gdb is missing. Run tools/setup" in out


def test_help_needs_nothing(tree):
    """Catches a help that asks for a compiler first."""
    assert "qemu-nox" in make(tree, "help", "CC=no-such-gcc")


def test_compile_commands(tree):
    """Catches an editor's database that is stale, broken or without the flags."""
    import json
    entries = json.load(open(tree / "compile_commands.json", encoding="utf-8"))
    by_file = {e["file"]: e["command"] for e in entries}
    assert "-Og" in by_file["vm.c"] and "-Iuser" in by_file["user/cat.c"]
    assert "-DKERNEL" in by_file["fs/cache.c"]


def test_listings(tree):
    """Catches listings that are not made: of the kernel, the boot block, programs."""
    for name in ("kernel", "boot", "user/cat"):
        assert os.path.getsize(f"{BUILD}/{name}.asm") > 1000
        assert os.path.getsize(f"{BUILD}/{name}.sym") > 100
