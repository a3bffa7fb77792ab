"""A GDB with cr3's commands on a Machine, driven line by line."""
import os
import re
import socket
import subprocess

import pexpect
from machine import BUILD, ROOT, dies_with_us

GDB = os.environ.get("GDB", "gdb")
MARK = "<<gdb waits>>"


def free_port():
    """A TCP port on which no program listens now."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def stopped(machine, **choices):
    """A machine that waits before its first instruction, and a Gdb on it."""
    port = free_port()
    options = list(choices.pop("options", ())) + \
        ["-S", "-gdb", f"tcp:127.0.0.1:{port}"]
    m = machine(options=options, **choices)
    return m, Gdb(port)


class Gdb:
    """GDB, connected; `run` executes a command and returns what it printed."""

    def __init__(self, port, kernel=f"{BUILD}/kernel"):
        self.port = port
        self.child = pexpect.spawn(GDB, ["-q", "-nx"], cwd=ROOT, timeout=60,
                                   encoding="utf-8", echo=False, maxread=1 << 20,
                                   codec_errors="replace",
                                   dimensions=(50, 250), preexec_fn=dies_with_us,
                                   env={**os.environ, "TERM": "dumb"})
        self.child.delaybeforesend = None
        self.child.sendline("set editing off")
        self.child.sendline(f"set prompt {MARK}\\n")
        self.child.expect_exact(MARK + "\r\n")
        for command in ("set confirm off", "set pagination off", "set width 0",
                        "set style enabled off",
                        "set architecture i386", f'file "{kernel}"',
                        "set tcp connect-timeout 30",
                        f"target remote 127.0.0.1:{port}",
                        f"source {ROOT}/tools/gdb/cr3.py"):
            out = self.run(command)
        assert "Traceback" not in out, out

    def run(self, command, timeout=60):
        """The command's output. Fails if GDB does not come back in time."""
        self.child.sendline(command)
        try:
            self.child.expect_exact(MARK + "\r\n", timeout=timeout)
        except (pexpect.TIMEOUT, pexpect.EOF):
            raise AssertionError(f"gdb does not come back from {command!r}:\n"
                                 f"{self.child.before}") from None
        out = self.child.before.replace("\r", "")
        assert "Python Exception" not in out and "Traceback" not in out, out
        return out

    def go(self, where, condition="", timeout=60):
        """Runs to a place (once); returns what the stop printed."""
        self.run(f"thbreak {where}{' if ' + condition if condition else ''}")
        return self.run("continue", timeout)

    def value(self, expression):
        """The value of an expression, as a number."""
        out = self.run(f"print/x (unsigned)({expression})")
        return int(re.search(r"= (0x[0-9a-f]+)", out).group(1), 16)

    def close(self):
        """Ends GDB."""
        self.child.close(force=True)


def batch(commands, timeout=120):
    """Runs a GDB that executes these commands and ends; returns what it printed."""
    done = subprocess.run([GDB, "-q", "-nx", "-batch"] +
                          [x for c in commands for x in ("-ex", c)], cwd=ROOT,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=timeout,
                          check=False)
    return done.stdout
