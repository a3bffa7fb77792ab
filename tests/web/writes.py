"""Runs inside of gdb in the place of scenario.py: takes the same film, but with a
watchpoint on each page that is a directory or a table, and says what the film missed.

A page's watchpoint stops at each store that changes it, so it does not depend on the
stops by which the film finds changes. What the MMU sets by itself (A, D) stops nothing.
Writes OUT.writes: {"stores": [stores seen in each step], "missed": [[step, frame, index,
value]]}: a value that an entry had, and no step shows. Not watched: the tables that
kvmalloc fills, 65,000 entries, which are compared with QEMU's own view.
"""
import json
import os
import struct
import sys

import gdb

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
sys.path.insert(0, os.path.join(ROOT, "tools/pgmovie"))
import scenario  # noqa: E402 (the path comes first)
from record import BASE, REC  # noqa: E402

MMU = 0x60
LOG, STORES, MISSED = [], [], []
WATCHED = {}        # {frame: Watch}


class Watch(gdb.Breakpoint):
    """Notes each change of a frame's entries in LOG, and lets the machine go on."""

    def __init__(self, pa):
        super().__init__(f"*(unsigned (*)[1024]){BASE + pa:#x}", gdb.BP_WATCHPOINT,
                         gdb.WP_WRITE, internal=True)
        self.silent, self.pa = True, pa
        self.last = self.entries()

    def entries(self):
        """The 1024 entries now."""
        data = gdb.selected_inferior().read_memory(BASE + self.pa, 4096)
        return struct.unpack("<1024I", bytes(data))

    def stop(self):
        """Called by gdb after a store."""
        now = self.entries()
        LOG.extend((self.pa, i, b) for i, (a, b) in enumerate(zip(self.last, now))
                   if (a ^ b) & ~MMU)
        self.last = now
        return False


def wanted():
    """The frames to watch: directories, and the tables that processes have by
    themselves or that get entries later (the stacks')."""
    out = set(REC.spaces.values())
    for name, cr3 in REC.spaces.items():
        entries = struct.unpack("<1024I", REC.known.get(cr3, bytes(4096)))
        some = range(0x3F4, 0x3F7) if name == "kpgdir" else range(512)
        out |= {entries[i] & ~0xFFF for i in some if entries[i] & 0x81 == 1}
    # entrypgdir maps 4 MB at KERNBASE: all that is a table by then.
    return {pa for pa in out if "entrypgdir" not in REC.spaces or pa < 4 << 20}


def follow():
    """Watches what is a table now, and no more what was one."""
    now = wanted() if REC.steps[-1]["paging"] else set()
    for pa in set(WATCHED) - now:
        WATCHED.pop(pa).delete()
    for pa in now - set(WATCHED):
        WATCHED[pa] = Watch(pa)


def judge():
    """What was stored since the last step must be what this one shows."""
    number = len(REC.steps) - 1
    STORES.append(len(LOG))
    followed = wanted()     # without what is no table of a followed process any more
    for pa, i, value in LOG:
        if pa not in followed:
            continue
        shown = struct.unpack_from("<I", REC.known.get(pa, bytes(4096)), 4 * i)[0]
        if (shown ^ value) & ~MMU:
            MISSED.append([number, pa, i, value])
    LOG.clear()


def main():
    """See above."""
    tell = REC.step

    def step(*args, **kw):
        told = tell(*args, **kw)
        if told:
            judge()
            follow()
        return told
    REC.step = step
    write = REC.write

    def finish(path):
        with open(path.removesuffix(".tmp") + ".writes", "w", encoding="utf-8") as f:
            json.dump({"stores": STORES, "missed": MISSED}, f)
        write(path)
    REC.write = finish
    scenario.main()


main()
