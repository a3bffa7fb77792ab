"""Debugging: gdb sees every line and variable of the page tables' making, and
qemu-fault decodes how a machine died."""
import os
import random
import re
import shutil
import socket
import subprocess

import pexpect
import pytest
from machine import BUILD, ROOT, dies_with_us, make_env

pytestmark = pytest.mark.in_tree
GDB = os.environ.get("GDB", "gdb")


def free_port():
    """A free port, below the ports that the host gives to its clients."""
    while True:
        port = random.randrange(20000, 25000)
        with socket.socket() as s:
            try:
                s.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass


def make(*args, **kw):
    """Starts make as a person does, in a terminal, with a fresh disk."""
    disk = f"{BUILD}/test.img"
    shutil.copyfile(f"{BUILD}/fresh.img", disk)
    return pexpect.spawn("make", ["--no-print-directory", f"FSIMG={disk}", *args],
                         cwd=ROOT,
                         timeout=60, encoding="utf-8", preexec_fn=dies_with_us,
                         dimensions=(50, 200),
                         env=make_env(), **kw)


@pytest.fixture
def stopped():
    """`make qemu-nox-gdb` in a terminal; ended after the test."""
    children = []

    def start():
        port = free_port()
        child = make("qemu-nox-gdb", f"GDBPORT={port}")
        children.append(child)
        child.expect("in another terminal")
        child.expect("type Ctrl-A, then X")
        return child, port
    yield start
    for child in children:
        child.send("\x01x")
        try:
            child.expect(pexpect.EOF, timeout=10)
        except pexpect.TIMEOUT:
            pass
        child.close(force=True)


def test_make_gdb(stopped):
    """Catches a `make gdb` that needs a file to be edited, has no symbols, or does not
    stop in kvmalloc."""
    _, port = stopped()
    gdb = make("gdb", f"GDBPORT={port}")
    gdb.expect(r"kvmalloc \(\) at vm\.c:\d+")
    gdb.expect(r"\(gdb\) ")
    gdb.sendline("bt 2")
    gdb.expect(r"main .* at main\.c")
    gdb.sendline("info locals")
    gdb.sendline("kill")
    gdb.sendline("quit")
    gdb.expect(pexpect.EOF)
    gdb.close(force=True)


def test_gdb_steps_through_every_row(stopped, tmp_path):
    """Catches compiler flags with which gdb jumps between lines, or says <optimized
    out>, in the functions that the lecture reads."""
    _, port = stopped()
    script = tmp_path / "gdb"
    text = open(f"{BUILD}/gdbinit", encoding="utf-8").read()
    script.write_text(re.sub(r"127\.0\.0\.1:\d+", f"127.0.0.1:{port}", text) +
                      f"source {ROOT}/tests/boot/gdb_steps.py\nkill\n")
    done = subprocess.run([GDB, "-q", "-nx", "-batch", "-x", script], cwd=ROOT,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=240,
                          check=False)
    out = done.stdout
    assert re.search("^end$", out, re.M), out[-5000:]
    assert not re.findall("^lost .*", out, re.M), \
        "\n".join(sorted(set(re.findall("^lost .*", out, re.M))))
    rows = re.findall(r"^row (\d) (\w+) (\w+)$", out, re.M)
    assert [r[1] for r in rows][:2] + [rows[3][1]] == \
        ["0x80000000", "0x80100000", "0xfe000000"]
    assert len(rows) == 4
    seen = set(re.findall(r"^step (\w+):(\d+)$", out, re.M))
    assert {"kvmalloc", "setupkvm", "mappages", "walkpgdir"} <= {f for f, _ in seen}
    # Both ways through walkpgdir: with a table and without.
    assert len({n for f, n in seen if f == "walkpgdir"}) >= 6, seen


def decoder(port):
    """The process of tools/qemu-fault whose machine has that port."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as f:
                name, *args = f.read().decode().split("\0")
        except OSError:
            continue
        if "perl" in name and f"tcp:127.0.0.1:{port}" in args:
            return pid
    raise AssertionError("tools/qemu-fault does not run")


def fault(stop, change, expected, slow=False, cpus=1):
    """Runs `make qemu-fault` up to `stop`, changes something by gdb, goes on;
    returns what qemu-fault says about it. slow: it does not run until all is over."""
    port = free_port()
    child = make("qemu-fault", f"CPUS={cpus}", f"QEMUEXTRA=-S -gdb tcp:127.0.0.1:{port}")
    try:
        child.expect("runs until a triple fault or a panic")
        commands = [f'file "{BUILD}/kernel"', "set tcp connect-timeout 20",
                    f"target remote 127.0.0.1:{port}", f"thbreak {stop}",
                    "continue", *change, "detach"]
        if slow:
            pid = decoder(port)
            commands.insert(-1, f"shell kill -STOP {pid}")
            commands.append(f"shell sleep 1; kill -CONT {pid}")
        subprocess.run([GDB, "-q", "-nx", "-batch"] +
                       [x for c in commands for x in ("-ex", c)], cwd=ROOT,
                       stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                       check=True)
        child.expect(expected)
        child.expect(pexpect.EOF)
    finally:
        child.close(force=True)
    return child.before.replace("\r", "")


def test_triple_fault_is_decoded():
    """Catches a qemu-fault that decodes a triple fault wrongly: the kernel writes to an
    address without a table before there is an IDT."""
    out = fault("switchkvm", ["set $eip = walkpgdir", "set $esp = 0xD0000000"],
                "triple fault. The exception that began it:")
    assert "vector 14, page fault; error code 0x2: not present, write" in out
    assert re.search(r"EIP 0x80\w+: walkpgdir at vm\.c:\d+", out)
    assert "CR2 0xcffffffc" in out
    assert "PDE[0x33f]" in out and "=> the PDE is not present" in out
    assert "double fault" in out


def test_end_among_other_events():
    """Catches a qemu-fault that reads only the first of several messages that QEMU has
    sent together, and so waits for ever for an end that was already reported."""
    fault("switchkvm", ["set $eip = walkpgdir", "set $esp = 0xD0000000"],
          "triple fault. The exception that began it:", slow=True)


@pytest.mark.parametrize("count", [1, 2])
def test_write_to_text_is_decoded(count):
    """Catches a walk that is wrong in its second level: a write to the kernel's
    read-only text ends in a panic, and the PTE lacks W. With two CPUs it catches a
    decoder that takes the NMI, by which panic stops the other CPU, for the cause."""
    out = fault("userinit", ["set $eip = memset", "set $esp = $esp - 16",
                             "set {int}($esp + 4) = (int)&main",
                             "set {int}($esp + 12) = 64"], "cr3: panic:", cpus=count)
    assert re.search(r"vector 14.*0x3: a rule was broken, write, from the kernel",
                     out)
    assert "=> the PTE lacks W" in out
