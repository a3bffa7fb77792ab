"""What a person does on the first day with `make qemu` and its relatives."""
import os
import shutil
import subprocess

import pexpect
import ptviewer
import pytest
from gdbsession import free_port
from machine import BUILD, ROOT, dies_with_us, make_env

pytestmark = pytest.mark.in_tree
DISK = f"{BUILD}/test.img"
GDB = os.environ.get("GDB", "gdb")


def make(*args):
    """Starts make in a terminal, on the disk of these tests."""
    return pexpect.spawn("make", ["--no-print-directory", f"FSIMG={DISK}", *args],
                         cwd=ROOT, timeout=60, encoding="utf-8", echo=False,
                         preexec_fn=dies_with_us, dimensions=(50, 200),
                         env=make_env(DISPLAY="", WAYLAND_DISPLAY=""))


@pytest.fixture
def started():
    """Starts `make GOAL...` on a fresh disk; ended after the test."""
    children = []
    shutil.copyfile(f"{BUILD}/fresh.img", DISK)

    def start(*goals):
        children.append(make(*goals))
        return children[-1]
    yield start
    for child in children:
        child.close(force=True)


def test_reboot(started):
    """Catches a reboot that ends QEMU instead of starting the machine again, files that
    do not survive it, and a make that builds all anew although nothing has changed."""
    m = started("qemu-nox")
    m.expect("CPUs: 2 of 2")
    assert "  CC" not in m.before
    m.expect(r"\n\$ ")
    m.send("echo kept > f\n")
    m.expect(r"\n\$ ")
    m.send("reboot\n")
    m.expect("CPUs: 2 of 2")
    m.expect(r"\n\$ ")
    m.send("cat f\n")
    m.expect(r"kept\s+\$ ")
    m.send("poweroff\n")
    m.expect(pexpect.EOF)
    m.close()
    assert m.exitstatus == 0


def test_triple_fault(started):
    """Catches a triple fault that starts the machine again without a word."""
    port = free_port()
    m = started("qemu-nox", f"QEMUEXTRA=-S -gdb tcp:127.0.0.1:{port}")
    m.expect("type Ctrl-A, then X")
    commands = [f'file "{BUILD}/kernel"', "set tcp connect-timeout 20",
                f"target remote 127.0.0.1:{port}", "thbreak switchkvm", "continue",
                "set $eip = walkpgdir", "set $esp = 0xD0000000", "detach"]
    subprocess.run([GDB, "-q", "-nx", "-batch"] + [x for c in commands
                                                  for x in ("-ex", c)],
                   stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                   check=True)
    m.expect("cr3: a triple fault: ")
    m.expect("`make qemu-fault`")
    m.expect(pexpect.EOF)
    assert "CPUs: " not in m.before


def test_second_machine(started):
    """Catches QEMU's own message about a lock where a second `make qemu` should say
    what to do, a second machine that writes to the first one's disk, and a program
    that is written into the disk of a running machine."""
    m = started("qemu-nox")
    m.expect(r"\n\$ ")
    for goal in "qemu", "qemu-nox-gdb", "newdisk":
        second = started(goal)
        second.expect(r"cr3: a machine runs on \S+test.img: power it off first, or")
        second.expect(pexpect.EOF)
    second = started("fsput", "README")
    second.expect(r"a machine runs on \S+test.img")
    second.expect(pexpect.EOF)
    # With another disk there may be two.
    second = started("qemu-nox", f"FSIMG={BUILD}/fresh.img", "QEMUEXTRA=-snapshot")
    second.expect(r"\n\$ ")
    second.send("poweroff\n")
    second.expect(pexpect.EOF)


def test_ptview(started):
    """Catches a `make ptview` that does not start, or draws nothing."""
    m = started("qemu-nox")
    m.expect(r"\n\$ ")
    view = started("ptview")
    view.expect("directory at pa [0-9a-f]+")
    view.sendintr()
    view.expect(pexpect.EOF)


def test_watch_needs_no_number():
    """Catches a --watch that takes the view's name for its seconds: `make ptview`
    never started."""
    options = ptviewer.PTVIEW.options
    for line, seconds, view in (("--watch grid", 1, "grid"), ("--watch", 1, "pt"),
                                ("--watch 0.2 pt 2", 0.2, "pt"),
                                ("--watch=3 ps", 3, "ps"), ("walk main", None, "walk")):
        o = options(line.split())
        assert (o.watch, o.view) == (seconds, view), line
