"""The watchdog of kernels with DEBUG=1 (kern/watchdog.h) over real work."""
import re

import pytest


def reports(output):
    """The watchdog's lines."""
    return re.findall(r"^watchdog: .*$", output, re.M)


def run(machine, tests, timeout=300, **choices):
    """Runs user tests on the kernel with DEBUG=1, which must pass; returns the
    output."""
    m = machine(boot="kernel", kernel="kernel.debug", **choices).boot()
    m.send(f"usertests {tests}\n")
    m.expect(r"usertests: [1-9]\d* passed, 0 failed", timeout=timeout)
    return m.output


@pytest.mark.parametrize("tests", ["1 big_spaces", "disk_full", "dir_many_files"])
def test_nothing_takes_long(machine, tests):
    """Catches a lock that is held, or interrupts that are off, while memory is freed or
    copied, or a disk is searched. Time is counted in instructions, 10 million for the
    10 ms with interrupts off: so the host has no part in it."""
    output = run(machine, tests, cpus=1, options=["-icount", "shift=0,sleep=off"])
    assert not reports(output)


def test_no_wait_without_need(machine, cpus, soaking):
    """Catches a wakeup that is lost: the watchdog wakes who has slept for a second, and
    looks whether there was a need to sleep. In the long run during all tests."""
    tests = "" if soaking else "pipe_transfer kill_many futex_crowd stress_files"
    output = run(machine, tests, timeout=900, cpus=cpus)
    assert not [r for r in reports(output) if "waited for" in r]
