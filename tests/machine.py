"""A machine under test: QEMU with cr3 in it, seen from outside.

The serial line is a terminal (pexpect), QMP a socket, and QEMU ends with a status
of the guest's choice through isa-debug-exit. Every wait is bounded, QEMU dies with
the test that started it, and disks are copies: tests run side by side.

A panic, a triple fault or an end that nobody asked for fails the test that the
machine belongs to (Machine.verify, called by the fixture's teardown).
"""
import ctypes
import json
import os
import re
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import pexpect

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(ROOT, os.environ.get("B", "build"))
QEMU = os.environ.get("QEMU", "qemu-system-i386")
# How long a slow, busy machine may take for what takes 0.5 s on a quiet one.
BOOT_SECONDS = 60


def built(name):
    """The path of something under build/."""
    return os.path.join(BUILD, name)


def symbols(kernel="kernel"):
    """The kernel's symbols as {name: address}."""
    out = subprocess.run([os.environ.get("NM", "nm"), built(kernel)], text=True,
                         check=True, capture_output=True).stdout
    return {n: int(a, 16) for a, _, n in re.findall(r"(\w+) (\w) (\S+)", out)}


def gcc_version():
    """The major version of the gcc that built the kernel; None: another compiler."""
    try:
        with open(built("vm.o"), "rb") as f:
            found = re.search(rb"GCC: \(.*?\) (\d+)\.", f.read())
    except OSError:
        return None
    return int(found.group(1)) if found else None


def make_env(**more):
    """The environment for a make in this tree. The variables that were given to the make
    that started the tests (CC=clang) are kept, or all would be built anew. Its -j is not:
    the pipes that go with it are closed."""
    given = os.environ.get("MAKEFLAGS", "").partition("-- ")[2]
    return {**os.environ, "TERM": "dumb", "MAKEFLAGS": "-- " + given if given else "",
            **more}


