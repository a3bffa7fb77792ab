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
        # build/tests is what other tests are compiling at this moment, qmp.PID a
        # machine's monitor, and ptview's files may be half written.
        busy = {"tests", "pycache"} | {n for n in names if n.startswith(
            ("qmp.", "kernel.layout"))}
        return {".git", "__pycache__", "node_modules"} | \
            (busy if path == BUILD else set())
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
    """Catches a rule that makes something again each time."""
    assert "CC" not in make(tree) + make(tree)
    before = {f: f.stat().st_mtime_ns for f in tree.rglob("*") if f.is_file()}
    make(tree)
    assert before == {f: f.stat().st_mtime_ns for f in tree.rglob("*")
                      if f.is_file()}


def test_flags_are_followed(tree):
    """Catches a kernel that is linked from objects with different flags."""
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
    for image in "build/fresh.img", "build/fs.img":
        assert b"fresh" in (tree / image).read_bytes()


def test_users_disk_keeps_its_files(tree):
    """Catches a disk that is made anew when a program is rebuilt, or that keeps the old
    program; and a fsput, fsget, newdisk or clean that loses a file."""
    (tree / "mine").write_text("my text")
    make(tree, "fsput", "mine")
    make(tree, "fsput", "user/cat.c", "TO=/")
    fresh = (tree / "build/fresh.img").read_bytes()
    source = tree / "user/true.c"
    source.write_text(source.read_text().replace("return 0", 'return puts("rebuilt")'))
    make(tree)
    assert b"rebuilt" in (tree / "build/fs.img").read_bytes()
    assert (tree / "build/fresh.img").read_bytes() != fresh
    assert "File exists" in make(tree, "fsget", "mine", fails=True)
    make(tree, "fsget", "mine", "TO=back")
    assert (tree / "back").read_text() == "my text"
    make(tree, "EXTRA=back")
    make(tree, "clean")
    assert sorted(os.listdir(tree / "build")) == ["fs.img"]
    make(tree, "fsget", "mine", "TO=again")
    assert (tree / "again").read_text() == "my text"
    make(tree, "newdisk", "FSSIZE=16M")
    assert (tree / "build/fs.img").stat().st_size == 16 << 20
    assert "there is no mine" in make(tree, "fsget", "mine", "TO=x", fails=True)
    make(tree, "fsget", "mine", "TO=y", "FSIMG=build/fs.img.old")
    assert (tree / "y").read_text() == "my text"


def test_users_disk_is_not_touched(tree):
    """Catches tests, tours and recordings that run on the user's disk: `make qemu` and
    then `make check` failed."""
    image = tree / "build/fs.img"
    make(tree)
    image.write_bytes(b"not a disk")
    said = make(tree, "-n", "check", "lesson", "qemu-rr", "transcripts", "pgmovie")
    assert "build/fs.img" not in said


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
    """Catches a make that fails without saying what to install."""
    out = make(tree, "CC=no-such-gcc", fails=True)
    assert re.search("no-such-gcc is missing. Run tools/setup, or install: gcc", out)
    out = make(tree, "qemu-nox", "QEMU=no-such-qemu", fails=True)
    assert "no-such-qemu is missing. Run tools/setup" in out
    out = make(tree, "gdb", "GDB=no-such-gdb", fails=True)
    assert "no-such-gdb is missing. Run tools/setup" in out


def test_setup_installs_what_is_named(tree):
    """Catches a message that sends to tools/setup, or to tools/setup dev, for a package
    which that command does not install. An example was python3 for `make ptview`."""
    text = "".join((tree / f).read_text() for f in ["Makefile", *map(
        str, (tree / "tools").glob("*.mk"))])
    setup = (tree / "tools/setup").read_text()
    base, dev = re.search(r"^packages=\$\(with '([^']*)' \\\n\t'([^']*)'", setup,
                          re.M).groups()
    calls = re.findall(r"\$\(call need,(?:[^(),]|\([^()]*\))*,([\w .-]+)(, dev)?\)", text)
    assert len(calls) > 10
    for packages, more in calls:
        for package in packages.replace(" and ", " ").split():
            assert package in (base + " " + dev if more else base).split() + ["lld"] \
                or package in ("nodejs", "npm"), package


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
    """Catches missing listings of the kernel, the boot block or programs."""
    for name in ("kernel", "boot", "user/cat"):
        assert os.path.getsize(f"{BUILD}/{name}.asm") > 1000
        assert os.path.getsize(f"{BUILD}/{name}.sym") > 100
