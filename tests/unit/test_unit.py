"""The tests inside of the kernel (tests/unit/*.c): build/kernel.unit runs them
before its first process and leaves QEMU with their verdict."""
import glob
import os
import re

import pytest
from machine import ROOT, Machine

NAMES = [m for f in sorted(glob.glob(os.path.join(ROOT, "tests/unit/*.c")))
         for m in re.findall(r"^UNIT\((\w+)\)", open(f, encoding="utf-8").read(),
                             re.M)]


@pytest.fixture(scope="session")
def run_on():
    """Runs them all once for each count of CPUs; returns (status, output)."""
    results = {}

    def run(cpus):
        if cpus not in results:
            m = Machine(cpus=cpus, boot="kernel", kernel="kernel.unit", fs=None)
            try:
                status = m.finish(timeout=120)
            finally:
                m.close()
            results[cpus] = (status, m.output)
        return results[cpus]
    return run


@pytest.mark.parametrize("name", NAMES)
def test_unit(run_on, cpus, name):
    """Catches the bug that the unit test of that name names in its first line."""
    _, output = run_on(cpus)
    line = re.search(rf"^unit {name}: .*$", output, re.M)
    assert line, f"{name} did not run:\n{output}"
    assert re.search(r"\bok\b", line.group()), output


def test_all_units(run_on, cpus):
    """Catches a unit-test kernel that hangs, dies or is left out of tests."""
    status, output = run_on(cpus)
    assert status == 1, f"status {status} (1: all ok, 3: some failed):\n{output}"


def test_watchdog_says_names(run_on, cpus):
    """Catches a report of the watchdog without the lock, the thread, the queue or the
    function: tests/unit/watchdog.c makes the mistakes."""
    _, output = run_on(cpus)
    reports = "\n".join(re.findall(r"^watchdog: (.*?)\r*$", output, re.M))
    for said in (r"^wd-sleeper waited for wd-queue, although",
                 r"^spinlock wd-lock was held for \d+ ms, until watchdog_long_lock\+",
                 r"^interrupts were off for \d+ ms on CPU \d, until watchdog_inter\w+\+"):
        assert re.search(said, reports, re.M), output
    waited = re.search(r"^spinlock wd-lock has been held for \d+ ms by CPU \d, "
                       r"thread wd-holder$", reports, re.M)
    assert bool(waited) == (cpus > 1), output
