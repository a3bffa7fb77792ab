"""cr3 as each compiler makes it: built from clean with warnings as errors, then run.
`make check-compilers` runs these; it skips compilers that are not installed, and the
last line counts both. tools/setup names none of them: one compiler is enough to work
with."""
import glob
import os
import re
import shutil
import subprocess

import machine as machine_py
import pytest
from machine import ROOT


def compilers():
    """{name: variables for make}: the compilers that cr3 must be built with, installed
    or not, and every other gcc and clang that is installed."""
    names = ["gcc", "gcc-11", "gcc-12", "clang", "clang-14"]
    for path in os.environ["PATH"].split(":"):
        for found in glob.glob(path + "/*-[0-9]*"):
            name = os.path.basename(found)
            if re.fullmatch(r"(gcc|clang)-\d+", name) and name not in names:
                names.append(name)
    made = {f"{t}gcc": [f"TOOLPREFIX={t}"] for t in ("i686-elf-", "i686-linux-gnu-")}
    for name in names:
        made[name] = [f"CC={name}", f"HOSTCC={name}"]
        if name.startswith("gcc"):
            made[name].append("TOOLPREFIX=")
    return made


COMPILERS = compilers()
# What make inherits from the make that started these tests is not for its copies.
ENV = {k: v for k, v in os.environ.items()
       if k not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "MAKEOVERRIDES", "B")}


# Side by side, each compiler's tests stay together: it builds once.
@pytest.fixture(scope="module", params=[
    pytest.param(n, marks=pytest.mark.xdist_group(n)) for n in COMPILERS])
def tree(request, tmp_path_factory):
    """A copy of the sources, built by this compiler: (its path, make's result)."""
    if not shutil.which(request.param):
        pytest.skip(f"{request.param} is not installed")
    copy = tmp_path_factory.mktemp(request.param) / "cr3"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(
        ".git", "build", "__pycache__", "compile_commands.json"))
    made = subprocess.run(
        ["make", "-s", f"-j{os.cpu_count()}", "WERROR=1",
         *COMPILERS[request.param], "all", "build/kernel.unit", "build/libc.a",
         "build/vm.img"],
        cwd=copy, env=ENV, text=True, check=False, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    yield copy, made
    shutil.rmtree(copy)


@pytest.fixture
def build(tree, monkeypatch):
    """Makes the machines of a test run what this compiler has built."""
    copy, made = tree
    if made.returncode:
        pytest.fail("nothing to run: it does not build")
    monkeypatch.setattr(machine_py, "BUILD", str(copy / "build"))


def test_builds(tree):
    """Catches code that this compiler does not accept, or warns of."""
    _, made = tree
    assert made.returncode == 0, made.stdout
    assert made.stdout == ""


def test_usertests(build, machine):
    """Catches undefined behaviour, a missing clobber, or a structure whose layout
    differs, where this compiler makes use of it."""
    m = machine(cpus=2).boot()
    assert m.run("echo one two three | wc").split() == ["1", "3", "14"]
    out = m.run("usertests", timeout=300)
    assert ", 0 failed" in out, out


def test_units(build, machine):
    """Catches the same in the kernel's own tests."""
    m = machine(cpus=2, boot="kernel", kernel="kernel.unit", fs=None)
    assert m.finish(timeout=120) == 1, m.output
