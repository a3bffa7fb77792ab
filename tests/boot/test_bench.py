"""bench, the program that counts what operations cost, and the tools around it."""
import os
import re
import subprocess
import sys

import pytest
from machine import ROOT

sys.path.insert(0, f"{ROOT}/tools/bench")
import rows  # noqa: E402 (the path comes first)

COUNTED = ["-accel", "tcg", "-icount", "shift=0,sleep=off"]


@pytest.fixture
def counted(machine):
    """A machine that counts time in instructions, at its prompt."""
    return machine(cpus=1, mem=512, options=COUNTED).boot()


def test_all_rows(counted):
    """Catches a row that fails or is missing, a row that the table of goals does not
    know, and a measured round that waited for the disk."""
    found = rows.parse(counted.run("bench", timeout=300))
    assert set(found) == set(rows.table())
    assert not [n for n, row in found.items() if row["waits"]]
    for name, row in found.items():
        assert row["figure"] or re.match("yield-|thread|futex", name), name


def test_names(counted):
    """Catches a list of names (bench -l) without a row of the table."""
    names = counted.run("bench -l").split()
    assert len(names) == len(set(names))
    assert set(rows.table()) <= set(names)
    assert "there is no row nonsense" in counted.run("bench nonsense")


def test_repeats(counted):
    """Catches a row whose figure depends on chance: two runs agree to 1 %."""
    names = "getpid sbrk cow mmap pipe"
    first, second = (rows.parse(counted.run(f"bench {names}")) for _ in range(2))
    for name, row in first.items():
        assert abs(row["figure"] - second[name]["figure"]) <= \
            max(1, row["figure"] // 100), (name, first, second)


def test_goals_are_compared():
    """Catches a verdict that calls a wait for the disk, or a figure above the goal, a
    success."""
    found = rows.parse("row ticks operations waits\n"
                       "getpid 110 5 0\ndup 401 5 0\nread 1 5 3\nfutex - 0 0\n")
    known = rows.table()
    assert [n for n in found if rows.at_goal(found[n], known[n]["goal"])] == ["getpid"]
    with pytest.raises(ValueError):
        rows.parse("bench: user/bench.c:1: fork() failed: no memory\n")


def test_tool(tmp_path):
    """Catches a tool that prints no table, or succeeds where the guest fails."""
    def tool(*args):
        return subprocess.run([sys.executable, f"{ROOT}/tools/bench/bench", "--build",
                               os.path.join(ROOT, os.environ.get("B", "build")),
                               *args], text=True, capture_output=True, timeout=300,
                              check=False)
    done = tool("getpid")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^getpid +\d+ +110 +62 +336 +1 404  ", done.stdout, re.M)
    done = tool("nonsense")
    assert done.returncode == 1 and "no row nonsense" in done.stderr
