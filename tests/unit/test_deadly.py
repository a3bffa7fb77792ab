"""Mistakes that have to end in a panic (tests/unit/deadly.c): each gets a machine with
build/kernel.unit, which is told through QEMU's GDB server to make this mistake."""
import os
import re
import struct
import sys

import pytest
from machine import ROOT, symbols

sys.path.insert(0, f"{ROOT}/tools/grade.d")
from remote import Remote  # noqa: E402 (the path comes first)

KERNBASE = 0x80000000
SAID = {  # what the panic says
    "spinlocks_in_wrong_order": r"early \(rank \d+\) wanted",
    "two_spinlocks_of_a_rank": r"also early \(rank \d+\) wanted",
    "spinlock_twice": r"early \(rank \d+\) wanted",
    "spinlock_not_held": r"early is released by a CPU that does not hold it",
    "mutexes_in_wrong_order": r"outer \(rank \d+\) wanted",
    "mutex_twice": r"inner \(rank \d+\) wanted",
    "mutex_not_held": r"inner",
    "mutex_with_spinlock": r"inner while ranks \w+ are held",
    "sleep_with_spinlock": r"sleeps with locks \w+ held",
    "clock_sleep_with_spinlock": r"sleeps with locks \w+ held",
    "wake_without_lock": r"queue",
    "user_memory_with_spinlock": r"while ranks \w+ are held",
    "interrupts_on_too_often": r"interrupts on, irq_depth 0",
    "page_freed_twice": r"freed twice",
    "page_written_while_free": r"page \w+ was written while free",
    "page_of_nobody": r"freed twice",
}


def mistakes():
    """The names that deadly.c defines."""
    with open(f"{ROOT}/tests/unit/deadly.c", encoding="utf-8") as f:
        return re.findall(r"^DEADLY\((\w+)\)", f.read(), re.M)


def test_all_are_known():
    """Catches a mistake without an expected panic, and the other way round."""
    assert sorted(mistakes()) == sorted(SAID)


@pytest.mark.parametrize("name", SAID)
def test_deadly(machine, tmp_path, name):
    """Catches a mistake of the kernel's own code that no assertion finds."""
    path = os.path.join(tmp_path, "gdb")
    m = machine(cpus=1, boot="kernel", kernel="kernel.unit", fs=None,
                options=["-S", "-gdb", f"unix:{path},server=on,wait=off"])
    at = symbols("kernel.unit")
    gdb = Remote(path)
    gdb.stop_at(at["unit_run"])
    gdb.send("c")
    gdb.answer()
    gdb.write(at["unit_deadly"] - KERNBASE, struct.pack("<I", at[f"deadly_{name}"]))
    gdb.stop_at(at["unit_run"], on=False)
    gdb.send("c")
    m.expect_panic = True
    m.finish()
    panic = re.search(r"^.*panic.*$", m.output, re.M)
    assert panic, m.output
    assert re.search(SAID[name], panic.group()), m.output
