"""docs/pitfalls.md: each of the 63 rows names tests that exist."""
import glob
import os
import re

from machine import ROOT


def names_of_tests():
    """The names of all tests: of C, of Python, and of programs on the host."""
    names = {os.path.basename(p)[:-len("_test.c")]
             for p in glob.glob(f"{ROOT}/tests/host/*_test.c")}
    for path in glob.glob(f"{ROOT}/tests/*/*.c") + glob.glob(f"{ROOT}/tests/*/*.py"):
        with open(path, encoding="utf-8") as f:
            text = f.read()
        names |= set(re.findall(r"^(?:\w*TEST\w*|UNIT|DEADLY)\((\w+)", text, re.M))
        names |= set(re.findall(r"^def (test_\w+)", text, re.M))
    return names


def test_rows():
    """Catches a row that is lost, and a test that was renamed or removed."""
    with open(f"{ROOT}/docs/pitfalls.md", encoding="utf-8") as f:
        rows = re.findall(r"^\| (\d+) \|.*\| ([^|]+) \|$", f.read(), re.M)
    assert [int(n) for n, _ in rows] == list(range(1, 64))
    known = names_of_tests()
    for number, tests in rows:
        named = re.findall(r"`(\w+)`", tests)
        assert named, f"row {number} names no test"
        assert set(named) <= known, f"row {number}: {set(named) - known}"
