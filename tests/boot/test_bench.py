"""bench, the program that counts what operations cost, and the tools around it."""
import importlib.machinery
import importlib.util
import json
import os
import re
import subprocess
import sys

import pytest
from machine import BUILD, ROOT

sys.path.insert(0, f"{ROOT}/tools/bench")
import chart  # noqa: E402 (the path comes first)
import rows  # noqa: E402

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
    # A figure with a wait in it means nothing: such a row is measured again.
    for name in [n for n, row in found.items() if row["waits"]]:
        again = (rows.parse(counted.run(f"bench {name}"))[name] for _ in range(5))
        assert any(not row["waits"] for row in again), name
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


def tool(name, *args):
    """Runs tools/bench/NAME."""
    return subprocess.run([sys.executable, f"{ROOT}/tools/bench/{name}", "--build",
                           BUILD, *args], text=True, capture_output=True, timeout=300,
                          check=False)


def test_tool():
    """Catches a tool that prints no table, or succeeds where the guest fails."""
    done = tool("bench", "getpid")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^getpid +\d+ +110 +62 +336 +1 404  ", done.stdout, re.M)
    done = tool("bench", "nonsense")
    assert done.returncode == 1 and "no row nonsense" in done.stderr


def test_row_with_a_comment_sign():
    """Catches a # in a row's name that a shell takes for the start of a comment: the
    host's shell would run all rows, and the guest's shell would run others."""
    done = subprocess.run(["make", "-n", "bench", "ROW=getpid #dup", f"B={BUILD}"],
                          cwd=ROOT, text=True, capture_output=True, check=False)
    assert "'getpid' '#dup'" in done.stdout, done.stdout + done.stderr
    done = tool("bench", "getpid", "#dup")
    assert done.returncode == 1 and "no row #dup" in done.stderr


def test_base_is_not_too_old():
    """Catches a refusal to measure a revision that has all that bench needs."""
    loader = importlib.machinery.SourceFileLoader("bench", f"{ROOT}/tools/bench/bench")
    spec = importlib.util.spec_from_loader("bench", loader)
    bench = importlib.util.module_from_spec(spec)
    loader.exec_module(bench)
    assert bench.is_measurable(ROOT)


@pytest.fixture(scope="module")
def plugin():
    """build/profile.so, the plugin that counts."""
    done = subprocess.run(["make", "-s", f"{BUILD}/profile.so", f"B={BUILD}"], cwd=ROOT,
                          text=True, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.in_tree
@pytest.mark.parametrize("row", ["getpid", "cow", "exec", "pipe", "create"])
def test_profile_is_whole(plugin, row, tmp_path):
    """Catches instructions that the profile misses or counts twice: its sum is the
    figure that the guest measures by itself, and its call stacks have the same sum."""
    done = tool("profile", "--json", "--folded", f"{tmp_path}/folded", row)
    assert done.returncode == 0, done.stderr
    got = json.loads(done.stdout)
    each = got["instructions"] / got["operations"]
    assert abs(each - got["figure"]) <= max(1, 0.02 * got["figure"]), (each, got["figure"])
    assert sum(x["self"] for x in got["functions"]) == got["instructions"]
    assert sum(x["count"] for x in got["lines"]) == got["instructions"]
    with open(tmp_path / "folded", encoding="utf-8") as f:
        stacks = [line.rsplit(" ", 1) for line in f]
    assert sum(int(n) for _, n in stacks) == got["instructions"]
    calls = [s.split(";") for s, _ in stacks]
    first = "page_fault" if row == "cow" else "syscall"
    assert ["alltraps", "trap", first] in [c[:3] for c in calls]
    # trap and syscall are called from one place each: a return that was missed, or a
    # stack that was taken for another one, shows here.
    for c in calls:
        assert "trap" not in c or c[c.index("trap") - 1] == "alltraps", c
        assert "syscall" not in c or c[c.index("syscall") - 1] == "trap", c


@pytest.mark.in_tree
def test_profile_lines(plugin):
    """Catches counts that stand beside the wrong line of the source, and a wrong
    name for what the guest does in user mode."""
    done = tool("profile", "--function", "getpid_round", "getpid")
    assert re.search(r"^ +1\.0 +\d+ +getpid\(\);$", done.stdout, re.M), done.stdout
    done = tool("profile", "--function", "nonsense", "getpid")
    assert done.returncode == 1 and "nothing of a function nonsense" in done.stderr


@pytest.mark.in_tree
def test_profile_boot(plugin):
    """Catches a count of the start that begins or ends at the wrong place."""
    got = json.loads(tool("profile", "--json", "--mem", "64", "boot").stdout)
    names = {x["function"]: x["self"] for x in got["functions"]}
    assert {"main", "mappages", "free_range"} <= set(names)
    assert "getpid" not in names and got["instructions"] < 100_000_000


def test_growth_rows(counted):
    """Catches a row of growth that fails, and a wakeup whose cost grows with the number
    of processes that sleep."""
    names = "grow-kernel grow-open-10 grow-switch-50 grow-wakeup-2 grow-wakeup-50 " \
        "wall-touch-2 wall-exec-1 wall-read-2"
    found = {n: row["figure"] for n, row in
             rows.parse(counted.run(f"bench {names}", timeout=300)).items()}
    assert all(found.values())
    assert found["grow-wakeup-50"] <= 1.02 * found["grow-wakeup-2"]


def test_chart_places():
    """Catches a chart that draws a row at the wrong place, or a row without a figure."""
    row = {"operations": 1, "waits": 0, "linux": 1000, "floor": 10, "goal": 100,
           "operation": "a < b"}
    text = chart.svg({"one": {**row, "figure": 100}, "none": {**row, "figure": None}})
    other, own = re.findall(r'cx="([\d.]+)"', text)[-2:]
    floor, goal = re.findall(r'class="(?:floor|goal)" x1="([\d.]+)" y1="\d{2,}"', text)[-2:]
    assert float(goal) == float(own)        # both are 100
    assert float(floor) < float(own) < float(other)
    assert text.count("a &lt; b") == 1


def test_document_has_the_rows():
    """Catches a row that docs/performance.md does not show."""
    with open(f"{ROOT}/docs/performance.md", encoding="utf-8") as f:
        shown = re.findall(r"^\| ([\w-]+) \| [^-]", f.read(), re.M)
    assert shown[1:] == list(rows.table())
