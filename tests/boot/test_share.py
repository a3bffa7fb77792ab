"""Page tables that several processes share, read from outside of the guest; and the
kernel without the module, whose fork copies each table."""
import os
import re
import subprocess

import pytest
from machine import ROOT, Machine

P, W = 1, 2


def holders(m):
    """Lets usertests make a parent and three children that share a table. Returns
    ({pid: address of the directory}, the address that the table maps)."""
    m.send("usertests 1 fork_hold &\n")
    m.expect(r"(hold \d+: [0-9a-f]+\s+){4}")
    lines = re.findall(r"hold (\d+): ([0-9a-f]+)", m.output)
    va = int(lines[0][1], 16)
    return {int(pid): directory(m, pid) for pid, _ in lines}, va


def directory(m, pid):
    """The physical address of a process's directory, as pt prints it."""
    return int(re.search(r"directory at pa (\w+)", m.run(f"pt {pid}")).group(1), 16)


def entries(m, dirs, va):
    """{pid: the directory's entry for va}, from physical memory."""
    return {pid: m.words(pa)[va >> 22] for pid, pa in dirs.items()}


def test_four_directories_one_table(machine):
    """Catches a fork that copies the table or leaves W in a directory, a pt that does
    not say who shares, and a table that is not left to the others when one ends."""
    m = machine(cpus=2).boot()
    dirs, va = holders(m)
    pdes = entries(m, dirs, va)
    assert len({pde & ~0xFFF for pde in pdes.values()}) == 1, pdes
    assert all(pde & (P | W) == P for pde in pdes.values()), pdes
    table = m.words(pdes[min(pdes)] & ~0xFFF)
    used = [e for e in table if e & P]
    assert len(used) == 8 and all(e & W for e in used), used
    assert "shared by 4 directories, copied at the first write" in \
        m.run(f"pt {min(dirs)}")
    last = max(dirs)
    m.run(f"kill {last}")
    m.run("sleep 20")
    del dirs[last]
    assert {e & ~0xFFF for e in entries(m, dirs, va).values()} == \
        {pdes[last] & ~0xFFF}
    assert m.words(pdes[last] & ~0xFFF) == table
    assert "shared by 3 directories" in m.run(f"pt {min(dirs)}")


@pytest.mark.in_tree
def test_without_sharing(tmp_path):
    """Catches a kernel that needs mm/ptshare: PTSHARE=0 builds without it, and the
    unit tests hold there too."""
    subprocess.run(["make", "-C", ROOT, f"B={tmp_path}", "PTSHARE=0", "WERROR=1", "-j2",
                    f"{tmp_path}/kernel.unit"], check=True, timeout=600,
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    assert not os.path.exists(tmp_path / "unit/mm/ptshare.o")
    m = Machine(cpus=2, boot="kernel", kernel=str(tmp_path / "kernel.unit"), fs=None)
    try:
        m.finish(timeout=120)
    finally:
        m.close()
    assert re.search(r"unit: \d+ passed, 0 failed", m.output), m.output
