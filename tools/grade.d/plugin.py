"""pytest's plugin of the grader: the fixtures of the tests, and what they found.

    guest       a machine stopped at kvmalloc, whose functions are called (guest.py)
    boot        boot(cpus, mem): a machine that has booted to the shell (booted.py)

Machines are shared by the tests of a module; one that died is replaced. The results are
written after each test, so that a crash of the grader keeps what was known.
"""
import json
import os
import sys
import time

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, f"{HERE}/../gdb", f"{HERE}/../viewer", f"{HERE}/../../tests"]
sys.dont_write_bytecode = True
from booted import Booted  # noqa: E402 (the path comes first)
from guest import Guest  # noqa: E402
from verdict import Verdict  # noqa: E402

RESULTS = {}


@pytest.fixture(scope="module")
def guests():
    """The machine of this module, in a list."""
    held = []
    yield held
    for g in held:
        g.close()


@pytest.fixture
def guest(guests):
    """A Guest; a new one if the last test has ended it."""
    if guests and guests[-1].dead:
        guests.pop().close()
    if not guests:
        guests.append(Guest())
    return guests[-1]


@pytest.fixture(scope="session")
def boot():
    """boot(cpus, mem): a Booted machine, one for each choice. A machine that does not
    boot with 2 CPUs and 224 MB is not tried in other sizes."""
    held = {}

    def make(cpus=2, mem=224):
        if (2, 224) not in held:
            held[2, 224] = Booted(2, 224)
        held[2, 224].ready()
        if (cpus, mem) not in held:
            held[cpus, mem] = Booted(cpus, mem)
        return held[cpus, mem].ready()
    yield make
    for m in held.values():
        m.close()


def failure(error):
    """The four things of an error that a test has raised."""
    if isinstance(error, Verdict):
        return {"expected": error.expected, "seen": error.seen,
                "cause": error.cause, "read": error.read}
    return {"expected": "the test runs", "seen": f"{type(error).__name__}: {error}",
            "cause": "the kernel behaves in a way that the test does not know",
            "read": ""}


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    """Keeps what a test found."""
    yield
    if call.when == "teardown" or (call.when == "setup" and not call.excinfo):
        return
    found = {"passed": not call.excinfo, "seconds": round(time.time() - call.start, 2)}
    if call.excinfo:
        found |= failure(call.excinfo.value)
    RESULTS[item.originalname or item.name] = found
    with open(os.environ["GRADE_OUT"] + ".new", "w", encoding="utf-8") as f:
        json.dump(RESULTS, f)
    os.replace(os.environ["GRADE_OUT"] + ".new", os.environ["GRADE_OUT"])
