"""The k-th page that a scenario wants is not there, and perhaps some after it, for each k
until the scenario wants no more: tests/user/nomemory.c, on a kernel with DEBUG=1.
The kernel's variables are set through QEMU's GDB server."""
import os
import socket
import struct

import pytest
from machine import symbols

SCENARIOS = ("fork exec pipe open write mmap shared thread faults futex").split()
# Pages in a row that fail. A fault tries 16 times before it has a process killed.
FAILURES = (1, 8)
ALLOWED = 6    # pages that a scenario's caches may keep, in all rounds together


class Stub:
    """QEMU's GDB server, as far as memory is concerned."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(path)
        self.go()

    def send(self, text):
        self.socket.sendall(b"$%s#%02x" % (text.encode(), sum(text.encode()) & 255))

    def answer(self):
        """The next packet's text."""
        data = b""
        while not (b"$" in data and data[-3:-2] == b"#"):
            data += self.socket.recv(1)
        self.socket.sendall(b"+")
        return data[data.index(b"$") + 1:-3].decode()

    def ask(self, text):
        """The answer to a request. A late message that the machine has stopped is none."""
        self.send(text)
        while (said := self.answer()).startswith("T"):
            pass
        return said

    def go(self):
        self.send("c")

    def stop(self):
        self.socket.sendall(b"\3")
        self.answer()

    def read(self, address):
        """A word of kernel memory."""
        return struct.unpack("<I", bytes.fromhex(self.ask(f"m{address:x},4")))[0]

    def write(self, address, value):
        assert self.ask(f"M{address:x},4:{struct.pack('<I', value).hex()}") == "OK"


@pytest.fixture
def debug_machine(machine, tmp_path):
    """A machine with DEBUG=1 at the prompt, and its memory."""
    path = os.path.join(tmp_path, "gdb")
    m = machine(cpus=1, boot="kernel", kernel="kernel.debug",
                options=["-gdb", f"unix:{path},server=on,wait=off"]).boot()
    return m, Stub(path)


def one_round(m, stub, at, k, failures):
    """Runs the scenario with its k-th page missing. Returns (waitpid's status, pages that
    are missing afterwards, whether the scenario wanted so many pages)."""
    m.expect(r"ready\r*\n")
    stub.stop()
    stub.write(at["fail_for"], failures)
    stub.write(at["fail_at"], k)
    stub.go()
    m.send("\n")
    m.expect(r"over\r*\n", timeout=20)
    stub.stop()
    reached = stub.read(at["fail_at"]) < 2
    stub.write(at["fail_at"], 0)
    stub.go()
    m.send("\n")
    ended = m.expect(r"ended (\w+) frames (-?\d+)", timeout=20)
    return int(ended.group(1), 16), int(ended.group(2)), reached


@pytest.mark.parametrize("failures", FAILURES)
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_kth_page(debug_machine, done, scenario, failures):
    """Catches a path that panics, loses pages or returns nonsense when memory is out at
    some point of it."""
    m, stub = debug_machine
    at = symbols("kernel.debug")
    m.send(f"usertests {SCENARIOS.index(scenario)} nomemory\n")
    lost, k, reached = 0, 0, True
    one_round(m, stub, at, 0, 1)  # fills the caches
    while reached:
        k += 1
        status, missing, reached = one_round(m, stub, at, k, failures)
        assert status in (0, 0x100, 9), f"k = {k}: status {status:#x}"
        lost += missing
    assert status == 0 and k > 1, f"nothing fails, but the status is {status:#x}"
    assert lost <= ALLOWED, f"{lost} pages are lost in {k} rounds"
    done(k, "pages refused")
