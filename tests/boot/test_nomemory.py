"""The k-th page that a scenario wants is not there, and perhaps some after it, for each k
until the scenario wants no more: tests/user/nomemory.c, on a kernel with DEBUG=1.
The kernel's variables are set through QEMU's GDB server."""
import os
import struct
import sys

import pytest
from disks import swap_disk
from machine import ROOT, symbols

sys.path.insert(0, f"{ROOT}/tools/grade.d")
from remote import Remote  # noqa: E402 (the path comes first)

# The order of scenarios[] in tests/user/nomemory.c.
SCENARIOS = "fork exec pipe open write mmap shared thread faults futex swap".split()
# Pages in a row that fail. One is often made good by a second try; a fault tries 16 times
# before a process is killed for it.
FAILURES = (1, 8)
ALLOWED = 6  # pages that a scenario's caches may keep, in all rounds together
ENDED, NO_MEMORY, KILLED = 0, 0x200, 9  # waitpid's status
# Their pages come by faults, which try again; their small objects from slabs with room.
WAITS = ("mmap", "thread", "faults", "futex", "swap")
KERNBASE = 0x80000000


class Switch:
    """The kernel's variables fail_at and fail_for (kern/pagecheck.c)."""

    def __init__(self, path):
        self.at = symbols("kernel.debug")
        self.remote = Remote(path)
        self.remote.send("c")

    def set(self, fail_at, fail_for):
        """Sets both, while the machine stands. Returns the old fail_at."""
        self.remote.sock.sendall(b"\3")
        self.remote.answer()
        old = self.remote.read(self.at["fail_at"] - KERNBASE, 4)
        for name, value in (("fail_for", fail_for), ("fail_at", fail_at)):
            self.remote.write(self.at[name] - KERNBASE, struct.pack("<I", value))
        self.remote.send("c")
        return struct.unpack("<I", old)[0]


@pytest.fixture
def debug_machine(machine, tmp_path, scenario):
    """A machine with DEBUG=1 at the prompt, and its switch."""
    path = os.path.join(tmp_path, "gdb")
    options, mem = ["-gdb", f"unix:{path},server=on,wait=off"], 224
    if scenario == "swap":
        options += swap_disk(tmp_path, 64)[0]
        mem = 20
    m = machine(cpus=1, mem=mem, boot="kernel", kernel="kernel.debug",
                options=options).boot()
    return m, Switch(path)


def next_k(k, scenario):
    """The next page that fails. Swapping wants thousands: there k doubles."""
    return k + 1 if scenario != "swap" or k < 8 else 2 * k


def one_round(m, switch, k, failures):
    """Runs the scenario with its k-th page missing. Returns (waitpid's status, pages that
    are missing afterwards, whether the scenario wanted so many pages)."""
    m.expect(r"ready\r*\n")
    switch.set(k, failures)
    m.send("\n")
    m.expect(r"over\r*\n", timeout=20)
    left = switch.set(0, 1)  # calls before the first that fails; 0: all have failed
    m.send("\n")
    ended = m.expect(r"ended (\w+) frames (-?\d+)", timeout=20)
    return int(ended.group(1), 16), int(ended.group(2)), left < 2


@pytest.mark.parametrize("failures", FAILURES)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_kth_page(debug_machine, done, scenario, failures):
    """Catches a path that panics, loses pages or returns nonsense when memory is out at
    some point of it."""
    m, switch = debug_machine
    m.send(f"usertests {SCENARIOS.index(scenario)} nomemory\n")
    lost, k, rounds, seen, reached = 0, 0, 0, set(), True
    one_round(m, switch, 0, 1)  # fills the caches
    while reached:
        k = next_k(k, scenario)
        status, missing, reached = one_round(m, switch, k, failures)
        assert status in (ENDED, NO_MEMORY, KILLED), f"k = {k}: status {status:#x}"
        seen.add(status)
        lost += missing
        rounds += 1
    assert status == ENDED and k > 1, f"nothing fails, but the status is {status:#x}"
    assert lost <= ALLOWED, f"{lost} pages are lost in {rounds} rounds"
    assert failures == 1 or scenario in WAITS or seen != {ENDED}, "nothing was refused"
    done(rounds, "pages refused")
