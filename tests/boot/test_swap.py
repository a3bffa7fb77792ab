"""Memory that leaves RAM, on a small machine with a third disk: the tests of
tests/user/swap.c, which say what they catch."""
import re

import pytest

SECONDS = 300


def swap_disk(tmp_path, megabytes):
    """QEMU options for a third disk of zeros."""
    path = tmp_path / "swap.img"
    with open(path, "wb") as f:
        f.truncate(megabytes << 20)
    return ["-drive", f"file={path},index=2,media=disk,format=raw"]


@pytest.mark.parametrize("name", ["swap_sort", "swap_fork", "swap_ends",
                                  "swap_protect", "swap_clean"])
def test_swap(machine, tmp_path, name):
    """Catches the bug that the user test of that name names in its first line."""
    m = machine(cpus=2, mem=32, options=swap_disk(tmp_path, 160)).boot()
    assert m.run("swapon") == "swap: 40958 pages\n"
    m.send(f"usertests 1 {name}\n")
    m.expect(r"usertests: \d+ passed, \d+ failed", timeout=SECONDS)
    m.expect(r"\n\$ ")
    assert re.search(rf"^{name}: ok$", m.output, re.M), m.output
    assert "killed" not in m.output, m.output
