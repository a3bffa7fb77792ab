"""Memory runs out, on a small machine: the tests of tests/user/memout.c, which say
what they catch, and the shell afterwards."""
import re

import pytest

SECONDS = 240


@pytest.mark.parametrize("name", ["memout_fillers", "memout_shared", "memout_fork",
                                  "memout_tables", "memout_pipes",
                                  "memout_readers"])
def test_memory_out(machine, name):
    """Catches a machine that hangs when memory is out, or whose shell is killed."""
    m = machine(cpus=2, mem=32).boot()
    m.send(f"usertests 1 {name}\n")
    m.expect(r"usertests: \d+ passed, \d+ failed", timeout=SECONDS)
    m.expect(r"\n\$ ")
    assert re.search(rf"^{name}: ok$", m.output, re.M), m.output
    assert "init" not in m.output.split("usertests 1")[1], m.output
    assert "init" in m.run("ls")
