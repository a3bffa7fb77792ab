"""Storms of processes (tests/user/storms.c): afterwards the console is as before."""
import re
import time

import pytest

STACKS = 2200  # frames that the first storm may keep: 1,000 kernel stacks, slabs (1,702 seen)
AGAIN = 300     # and each storm after it (166 seen with 4 CPUs and 32 MB)


def state(m):
    """(processes, free pages, their names) as ps and free have it."""
    ps = m.run("ps")
    free = int(re.search(r"^free +(\d+)", m.run("free"), re.M).group(1))
    return len(ps.splitlines()), free, ps


def same_as_before(m, before, frames):
    """Waits until the machine is as it was before the storm, but for so many frames, for
    10 seconds. Returns its state."""
    for _ in range(20):
        now = state(m)
        if now[0] == before[0] and now[1] > before[1] - frames:
            return now
        time.sleep(0.5)
    raise AssertionError(f"before {before}, now {now}")


@pytest.mark.parametrize("storm", ["fork_bomb", "exec_storm"])
@pytest.mark.parametrize("mem", [32, 224])
def test_ends_with_ctrl_c(machine, cpus, mem, storm):
    """Catches processes that survive Ctrl-C, a shell that is gone, or memory that is
    lost."""
    m = machine(cpus=cpus, mem=mem).boot()
    before = state(m)
    for frames in (STACKS, AGAIN):
        m.send(f"usertests 1 {storm}\n")
        m.expect(f"{storm} begins")
        time.sleep(2)
        m.send("\x03")
        m.expect(r"\$ $", timeout=60)
        before = same_as_before(m, before, frames)
    assert "is not so" not in m.output, m.output
    assert m.poweroff() == 0


def test_kill_storm(machine, cpus):
    """Catches init's end, or a machine without a shell."""
    m = machine(cpus=cpus).boot()
    before = state(m)
    for frames in (AGAIN,) * 5:
        m.send("usertests 1 kill_storm\n")
        m.expect("init: the shell was killed.*\n")
        m.expect(r"\$ $", timeout=60)
        before = same_as_before(m, before, frames)
    assert m.poweroff() == 0
