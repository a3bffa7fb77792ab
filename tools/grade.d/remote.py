"""GDB's remote protocol, as far as the grader needs it to hold a machine by the hand.

The numbers of the registers are those of i386: EAX 0, ECX 1, EDX 2, EBX 3, ESP 4,
EBP 5, ESI 6, EDI 7, EIP 8, EFLAGS 9. Memory is physical: QEMU's own extension
(Qqemu.PhyMemMode) turns translation off, so that no page table of the student's can
hide anything from the grader.
"""
import socket
import struct
import time

EAX, ESP, EBP, EIP = 0, 4, 5, 8


class Gone(Exception):
    """QEMU has closed the connection: the machine has ended."""


class Remote:
    """A connection to QEMU's GDB server at a Unix socket."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.rest = b""
        for _ in range(600):
            try:
                self.sock.connect(path)
                break
            except OSError:
                time.sleep(0.05)
        self.ask("qSupported:")
        if self.ask("Qqemu.PhyMemMode:1") != "OK":
            raise RuntimeError("this QEMU does not show physical memory (needs 4.1)")

    def byte(self, timeout):
        """The next byte. Raises TimeoutError, or Gone."""
        if not self.rest:
            self.sock.settimeout(timeout)
            try:
                self.rest = self.sock.recv(65536)
            except ConnectionError:
                self.rest = b""
            if not self.rest:
                raise Gone
        first, self.rest = self.rest[:1], self.rest[1:]
        return first

    def answer(self, timeout=60):
        """The next packet, without its frame."""
        while self.byte(timeout) != b"$":
            pass
        data = b""
        while (c := self.byte(60)) != b"#":
            data += c
        self.byte(60)
        self.byte(60)
        self.sock.sendall(b"+")
        return data.decode("latin-1")

    def send(self, text):
        """Sends a packet."""
        data = text.encode("latin-1")
        try:
            self.sock.sendall(b"$%s#%02x" % (data, sum(data) % 256))
        except OSError:
            raise Gone from None

    def ask(self, text):
        """Sends a packet; returns the answer. A late message that the machine has stopped
        is none: it stops when we connect, if it ran."""
        self.send(text)
        while (said := self.answer()).startswith("T"):
            pass
        return said

    def read(self, pa, size):
        """`size` bytes of physical memory."""
        out = b""
        while len(out) < size:
            step = min(1024, size - len(out))
            got = self.ask(f"m{pa + len(out):x},{step:x}")
            if got.startswith("E"):
                raise RuntimeError(f"no memory at {pa + len(out):#x}")
            out += bytes.fromhex(got)
        return out

    def write(self, pa, data):
        """Writes bytes to physical memory."""
        for at in range(0, len(data), 1024):
            part = data[at:at + 1024]
            self.ask(f"M{pa + at:x},{len(part):x}:{part.hex()}")

    def registers(self):
        """All registers, as the hexadecimal text that set_registers takes."""
        return self.ask("g")

    def set_registers(self, text, **values):
        """Writes all registers; values by number, as eax=1, replace those of text."""
        for name, value in values.items():
            at = {"eax": EAX, "esp": ESP, "ebp": EBP, "eip": EIP}[name] * 8
            word = struct.pack("<I", value & 0xFFFFFFFF).hex()
            text = text[:at] + word + text[at + 8:]
        self.ask("G" + text)

    def register(self, number):
        """One register."""
        text = self.registers()
        return struct.unpack("<I", bytes.fromhex(text[number * 8:number * 8 + 8]))[0]

    def stop_at(self, va, on=True):
        """Sets a breakpoint, or takes it away. The memory is not changed."""
        self.ask(f"{'Z' if on else 'z'}0,{va:x},1")
