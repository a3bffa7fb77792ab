"""A guest's shadow page tables against what they stand for, read from outside of both
machines: the guest's own tables, composed with its monitor's (tools/gdb/guestview.py)."""
import random
import time

import ptviewer
import pytest
from gdbsession import stopped
from machine import BUILD, built

import dwarf        # ptviewer has added tools/gdb and tools/viewer to the path
import guestview
import sources
from kernel import Kernel

SVM = "qemu32,+svm"
POINTS = 10


def disk():
    """The disk with a kernel and a guest's disk; what is written is thrown away."""
    return ["-drive", f"file={built('vm.img')},index=1,media=disk,format=raw,"
            "snapshot=on,file.locking=off"]


@pytest.fixture
def look(machine, tmp_path_factory):
    """(machine, a function that stops it and returns the Guest's faults and the number of
    its shadow's pages, the path of its monitor)."""
    path = str(tmp_path_factory.mktemp("m") / "qmp")
    m = machine(cpus=2, mem=300, cpu=SVM, fs=disk(),
                options=["-qmp", f"unix:{path},server=on,wait=off"]).boot()
    layout = dwarf.of_kernel(f"{BUILD}/kernel")

    def seen():
        with sources.Qmp(path) as source:
            return guestview.compare(Kernel(layout, source.read))
    return m, seen, path


def watch(seen, points, pause):
    """Looks at that many points in time; returns the pages that were compared."""
    compared = 0
    for _ in range(points):
        wrong, pages = seen()
        assert not wrong, wrong[:20]
        compared += pages
        time.sleep(pause * random.random())
    return compared


def test_shadow_is_true(look, done):
    """Catches a shadow that leads elsewhere, or allows more, than the guest's tables and
    the host's: at ten points of a boot, and of tests in the guest that fork, map, swap
    pages with a file and make threads."""
    m, seen, path = look
    m.send("vmm -m 128 kernel fs.img\n")
    compared = watch(seen, POINTS, 0.05)
    m.expect(r"cr3 file disk[^$]*\n\$ $", timeout=60)
    compared += watch(seen, 1, 0)
    assert compared > 100
    assert "WRONG" not in ptviewer.run("--qmp", path, "pt", "-g")
    m.send("usertests 20 cow_both_ways cow_grandchildren mmap_truncate mmap_protect "
           "thread_open_races mmap_private\n")
    compared += watch(seen, 2 * POINTS, 0.4)
    m.expect(r"usertests: \d+ passed, 0 failed", timeout=120)
    m.send("\x01x")
    m.expect(r"\$ $")
    done(compared, "pages of a shadow compared")
    assert m.poweroff() == 0


def test_views(machine):
    """Catches `walk -g` or `pt -g` that show other addresses than the machine has."""
    m, gdb = stopped(machine, cpus=1, mem=300, cpu=SVM, fs=disk())
    gdb.run("continue &")
    m.boot()
    m.send("vmm kernel fs.img\n")
    m.expect(r"cr3 file disk[^$]*\n\$ $", timeout=60)
    gdb.run("interrupt")
    time.sleep(1)
    gdb.run("echo")
    text = gdb.run("walk -g 0x80101000")
    assert "=> guest-physical 00101000, kernel r" in text, text
    frames = [line.split()[2] for line in text.splitlines() if "=> host-physical" in line]
    assert len(frames) == 2 and len({f.strip(",") for f in frames}) == 1, text
    assert "the guest gets a page fault of its own" in gdb.run("walk -g 0x40000000")
    rows = gdb.run("pt -g")
    assert "WRONG" not in rows and " 00101000-" in rows, rows
    assert "no process 99" in gdb.run("pt -g 99") or "runs no guest" in gdb.run("pt -g 99")
    gdb.close()