def dies_with_us():
    """Runs in the child, before QEMU: QEMU ends when the tests end, and its CPU time is
    limited. Ctrl-C reaches it, although a shell that starts tests with & has SIGINT
    ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_CPU, (900, 900))


class Machine:
    """QEMU with some CPUs, memory and disks; see __init__ for the choices."""

    def __init__(self, cpus=2, mem=224, cpu=None, boot="disk", kernel="kernel",
                 fs="copy", options=(), debug_exit=True, machine=None):
        """boot: 'disk' (BIOS, boot block), 'kernel' (multiboot) or None (what
        options say). fs: 'copy' (of fresh.img, never of the user's disk), None (no
        such disk), a path (used as it is), or a list of QEMU options."""
        self.dir = tempfile.mkdtemp(prefix="cr3-")
        self.text = ""          # all that came over the serial line
        self.expect_end = False  # the test knows that the machine ends
        self.expect_panic = False
        self.events = []
        self.disk = None
        args = ["-m", str(mem), "-smp", str(cpus), "-no-reboot", "-nic", "none",
                "-display", "none", "-monitor", "none",
                "-chardev", "stdio,id=com1,signal=off", "-serial", "chardev:com1",
                "-qmp", f"unix:{self.dir}/qmp,server=on,wait=off"]
        if machine:
            args += ["-machine", machine]
        if cpu:
            args += ["-cpu", cpu]
        if debug_exit:
            args += ["-device", "isa-debug-exit,iobase=0xf4,iosize=4"]
        if boot == "disk":
            args += ["-drive", f"file={built('cr3.img')},index=0,media=disk,"
                     "format=raw,snapshot=on,file.locking=off"]
        elif boot == "kernel":
            args += ["-kernel", built(kernel)]
        args += self.fs_options(fs) + list(options)
        self.child = pexpect.spawn(QEMU, args, timeout=BOOT_SECONDS, echo=False,
                                   preexec_fn=dies_with_us, encoding="utf-8",
                                   codec_errors="replace", maxread=65536)
        self.child.delaybeforesend = None
        self.child.logfile_read = self
        self.qmp_file = None

    def fs_options(self, fs):
        """The second disk."""
        if fs is None:
            return []
        if isinstance(fs, list):
            return fs
        if fs == "copy":
            self.disk = os.path.join(self.dir, "fs.img")
            shutil.copyfile(built("fresh.img"), self.disk)
        else:
            self.disk = fs
        return ["-drive", f"file={self.disk},index=1,media=disk,format=raw"]

    # ---- The serial line (this object is its log file) -----------------------
    def write(self, text):
        self.text += text

    def flush(self):
        pass

    @property
    def output(self):
        """All output so far, with plain line ends."""
        return self.text.replace("\r", "")

    def expect(self, pattern, timeout=BOOT_SECONDS):
        """Waits for a pattern; returns its match. A panic fails at once."""
        patterns = [pattern] if self.expect_panic else [pattern, r"\npanic: .*\n"]
        try:
            which = self.child.expect(patterns, timeout=timeout)
        except (pexpect.TIMEOUT, pexpect.EOF) as e:
            raise AssertionError(f"{type(e).__name__} while waiting for "
                                 f"{pattern!r}; output:\n{self.output}") from None
        if which:
            time.sleep(0.3)
            self.drain()
            raise AssertionError(f"the kernel panicked:\n{self.output}")
        return self.child.match

    def drain(self):
        """Reads what has been printed so far."""
        try:
            while True:
                self.child.read_nonblocking(65536, 0)
        except (pexpect.TIMEOUT, pexpect.EOF):
            pass

    def boot(self, timeout=BOOT_SECONDS):
        """Waits for the shell's first prompt."""
        self.expect(r"\n\$ ", timeout)
        return self

    def send(self, text):
        self.child.send(text)

    def run(self, command, timeout=30):
        """Types a command; returns what it printed before the next prompt."""
        self.child.send(command + "\n")
        # The echo of a line that is longer than a row has newlines in it.
        echo = r"(?:\r*\n)?".join(map(re.escape, command))
        self.expect(echo + r"\r*\n", timeout)
        self.expect(r"(?:^|(?<=\n))\$ ", timeout)
        return self.child.before.replace("\r", "")

    def finish(self, timeout=30):
        """Waits until QEMU has ended; returns its status."""
        self.expect_end = True
        try:
            self.child.expect(pexpect.EOF, timeout=timeout)
        except pexpect.TIMEOUT:
            raise AssertionError("QEMU did not end; output:\n" +
                                 self.output) from None
        self.child.wait()
        return self.child.exitstatus

    def poweroff(self):
        """Types poweroff; returns QEMU's status."""
        self.child.send("poweroff\n")
        return self.finish()

    # ---- QMP ----------------------------------------------------------------
    def qmp(self, command, **arguments):
        """Executes a QMP command; returns its result."""
        if self.qmp_file is None:
            sock = socket.socket(socket.AF_UNIX)
            sock.settimeout(30)
            for _ in range(100):
                try:
                    sock.connect(f"{self.dir}/qmp")
                    break
                except OSError:
                    time.sleep(0.05)
            self.qmp_file = sock.makefile("rw", encoding="utf-8")
            self.qmp_file.readline()
            self.qmp("qmp_capabilities")
        message = {"execute": command}
        if arguments:
            message["arguments"] = arguments
        self.qmp_file.write(json.dumps(message) + "\n")
        self.qmp_file.flush()
        while True:
            answer = json.loads(self.qmp_file.readline())
            if "event" in answer:
                self.events.append(answer)
            elif "error" in answer:
                raise AssertionError(f"{command}: {answer['error']}")
            else:
                return answer["return"]

    def hmp(self, line):
        """A command of QEMU's monitor."""
        return self.qmp("human-monitor-command", **{"command-line": line})

    def registers(self, cpu=0):
        """The control registers and EIP of a CPU."""
        text = self.qmp("human-monitor-command",
                        **{"command-line": "info registers", "cpu-index": cpu})
        return {n: int(v, 16) for n, v in
                re.findall(r"\b(CR[0-4]|EIP|ESP)=([0-9a-f]+)", text)}

    def words(self, pa, count=1024):
        """count 32-bit words of physical memory."""
        text = self.hmp(f"xp /{count}wx {pa:#x}")
        return [int(w, 16) for line in text.splitlines()
                for w in re.findall(r"0x([0-9a-f]+)", line.split(":", 1)[1])]

    def cpu_seconds(self):
        """Host CPU time that QEMU has used."""
        with open(f"/proc/{self.child.pid}/stat", encoding="ascii") as f:
            fields = f.read().rsplit(") ", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    # ---- The end ------------------------------------------------------------
    def verify(self):
        """Fails if the machine came to an end that the test did not expect."""
        self.drain()
        if not self.expect_panic:
            assert not re.search("^panic: ", self.output, re.M), self.output
        if not self.expect_end:
            assert self.child.isalive(), \
                "QEMU ended (a triple fault?); output:\n" + self.output

    def close(self):
        """Ends QEMU and removes its files."""
        if self.child.isalive():
            os.kill(self.child.pid, signal.SIGKILL)
        self.child.close(force=True)
        if self.qmp_file:
            self.qmp_file.close()
        shutil.rmtree(self.dir, ignore_errors=True)
