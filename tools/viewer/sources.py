"""Where a machine's memory and control registers come from, when there is no GDB: a
running QEMU's monitor (Qmp) or its GDB stub (Stub), or a file (Dump).

Each is used as

    with open_source(...) as s:         the machine stands still until the end
        s.registers(cpu)                a Cpu (viewtext.py); None if nobody knows them
        s.read(pa, n)                   bytes of physical memory, or ReadError

and raises SourceError, with a sentence, if it cannot be had. A machine that ran goes
on at the end; one that was stopped stays so.
"""
import glob
import json
import mmap
import os
import re
import socket
import struct

import monitor
from elf import Elf
from ptcore import ReadError
from viewtext import Cpu

SECONDS = 10    # how long QEMU may take for an answer
MOST = 0x800    # bytes that the stub reads at once: a packet of it holds 4096 digits


class SourceError(Exception):
    """There is no machine there, or it does not answer."""


class Remote:
    """What the two ways into a running QEMU share: the monitor's commands.

    A subclass has ask(line), the monitor's answer to a line."""

    def read(self, pa, n):
        """n bytes of physical memory; much of it through a file."""
        if n >= monitor.MANY or not self.reads_little:
            data = monitor.saved(self.ask, pa, n)
            if data is not None:
                return data
        return self.read_little(pa, n)

    # Is there a quicker way than a file for a few bytes?
    reads_little = False

    def read_little(self, pa, n):
        """The same without a file."""
        return monitor.examined(self.ask, pa, n)

    def __enter__(self):
        return self


# ---- QEMU's monitor ----------------------------------------------------------------
class Qmp(Remote):
    """The monitor of a QEMU with `-qmp unix:PATH,server=on,wait=off`. It serves one
    client at a time, so this one leaves as soon as it can."""

    def __init__(self, path):
        self.path, self.stopped = path, False
        self.socket = connect_unix(path)
        self.file = self.socket.makefile("rw", encoding="utf-8")
        try:
            self.line()
            self.execute("qmp_capabilities")
        except (OSError, ValueError) as e:
            self.close()
            raise SourceError(f"{path}: no answer (does another program use this "
                              "monitor?)") from e

    def line(self):
        """The next message."""
        text = self.file.readline()
        if not text:
            raise SourceError(f"{self.path}: QEMU has gone")
        return json.loads(text)

    def execute(self, command, **arguments):
        """A QMP command's result."""
        self.file.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.file.flush()
        while True:
            answer = self.line()
            if "error" in answer:
                raise SourceError(f"{command}: {answer['error']['desc']}")
            if "return" in answer:
                return answer["return"]

    def ask(self, line, cpu=0):
        """What the monitor answers to a line."""
        return self.execute("human-monitor-command",
                            **{"command-line": line, "cpu-index": cpu})

    def registers(self, cpu=0):
        """The control registers of a CPU."""
        text = self.ask("info registers", cpu)
        if "CR0=" not in text:
            raise SourceError(f"there is no CPU {cpu}")
        return Cpu(*(int(re.search(rf"CR{n}=([0-9a-f]+)", text).group(1), 16)
                     for n in (0, 2, 3, 4)))

    def watched(self):
        """Is a debugger connected? It would take a stop for its own."""
        return any(c["label"] == "gdb" and not c["filename"].startswith("disconnected")
                   for c in self.execute("query-chardev"))

    def __enter__(self):
        """Stops the machine, so that what is read is of one moment."""
        if self.execute("query-status")["running"] and not self.watched():
            self.execute("stop")
            self.stopped = True
        return self

    def __exit__(self, *_):
        try:
            if self.stopped:
                self.execute("cont")
        finally:
            self.close()

    def close(self):
        """Leaves the monitor to others."""
        self.file.close()
        self.socket.close()


def connect_unix(path):
    """A connection to the socket at a path. Raises SourceError."""
    s = socket.socket(socket.AF_UNIX)
    s.settimeout(SECONDS)
    try:
        # A socket's address holds 107 bytes: the shorter name of the two.
        s.connect(min(os.path.relpath(path), os.path.abspath(path), key=len))
    except OSError as e:
        s.close()
        raise SourceError(f"{path}: {e.strerror or e}") from e
    return s


def monitors(folder):
    """The sockets of the machines that `make qemu` has started, newest first; those
    of machines that ended without taking them away are left out."""
    alive = []
    for path in glob.glob(os.path.join(glob.escape(folder), "qmp.*")):
        try:
            connect_unix(path).close()
            alive.append((os.stat(path).st_mtime_ns, path))
        except (SourceError, OSError):
            continue
    return [path for _, path in sorted(alive, reverse=True)]


