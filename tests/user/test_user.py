"""usertests inside of cr3, on each count of CPUs: every test of tests/user/*.c is a
test here. They run one after the other in one boot, whose output is then read."""
import glob
import os
import re

import pytest
from machine import ROOT, Machine

NAMES = [m for f in sorted(glob.glob(os.path.join(ROOT, "tests/user/*.c")))
         for m in re.findall(r"^TEST\w*\((\w+)",
                             open(f, encoding="utf-8").read(), re.M)]
SECONDS = 400  # for all of them


@pytest.fixture(scope="session")
def run_on():
    """Runs usertests once for each count of CPUs; returns (output, trouble)."""
    results = {}

    def run(cpus):
        if cpus not in results:
            m, trouble = Machine(cpus=cpus, cpu="qemu32,+svm"), None
            try:
                m.boot()
                m.send("usertests\n")
                m.expect(r"usertests: \d+ passed, \d+ failed", timeout=SECONDS)
                m.expect(r"\n\$ ")
                assert m.poweroff() == 0, "poweroff"
                m.verify()
            except AssertionError as e:
                trouble = str(e)
            finally:
                m.close()
            results[cpus] = (m.output, trouble)
        return results[cpus]
    return run


@pytest.mark.parametrize("name", NAMES)
def test_user(run_on, cpus, name):
    """Catches the bug that the user test of that name names in its first line."""
    output, trouble = run_on(cpus)
    line = re.search(rf"((?:.*\n){{0,6}})^{name}: (ok|FAILED.*)$", output, re.M)
    assert line, f"{name} did not run to its end; {trouble or output[-3000:]}"
    assert line.group(2) == "ok", line.group()


def test_all_user(run_on, cpus):
    """Catches a run that panics, hangs, leaves tests out, or does not come to its
    end."""
    output, trouble = run_on(cpus)
    assert trouble is None, trouble
    assert set(re.findall(r"^(\w+): ok$", output, re.M)) >= set(NAMES)
