"""Memory that leaves RAM, on a small machine with a third disk: the tests of
tests/user/swap.c, which say what they catch."""
import re

import pytest
from disks import failing, swap_disk

SECONDS = 400
SLOT0 = 2  # the block of slot 0: sys/swapon.c, DISK_FIRST
BAD = 100  # a slot that the disk refuses to read or to write


@pytest.fixture
def swap_machine(machine, tmp_path):
    """Starts a machine of 32 MB with a swap disk of so many MB; event: what the disk
    refuses for the slot BAD."""
    def start(megabytes=160, cpus=2, event=None):
        options, path = swap_disk(tmp_path, megabytes)
        if event:
            options = failing(path, {"event": "none", "iotype": event, "errno": 5,
                                     "sector": (SLOT0 + BAD) * 8},
                              place="bus=ide.1,unit=0")
        m = machine(cpus=cpus, mem=32, options=options).boot()
        assert m.run("swapon") == f"swap: {megabytes * 256 - SLOT0} pages\n"
        return m
    return start


def run(m, name, number=1):
    """Runs a test of tests/user/swap.c; returns what was printed."""
    m.send(f"usertests {number} {name}\n")
    m.expect(r"usertests: \d+ passed, \d+ failed", timeout=SECONDS + number)
    m.expect(r"\n\$ ")
    said = m.output.split("usertests " + str(number))[1]
    assert re.search(rf"^{name}: ok$", said, re.M), m.output
    return said


@pytest.mark.parametrize("name", ["swap_sort", "swap_fork", "swap_ends",
                                  "swap_protect", "swap_clean", "swap_hot",
                                  "pointers_swapped_out"])
def test_swap(swap_machine, name):
    """Catches the bug that the user test of that name names in its first line."""
    assert "killed" not in run(swap_machine(), name)


def test_swap_full(swap_machine):
    """Catches a machine that hangs when swap is full, or kills another than the
    largest process."""
    m = swap_machine(megabytes=16)
    said = run(m, "swap_full")
    assert said.count("killed, memory is out") == 3, said
    assert "swap" in m.run("free")


def test_swap_read_error(swap_machine):
    """Catches a disk error that kills a process which does not need the page."""
    said = run(swap_machine(event="read"), "swap_read_error", BAD)
    assert said.count("unreadable") == 1, said


@pytest.mark.parametrize("name", ["swap_fork", "swap_clean"])
def test_swap_write_error(swap_machine, name):
    """Catches a page that is taken for written when the disk has refused it."""
    run(swap_machine(event="write"), name)


def test_swap_file(machine):
    """Catches a swap file that can be changed, or a bad place that is accepted."""
    m = machine(cpus=2, mem=32).boot()
    run(m, "swap_file")


def test_swap_thrash(swap_machine, request):
    """Catches a page that is lost while all CPUs swap: for ten minutes with --big."""
    seconds = 600 if request.config.getoption("--big") else 15
    run(swap_machine(cpus=4), "swap_thrash", seconds)
