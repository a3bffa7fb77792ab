"""Find the bug: a student's own test must fail with it, and pass without it.

The test is C for the kernel (tests/unit/mine.c, UNIT). It is compiled in the sandbox and
linked with the solution's objects, then with those that have the bug: it never sees
either source. Only what the student's tests report counts, and each machine runs once.
"""
import glob
import os
import re
import shutil

import build
import sandbox
from machine import Machine


def compile_test(base, folder, name, data):
    """Compiles a test in a copy of the skeleton; returns the object's path."""
    build.copy(base, folder)
    with open(f"{folder}/{name}", "wb") as f:
        f.write(data)
    target = f"build/unit/{os.path.splitext(name)[0]}.o"
    build.make(folder, target)
    return f"{folder}/{target}"


def link(solved, test, work):
    """Links a kernel of a prepared tree's objects, with this test alone; returns its
    path below the folder work."""
    shutil.copytree(f"{solved}/build/unit", f"{work}/unit")
    for path in glob.glob(f"{work}/unit/tests/unit/*.o"):
        os.remove(path)
    shutil.copyfile(test, f"{work}/unit/mine.o")
    for name in ("kernel.ld", "kernel.unit.syms.o"):
        where = solved if name.endswith(".ld") else f"{solved}/build"
        shutil.copyfile(f"{where}/{name}", f"{work}/{name}")
    objects = [os.path.relpath(p, work)
               for p in sorted(glob.glob(f"{work}/unit/**/*.o", recursive=True))]
    objects.sort(key=lambda p: p != "unit/entry.o")
    status, text = sandbox.run(work, "ld", "-m", "elf_i386", "-nostdlib", "-z",
                               "noexecstack", "-T", "kernel.ld", "-o", "kernel",
                               *objects, "kernel.unit.syms.o")
    if status:
        raise build.BuildError(text)
    return f"{work}/kernel"


def passes(kernel, names):
    """Does each of the tests run and pass on this kernel?"""
    m = Machine(cpus=1, mem=64, boot=None, fs=None, options=["-kernel", kernel])
    m.expect_end = m.expect_panic = True
    try:
        m.finish(timeout=60)
    except AssertionError:
        return False
    finally:
        m.close()
    return bool(names) and all(re.search(rf"^unit {n}: ok$", m.output, re.M)
                               for n in names)


def grade(lab, data, work):
    """(points, what to say) of a student's test; data is the bytes of the file."""
    names = re.findall(rb"^UNIT\((\w+)\)", data, re.M)
    if not names:
        return 0, "no UNIT(name) in it"
    names = [n.decode() for n in names]
    try:
        test = compile_test(build.prepared(lab, "base"), f"{work}/compile",
                            lab.bug["test"], data)
        good = passes(link(build.prepared(lab, "solved"), test, f"{work}/good"), names)
        bad = passes(link(build.prepared(lab, "bug"), test, f"{work}/bad"), names)
    except build.BuildError as e:
        return 0, f"it does not build: {e}"
    if not good:
        return 0, "it fails on a kernel without the bug"
    if bad:
        return 0, "it passes on the kernel with the bug"
    return lab.bug["points"], "it finds the bug"
