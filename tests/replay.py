"""A recording of a run (`make qemu-rr`), and the GDB that replays it."""
import contextlib
import hashlib
import os
import re
import shutil
import signal
import time

import pexpect
from gdbsession import MARK, Gdb
from machine import BUILD, ROOT, dies_with_us, make_env

LONG = 240      # seconds for what takes a few on a quiet machine


def fingerprint(path):
    """A file's contents, in short."""
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


class Replay(Gdb):
    """`make` with some goals in a terminal, which end in a GDB."""

    def __init__(self, *goals):
        self.child = pexpect.spawn("make", ["--no-print-directory", *goals], cwd=ROOT,
                                   timeout=LONG, encoding="utf-8", echo=False,
                                   preexec_fn=dies_with_us, codec_errors="replace",
                                   dimensions=(50, 250),
                                   env=make_env())
        self.child.delaybeforesend = None

    def type(self, line, then=r"\n\$ "):
        """Types a line at cr3's shell; waits for the next prompt."""
        self.child.send(line)
        self.child.expect(then, timeout=LONG)

    def ready(self):
        """Waits for GDB's prompt, and makes it one that `run` knows."""
        self.child.expect_exact("(gdb) ", timeout=LONG)
        self.begun = self.child.before
        for line in ("set editing off", "set pagination off", "set width 0",
                     "set style enabled off"):
            self.child.sendline(line)
            self.child.expect_exact("(gdb) ")
        self.child.sendline(f"set prompt {MARK}\\n")
        self.child.expect_exact(MARK + "\r\n")
        return self

    def run(self, command, timeout=LONG):
        return super().run(command, timeout)

    def at(self):
        """The number of instructions that the machine has executed."""
        return int(re.search(r"count = (\d+)", self.run("monitor info replay"))[1])

    def to_end(self):
        """Forward to the end of the recording."""
        self.run("delete")
        assert "the recording" in self.run("continue")
        return self


def qemus(directory):
    """The processes of QEMU that replay or record there, as pids."""
    out = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", encoding="utf-8") as f:
                if f"rrfile={directory}/" in f.read():
                    out.append(int(pid))
        except OSError:
            continue
    return out


def gone(directory):
    """Waits until there is no such process."""
    for _ in range(600):
        if not qemus(directory):
            return True
        time.sleep(0.1)
    for pid in qemus(directory):
        os.kill(pid, signal.SIGKILL)
    return False


@contextlib.contextmanager
def recording(where, typed, *choices):
    """Records a run in which the lines of `typed` are typed at the shell, in a folder
    `where` that exists; choices: arguments of make. Gives (the recording's folder, the
    Replay that stands at its end). Fails if a disk changes or QEMU outlives GDB."""
    fs = f"{where}/fs.img"
    shutil.copy(os.path.join(ROOT, os.environ.get("FSIMG") or f"{BUILD}/fresh.img"), fs)
    disks = [fs, f"{BUILD}/cr3.img"]
    before = [fingerprint(d) for d in disks]
    gdb = Replay("qemu-rr", f"RR={where}/rr", f"FSIMG={fs}", *choices)
    try:
        gdb.type("", r"recording; to end it")
        gdb.type("")
        for line in typed:
            gdb.type(line + "\n")
        time.sleep(0.5)     # the shell waits for the next line, the CPU is idle
        gdb.child.send("\x01x")
        gdb.ready()
        yield f"{where}/rr", gdb
        gdb.child.sendline("quit")
        assert gone(f"{where}/rr"), "QEMU outlives GDB"
    finally:
        gdb.close()
        assert gone(f"{where}/rr")
    assert [fingerprint(d) for d in disks] == before, "a recording wrote to a disk"
