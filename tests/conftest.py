"""What all tests share: the path to machine.py, options, and the machine fixture."""
import os
import sys

import pytest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
from machine import Machine  # noqa: E402 (the path comes first)

COUNTED = "done: "  # before the names of what tests count


def pytest_addoption(parser):
    """Options: --matrix boots every combination, not a covering set. --crashes and
    --seed say how often a machine is killed, and the first seed. --big writes the
    largest file. --soak makes tests with random numbers long: the
    fixture `soaking` says so. What they have done is counted (fixture `done`)."""
    parser.addoption("--matrix", action="store_true",
                     help="boot every combination of CPUs, memory, CPU and way")
    parser.addoption("--crashes", type=int, default=5, metavar="N",
                     help="kill N machines at a random moment of file work")
    parser.addoption("--seed", type=int, default=1, metavar="N",
                     help="the seed of the first of them")
    parser.addoption("--soak", action="store_true",
                     help="many seeds: 10 million calls, 10,000 images and crashes")
    parser.addoption("--big", action="store_true",
                     help="write and read back a file of 1 GB, not of 64 MB")


def cpu_counts():
    """The counts of CPUs that tests run on: 1, 2 and 4, or what CPUS= says."""
    chosen = os.environ.get("CHECKCPUS", "").replace(",", " ").split()
    return [int(n) for n in chosen] or [1, 2, 4]


def pytest_generate_tests(metafunc):
    """A test with an argument `cpus` runs on each count of CPUs."""
    if "cpus" in metafunc.fixturenames:
        metafunc.parametrize("cpus", cpu_counts(), ids=lambda n: f"{n}cpu",
                             scope="session")


def pytest_configure(config):
    """The marker that tests use."""
    config.addinivalue_line("markers", "in_tree: runs make in the tree itself, so "
                            "that no other such test may run beside it")


@pytest.hookimpl(tryfirst=True)     # pytest-xdist reads the markers next
def pytest_collection_modifyitems(config, items):
    """For pytest-xdist: tests that share a boot, or the tree, stay in one worker. The
    longest runs start first: those on each count of CPUs, in the soak those that cannot
    be divided."""
    for item in items:
        if "run_on" in item.fixturenames:
            group = f"{item.module.__name__}-{item.callspec.params['cpus']}"
            item.add_marker(pytest.mark.xdist_group(group))
        elif item.get_closest_marker("in_tree"):
            item.add_marker(pytest.mark.xdist_group("tree"))
    longest = "soaking" if config.getoption("--soak") else "run_on"
    items.sort(key=lambda item: longest not in item.fixturenames)


@pytest.fixture
def soaking(request):
    """Is this the long run, `make soak`?"""
    return request.config.getoption("--soak")


@pytest.fixture
def done(record_property):
    """done(n, what) counts what a test has done. The end of the run shows the sums."""
    def count(number, what):
        record_property(COUNTED + what, number)
    return count


def pytest_terminal_summary(terminalreporter):
    """Prints the sums of what done() counted."""
    sums = {}
    for report in terminalreporter.getreports("passed"):
        for name, number in report.user_properties:
            if name.startswith(COUNTED):
                what = name.removeprefix(COUNTED)
                sums[what] = sums.get(what, 0) + number
    for what, number in sums.items():
        terminalreporter.write_line(f"{number:>12,} {what}")


@pytest.fixture
def machine():
    """Makes machines: machine(cpus=1, ...). After the test they are checked and
    ended."""
    made = []

    def make(**choices):
        made.append(Machine(**choices))
        return made[-1]
    yield make
    try:
        for m in made:
            m.verify()
    finally:
        for m in made:
            m.close()
