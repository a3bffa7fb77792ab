"""Programs from elsewhere, unchanged, built with the standard headers: a folder of our
own, and Lua and zlib if LUA=DIR and ZLIB=DIR name their sources."""
import glob
import os
import re
import shutil
import subprocess

import pytest
from machine import ROOT, make_env


def build(folder, name, image, tmp_path):
    """Builds the folder's program onto a disk of its own; returns the disk's path."""
    done = subprocess.run(
        ["make", "-s", f"EXTRA_SRC={folder}", f"NAME={name}", f"FSIMG={image}", "all"],
        cwd=ROOT, env=make_env(), text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=600, check=False)
    assert done.returncode == 0, done.stdout[-3000:]
    assert str(tmp_path) in image
    return image


@pytest.mark.in_tree
def test_folder(machine, tmp_path):
    """Catches a standard function that is missing or wrong, and a folder of several
    files and mains that does not become a program."""
    disk = build("tests/programs", "standard", f"{tmp_path}/fs.img", tmp_path)
    m = machine(cpus=1, fs=disk).boot()
    assert m.run("standard word") == \
        "word 2 1.414 1.26765e+30 1099511627776 40\nthe end\n"
    assert m.run("standard word | wc -l") == "2\n"
    assert m.poweroff() == 0


SCRIPT = [
    ("print(1/3, 10//3, 2^53, 7.0, 1e100, 0x10)",
     "0.33333333333333\t3\t9.007199254741e+15\t7.0\t1e+100\t16"),
    ("for w in (\"b a\"):gmatch(\"%a\") do io.write(w, \";\") end print()", "b;a;"),
    ("local t = {3, 1, 2} table.sort(t) print(table.concat(t, \",\"))", "1,2,3"),
    ("print(pcall(error, \"x\"))", "false\tx"),
    ("print(string.format(\"%5.2f|%-4s|%q\", math.pi, \"a\", \"b\"))", " 3.14|a   |\"b\""),
    ("print(1 << 40, 123456789012 // 7, -7 % 3, -7.5 // 2)",
     "1099511627776\t17636684144\t2\t-4.0"),
    ("local c = coroutine.wrap(function() coroutine.yield(1) end) print(c())", "1"),
]


@pytest.mark.in_tree
@pytest.mark.skipif(not os.environ.get("LUA"), reason="LUA=DIR names no sources")
def test_lua(machine, tmp_path):
    """Catches a Lua that does not build unchanged, or computes otherwise."""
    disk = build(os.environ["LUA"], "lua", f"{tmp_path}/fs.img", tmp_path)
    m = machine(cpus=1, fs=disk).boot()
    for line, want in SCRIPT:
        assert m.run(f"lua -e '{line}'").rstrip("\n") == want
    assert m.poweroff() == 0


@pytest.mark.in_tree
@pytest.mark.skipif(not os.environ.get("ZLIB"), reason="ZLIB=DIR names no sources")
def test_zlib(machine, tmp_path):
    """Catches a zlib that does not build unchanged, or whose own test fails."""
    folder = tmp_path / "zlib"
    folder.mkdir()
    for name in glob.glob(os.environ["ZLIB"] + "/*.[ch]") + \
            glob.glob(os.environ["ZLIB"] + "/test/[em]*.c"):
        shutil.copy(name, folder)
    image = f"{tmp_path}/fs.img"
    build(folder, "example", image, tmp_path)
    build(folder, "minigzip", image, tmp_path)
    m = machine(cpus=1, fs=image).boot()
    said = m.run("example")
    assert len(re.findall("hello, hello!", said)) >= 5 and "OK" in said, said
    m.run("minigzip <README >r.gz; minigzip -d <r.gz >r")
    assert m.run("cmp README r && echo same") == "same\n"
    assert m.poweroff() == 0
