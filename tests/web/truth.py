"""Runs inside of GDB (`gdb -batch -x`), on a machine that QEMU has stopped before its first
instruction: goes to the places at which the live page stood, and writes what it finds.

Environment: PLACES, a JSON file: [[address, [commands of GDB]]]; MONITOR, the socket of QEMU's
monitor, which gets the commands that begin with "monitor"; TRUTH, the JSON file to write: for each place {"at": EIP, "directories": [[name, address]], "digest": SHA-256 of
these directories with their tables, "answers": {command: text}}.
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
        text = ""
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


def look(commands):
    """What is true at this place."""
    directories = target.directories()
    return {"at": int(gdb.parse_and_eval("(unsigned)$pc")), "directories": directories,
            "digest": digest(directories),
            "answers": {c: ask(c) for c in commands}}


def main():
    """Goes from place to place, in their order."""
    with open(os.environ["PLACES"], encoding="utf-8") as f:
        places = json.load(f)
    found = []
    for address, commands in places:
        if int(gdb.parse_and_eval("(unsigned)$pc")) != address:
            gdb.execute(f"thbreak *{address:#x}", to_string=True)
            gdb.execute("continue", to_string=True)
        found.append(look(commands))
    with open(os.environ["TRUTH"], "w", encoding="utf-8") as f:
        json.dump(found, f)
    gdb.execute("kill")


main()
