"""Boots cr3 in QEMU, types commands at its prompt, and returns what they print."""
import os
import re
import select
import subprocess
import sys
import time

sys.dont_write_bytecode = True
# One TSC tick is one guest instruction, on every machine.
COUNTED = ["-accel", "tcg", "-icount", "shift=0,sleep=off"]
MEM = 512   # MB, as on the other systems
SECONDS = 900   # for one command; a slow machine needs minutes for the growth rows


class GuestError(Exception):
    """The guest panicked, ended or did not answer; the text has its last output."""


class Guest:
    """A running cr3; to be used as `with Guest(...) as guest`.

    kernel, fs: paths of cr3.img and of a file system's image; neither is written to.
    """

    def __init__(self, kernel, fs, cpus=1, mem=MEM, options=COUNTED):
        drive = "file={},index={},media=disk,format=raw,snapshot=on,file.locking=off"
        self.said = ""
        self.args = [os.environ.get("QEMU", "qemu-system-i386"), "-m", str(mem),
                     "-smp", str(cpus), "-no-reboot", "-nic", "none",
                     "-display", "none", "-monitor", "none", "-serial", "stdio",
                     "-drive", drive.format(kernel, 0), "-drive", drive.format(fs, 1),
                     *options]

    def __enter__(self):
        self.qemu = subprocess.Popen(self.args, stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            self.wait_for("\n$ ", SECONDS)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Ends QEMU."""
        self.qemu.kill()
        self.qemu.wait()
        self.qemu.stdin.close()
        self.qemu.stdout.close()

    def read(self, deadline):
        """Adds the next output to self.said."""
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self.qemu.stdout], [], [], left)[0]:
            raise GuestError("no answer; last output:\n" + self.said[-2000:])
        data = os.read(self.qemu.stdout.fileno(), 65536)
        if not data:
            raise GuestError("QEMU ended; last output:\n" + self.said[-2000:])
        self.said += data.decode(errors="replace").replace("\r", "")
        if "\npanic: " in self.said:
            raise GuestError("the kernel panicked:\n" + self.said[-2000:])

    def wait_for(self, text, seconds):
        """Reads until text comes; returns what came before the text."""
        deadline = time.monotonic() + seconds
        while text not in self.said:
            self.read(deadline)
        before, _, self.said = self.said.partition(text)
        return before

    def run(self, command, seconds=SECONDS):
        """Types a command; returns the lines that it prints."""
        self.qemu.stdin.write(command.encode() + b"\n")
        self.qemu.stdin.flush()
        said = self.wait_for("\n$ ", seconds) + "\n"
        # The echo of a command that is longer than a row of the screen has line ends.
        echo = re.match(r"\n?".join(map(re.escape, command)) + r"\n", said)
        return said[echo.end():] if echo else said

    def poweroff(self):
        """Switches the guest off, so that QEMU ends by itself."""
        self.qemu.stdin.write(b"poweroff\n")
        self.qemu.stdin.flush()
        self.qemu.wait(60)
