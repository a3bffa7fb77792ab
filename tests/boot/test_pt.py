"""pt inside of the machine, against GDB's view of the same process."""
import re

import ptviewer
import pytest
from gdbsession import stopped


@pytest.mark.parametrize("mem", [32, 2048])
def test_pt_in_the_machine(machine, mem):
    """Catches pt that shows another process's tables, wrong pages or flags, or lines
    that are not GDB's, for a process that sleeps while its pages are shared, for one
    that waits, and for itself."""
    m, gdb = stopped(machine, mem=mem, cpus=1)
    try:
        gdb.go("console_read")
        for command, pid, reads in (("pt 2", 2, True), ("pt 1", 1, True),
                                    ("pt", None, False)):
            gdb.run("delete")
            m.send(command + "\n")
            # All is read before the first line is written; then this process is the
            # only one that runs.
            gdb.go("sys_ptwindow" if reads else "sys_execve")
            if reads:
                # All pages have A set, so clear it in one of them.
                entry = re.search(r"= (\w{8}),$", gdb.run(f"walk -p 0x1000 {pid}"),
                                  re.M).group(1)
                gdb.run(f"set var *(unsigned *)0x{entry} &= ~0x20")
            gdb.go("sys_write")
            if pid is None:
                pid = int(re.search(r"^\* *(\d+) .* pt$", gdb.run("ps"),
                                    re.M).group(1))
            text = gdb.run(f"pt {pid}")
            gdb.go("console_read")
            m.expect(r"hidden, as U is missing\r*\n\$ ")
            guest = re.sub(r"\r", "", m.output).rsplit(f"\nprocess {pid}: ", 1)[1]
            if reads:
                assert re.search(r" A:\d+\b| P U(  |$)", guest, re.M)
                ptviewer.check_guest(guest, text)
            else:
                check_itself(guest, text)
            assert f"directory at pa {text.split()[3].rstrip(':')}, " in guest
    finally:
        gdb.close()


def check_itself(guest, text):
    """Fails unless a process prints about itself what GDB sees a little later, when its
    first line is formatted. By then the process may have a few more pages."""
    mine, later = ptviewer.pages_of(guest)[0], ptviewer.pages_of(text)[0]
    assert len(mine) >= 4
    for va, page in mine.items():
        assert later[va] == page, hex(va)
    assert len(later) - len(mine) <= 3


def test_pt_of_swap(machine, tmp_path):
    """Catches a page in swap that pt does not show, or shows in the machine and outside
    of it with different slots, and a walk that takes its slot for a frame."""
    disk = tmp_path / "swap.img"
    disk.write_bytes(bytes(64 << 20))
    m, gdb = stopped(machine, mem=32, cpus=1, options=[
        "-drive", f"file={disk},index=2,media=disk,format=raw"])
    try:
        gdb.go("console_read")
        m.send("swapon; swapdemo; pt 1\n")
        gdb.go("sys_ptwindow")
        gdb.run("delete")
        text, areas = gdb.run("pt 1"), gdb.run("areas 1")
        gdb.go("console_read")
        m.expect(r"hidden, as U is missing\r*\n\$ ")
        guest = re.sub(r"\r", "", m.output).rsplit("\nprocess 1: ", 1)[1]
        ptviewer.check_guest(guest, text)
        rows = re.findall(r"^((\w{8})-\w+ -> slots? (\d+)(?:-\d+)? +(\d+) none +in swap)",
                          text, re.M)
        assert rows and re.findall(r"^\w+-\w+ -> slot.* in swap", guest, re.M) == \
            [row[0] for row in rows]
        assert sum(map(int, re.findall(r" +\d+ +\d+ +(\d+)  r", areas))) == \
            sum(int(row[3]) for row in rows)
        assert f"not present: slot {rows[0][2]} of swap has the page" in \
            gdb.run(f"walk 0x{rows[0][1]} 1")
    finally:
        gdb.close()


def test_pt_refuses(machine):
    """Catches a pt that takes a wrong argument for a process, says nothing, or ends
    with status 0, and a help without pt."""
    m = machine(cpus=1, mem=64).boot()
    for bad in ("x", "1 2", "0", "-1", "1x"):
        out = m.run(f"pt {bad}; echo = $?")
        assert out == "usage: pt [PID]\n= 2\n", out
    assert m.run("pt 77; echo = $?") == "pt: process 77: No such process\n= 1\n"
    assert m.run("pt; echo = $?").endswith("\n= 0\n")
    assert re.search(r"^pt \[PID\] +prints the page tables", m.run("help"), re.M)
