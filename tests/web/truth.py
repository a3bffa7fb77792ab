"""Runs inside of GDB (`gdb -batch -x`), on a machine that QEMU has stopped before its first
instruction: goes to the places at which the live page stood, and writes what it finds.

Environment:
    PLACES   a JSON file: [[address, [commands], line or null]]. A command that begins with
             "monitor" goes to QEMU's monitor, all others to GDB.
    MONITOR  the socket of that monitor.
    TRUTH    the JSON file to write. For each place {"at": EIP, "directories": [[name,
             address]], "digest": SHA-256 of these directories with their tables,
             "answers": {command: text}, "passes": on the way to it, for each pass of the
             address `line`, [the variable pte there, the word at the pass before's pte]}.
"""
import hashlib
import json
import os
import socket
import struct

import gdb
import target

PRESENT, BIG, MARKS = 1, 0x80, 0x60     # MARKS: A and D


def entries(pa):
    """The 1024 entries at pa, without A and D: when a CPU sets them depends on when its
    TLB forgets."""
    return [e & ~MARKS for e in struct.unpack("<1024I", target.read_phys(pa, 4096))]


def digest(directories):
    """One SHA-256 of directories and of the tables that their entries name, in order."""
    total = hashlib.sha256()
    for _, pa in directories:
        directory = entries(pa)
        tables = [entries(e & ~0xFFF) for e in directory if e & PRESENT and not e & BIG]
        for page in [directory, *tables]:
            total.update(struct.pack("<1024I", *page))
    return total.hexdigest()


def monitor(line):
    """What QEMU's monitor answers. GDB's own `monitor` waits for ever if that is much."""
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(os.environ["MONITOR"])
        for send in (b"", line.encode() + b"\n"):      # the monitor greets first
            s.sendall(send)
            text = ""
            while not text.endswith("(qemu) "):
                text += s.recv(1 << 16).decode()
    return text.replace("\r", "")


def ask(command):
    """The answer to a command of GDB or of QEMU's monitor."""
    word, _, rest = command.partition(" ")
    return monitor(rest) if word == "monitor" else gdb.execute(command, to_string=True)


class Pass(gdb.Breakpoint):
    """Notes in `seen` what stands at an address each time that the machine passes it."""

    def __init__(self, address):
        super().__init__(f"*{address:#x}", internal=True)
        self.silent, self.seen = True, []

    def stop(self):
        """Called by GDB; the machine goes on. QEMU sometimes reports a stop twice, before
        the instruction has run: then pte is still the same."""
        pte = int(gdb.newest_frame().read_var("pte")) & 0xFFFFFFFF
        before = 0
        if self.seen and self.seen[-1][0] == pte:
            return False
        if self.seen:
            data = gdb.selected_inferior().read_memory(self.seen[-1][0], 4)
            before = int.from_bytes(bytes(data), "little")
        self.seen.append([pte, before])
        return False


def look(commands, passes):
    """What is true at this place."""
    directories = target.directories()
    return {"at": int(gdb.parse_and_eval("(unsigned)$pc")), "directories": directories,
            "digest": digest(directories), "passes": passes,
            "answers": {c: ask(c) for c in commands}}


def go(address, line):
    """Goes to an address. Returns what was noted at each pass of `line`."""
    noted = Pass(line) if line else None
    gdb.execute(f"thbreak *{address:#x}", to_string=True)
    gdb.execute("continue", to_string=True)
    if not noted:
        return []
    noted.delete()
    return noted.seen


def main():
    """Goes from place to place, in their order."""
    with open(os.environ["PLACES"], encoding="utf-8") as f:
        places = json.load(f)
    found = []
    for address, commands, line in places:
        there = int(gdb.parse_and_eval("(unsigned)$pc")) == address
        found.append(look(commands, [] if there else go(address, line)))
    with open(os.environ["TRUTH"], "w", encoding="utf-8") as f:
        json.dump(found, f)
    gdb.execute("kill")


main()