# ---- QEMU's GDB stub ---------------------------------------------------------------
class Stub(Remote):
    """The GDB stub of a QEMU with `-gdb tcp:HOST:PORT`: packets of the remote
    protocol. To connect stops the machine."""

    reads_little = True

    def __init__(self, host, port, hold=False):
        """hold: leave the machine stopped at the end (by default it goes on, unless
        it has never run)."""
        self.hold = hold
        try:
            self.socket = socket.create_connection((host, port), SECONDS)
        except OSError as e:
            raise SourceError(f"{host}:{port}: {e.strerror or e}") from e
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.file = self.socket.makefile("rb")
        try:
            self.call("qSupported:qXfer:features:read+;xmlRegisters=i386")
            self.numbers = self.register_numbers()
            if self.call("Qqemu.PhyMemMode:1") != b"OK":
                raise SourceError(f"{host}:{port} is no stub of QEMU's")
            self.held = hold or "prelaunch" in self.ask("info status")
        except (OSError, IndexError) as e:
            self.close()
            raise SourceError(f"{host}:{port}: no answer (is another debugger "
                              "connected?)") from e

    # ---- Packets: $DATA#SUM, answered by +; } escapes a byte ---------------------
    def call(self, text):
        """Sends a packet; returns the answer's data."""
        self.send(text)
        return self.receive()

    def send(self, text):
        """Sends a packet."""
        data = text.encode()
        self.socket.sendall(b"$%s#%02x" % (data, sum(data) & 0xFF))

    def receive(self):
        """The next packet's data; what is unasked for (a stop) is passed over."""
        while True:
            byte = self.file.read(1)
            if not byte:
                raise OSError("closed")
            if byte != b"$":
                continue
            data = self.packet()
            self.socket.sendall(b"+")
            if not re.match(rb"[TS][0-9a-f]{2}", data):
                return data

    def packet(self):
        """The data up to #SUM."""
        out = bytearray()
        while (byte := self.file.read(1)) != b"#":
            if not byte:
                raise OSError("closed")
            out += bytes([self.file.read(1)[0] ^ 0x20]) if byte == b"}" else byte
        self.file.read(2)
        return bytes(out)

    # ---- Registers, monitor, memory ----------------------------------------------
    def feature(self, name):
        """One file of the target's description."""
        out = b""
        while True:
            part = self.call(f"qXfer:features:read:{name}:{len(out):x},ff0")
            if part[:1] not in (b"m", b"l"):
                raise SourceError(f"the stub does not describe its registers: {part}")
            out += part[1:]
            if part[:1] == b"l":
                return out.decode()

    def register_numbers(self):
        """{register's name: its number in packets}."""
        text = self.feature("target.xml")
        for name in re.findall(r'<xi:include href="([^"]+)"', text):
            text += self.feature(name)
        out, n = {}, 0
        text = re.sub(r"<!--.*?-->", "", text, flags=re.S)
        for tag in re.findall(r"<reg [^>]*>", text):
            given = re.search(r'regnum="(\d+)"', tag)
            n = int(given.group(1)) if given else n
            out[re.search(r'name="(\w+)"', tag).group(1)] = n
            n += 1
        return out

    def registers(self, cpu=0):
        """The control registers of a CPU."""
        if self.call(f"Hg{cpu + 1:x}") != b"OK":
            raise SourceError(f"there is no CPU {cpu}")
        values = [self.call(f"p{self.numbers[f'cr{n}']:x}") for n in (0, 2, 3, 4)]
        return Cpu(*(int.from_bytes(bytes.fromhex(v.decode())[:4], "little")
                     for v in values))

    def ask(self, line):
        """What the monitor answers to a line: packets O TEXT, then OK."""
        self.send("qRcmd," + line.encode().hex())
        out = b""
        while (data := self.receive()) != b"OK":
            if data[:1] != b"O":
                raise SourceError(f"the stub refuses {line!r}: {data.decode()}")
            out += bytes.fromhex(data[1:].decode())
        return out.decode()

    def read_little(self, pa, n):
        out = b""
        while len(out) < n:
            data = self.call(f"m{pa + len(out):x},{min(MOST, n - len(out)):x}")
            if not data or data[:1] == b"E":
                raise ReadError(f"no memory at pa {pa:#x}")
            out += bytes.fromhex(data.decode())
        return out

    def __exit__(self, *_):
        try:
            self.call("Qqemu.PhyMemMode:0")
            if not self.held:
                self.call("D")      # to be detached from lets it go on
        finally:
            self.close()

    def close(self):
        """Ends the connection."""
        self.file.close()
        self.socket.close()


# ---- Files -------------------------------------------------------------------------
# QEMU's note of a CPU (target/i386/arch_dump.c): version, size, 18 registers of 8
# bytes, 10 segments of 24, then CR0 to CR4 of 8 bytes each.
NOTE_CRS = 8 + 18 * 8 + 10 * 24


class Dump:
    """A file with physical memory: QEMU's `dump-guest-memory` (an ELF file, with the
    registers of its CPUs), or what `pmemsave 0 SIZE FILE` writes (memory from 0 on,
    and no registers)."""

    def __init__(self, path):
        try:
            with open(path, "rb") as f:
                self.data = mmap.mmap(f.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as e:
            raise SourceError(f"{path}: {e}") from e
        try:
            elf = Elf(self.data)
            self.pieces = elf.segments()
            self.notes = [desc for name, _, desc in elf.notes() if name == b"QEMU"]
        except ValueError:
            self.pieces, self.notes = [(0, 0, len(self.data))], []
        except struct.error as e:
            raise SourceError(f"{path}: a broken ELF file: {e}") from e

    def registers(self, cpu=0):
        """The control registers of a CPU; None if the file has none."""
        if not self.notes:
            return None
        if cpu >= len(self.notes):
            raise SourceError(f"the dump has no CPU {cpu}")
        cr = struct.unpack_from("<5Q", self.notes[cpu], NOTE_CRS)
        return Cpu(*(cr[n] & 0xFFFFFFFF for n in (0, 2, 3, 4)))

    def read(self, pa, n):
        """n bytes of physical memory, from as many segments as it takes."""
        out = b""
        for start, offset, size in self.pieces:
            at = pa + len(out)
            if start <= at < start + size and len(out) < n:
                skip = at - start
                out += self.data[offset + skip:offset + min(size,
                                                            skip + n - len(out))]
        if len(out) < n:
            raise ReadError(f"no memory at pa {pa:#x} in this file")
        return out

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.data.close()
