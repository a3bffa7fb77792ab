"""tools/ptview by all its ways to one machine, and its pictures parsed."""
import io
import os
import re
import tempfile
import time
from contextlib import redirect_stderr, redirect_stdout
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

import truth
from machine import BUILD, ROOT

CELL = {"k": "-r-", "K": "-rw", "u": "ur-", "c": "ur-", "U": "urw"}
DUMPED = 64 << 20       # all tables are below it, so the dump needs no more


def load():
    """tools/ptview as a module: its start costs more than its work."""
    loader = SourceFileLoader("ptview", f"{ROOT}/tools/ptview")
    module = module_from_spec(spec_from_loader("ptview", loader))
    loader.exec_module(module)
    return module


PTVIEW = load()


def run(*args, fails=False):
    """What ptview prints. With `fails` it must fail, and its error message is
    returned."""
    out, said = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(said):
        status = PTVIEW.main(["--kernel", f"{BUILD}/kernel", *args])
    assert status == (1 if fails else 0), out.getvalue() + said.getvalue()
    return (said if fails else out).getvalue()


def quickest(call, limit=0.2, tries=60):
    """The time of the first call that takes less than the limit, in seconds. If none
    does, the shortest time of all. Other programs may use the processor now and
    then."""
    times = []
    while len(times) < tries and (not times or times[-1] >= limit):
        start = time.monotonic()
        call()
        times.append(time.monotonic() - start)
    return min(times)


class Ways:
    """The ways to one stopped machine: GDB's commands, and ptview by the monitor, by
    the stub (GDB leaves it for that time) and by a dump."""

    def __init__(self, m, gdb, monitor):
        self.m, self.gdb, self.monitor = m, gdb, monitor

    def dumped(self):
        """A dump of this moment, as a file that the caller removes."""
        handle, path = tempfile.mkstemp(prefix="cr3-dump-")
        os.close(handle)
        self.m.qmp("dump-guest-memory", paging=False, protocol=f"file:{path}",
                   begin=0, length=DUMPED)
        return path

    def each(self, *commands, cpu=0):
        """{way: [what ptview prints for each command]}."""
        lines = [["--cpu", str(cpu), *c.split()] for c in commands]
        out = {"monitor": [run("--qmp", self.monitor, *c) for c in lines]}
        dump = self.dumped()
        try:
            out["dump"] = [run("--dump", dump, *c) for c in lines]
        finally:
            os.unlink(dump)
        stub = f"127.0.0.1:{self.gdb.port}"
        self.gdb.run("disconnect")
        try:
            out["stub"] = [run("--stub", stub, "--hold", *c) for c in lines]
        finally:
            self.gdb.run(f"target remote {stub}")
            self.gdb.run(f"thread {cpu + 1}")
        return out

    def agree(self, *commands, cpu=0):
        """Fails unless every way prints for each command what GDB prints. Returns GDB's
        texts."""
        want = [plain(self.gdb.run(c)) for c in commands]
        for way, texts in self.each(*commands, cpu=cpu).items():
            for command, a, b in zip(commands, want, texts):
                b = plain(b)
                if way == "dump":
                    a, b = without_high(a), without_high(b)
                assert b == a, f"{command} by {way}:\n{b}\nby gdb:\n{a}"
        return want


def plain(text):
    """A view's text without blanks at line ends, and without the directories that only
    GDB knows, from the variables of its frames."""
    return "\n".join(line.rstrip() for line in text.strip().split("\n")
                     if "is another directory: `pt -d" not in line)


def without_high(text):
    """A walk's text without the bytes in memory that is not in the dump."""
    return re.sub(r"^( *byte  ([0-9a-f]{8})): .*$", lambda m: m.group(
        1 if int(m.group(2), 16) >= DUMPED else 0), text, flags=re.M)


def same_grid(text, ranges):
    """Fails unless the cells of a `grid` are the pages of an info mem, with their
    effective permissions. For a cell of the window only "mapped" is compared."""
    pages = {}
    for start, end, rights in ranges:
        for va in range(start, end, 4096):
            pages[va] = rights
    grids = cells_of(text)
    directory = grids.pop("dir")
    for pdx, cell in enumerate(directory):
        table = grids.pop(pdx, cell * 1024 if cell in ".4" else None)
        assert table is not None, f"no table of PDE {pdx:#x} is drawn"
        for ptx, letter in enumerate(table):
            va = pdx << 22 | ptx << 12
            rights = pages.pop(va, None)
            assert (letter == ".") == (rights is None), (hex(va), letter, rights)
            if letter in CELL:
                assert CELL[letter] == rights, (hex(va), letter, rights)
    assert not grids and not pages


def cells_of(text):
    """{"dir" or the index of a directory entry: its 1024 cells} of a drawing."""
    out, titles, rows = {}, [], []
    for line in text.split("\n") + [""]:
        found = [(m.start(), m.group()) for m in
                 re.finditer(r"directory [0-9a-f]{8}|PDE\[[^]]*\]", line)]
        if found and not line.startswith("directory at"):
            titles, rows = found, []
        parts = re.findall(r"([0-9a-f]{3})  ([.kKuUc4w]{32})(?:  |$)", line)
        if parts:
            assert {int(p[0], 16) for p in parts} == {32 * len(rows)}, line
            rows.append([p[1] for p in parts])
        if len(rows) == 32:
            for i, (_, title) in enumerate(titles):
                cells = "".join(r[i] for r in rows)
                numbers = [int(n, 16) for n in re.findall(r"0x[0-9a-f]+", title)]
                if not numbers:
                    out["dir"] = cells
                for n in range(numbers[0], numbers[-1] + 1) if numbers else ():
                    out[n] = cells
            rows = []
    return out


def check_guest(guest, gdb_text):
    """Fails unless what pt printed inside of the machine is the user half of GDB's view
    of that process: the same lines for directory entries, the same pages with the same
    flags, and the same counts of A and D."""
    def heads(text):
        lines = re.findall(r"^(PDE\[(0x[0-9a-f]+).*)$", text, re.M)
        return [line.rstrip() for line, n in lines if int(n, 16) < 0x200]
    assert heads(guest) == heads(gdb_text), (guest, gdb_text)
    assert pages_of(guest) == pages_of(gdb_text), (guest, gdb_text)


def pages_of(text):
    """Returns ({va: (pa, user, write, flags)}, A, D) of the user half of a pt: the
    pages, and how many of them have A and D set by the MMU."""
    pages, counts = {}, {"A": 0, "D": 0}
    for va, end, pa, n, user, write, flags in truth.rows(
            re.sub("$", " ", text, flags=re.M)):
        if va >= 0x80000000:
            continue
        for bit in counts:
            if bit in flags:
                counts[bit] += n if flags[bit] is None else flags[bit]
        kept = frozenset(f for f in flags if f not in counts)
        for i in range(0, end - va, 4096):
            pages[va + i] = (pa + i, user, write, kept)
    return pages, counts["A"], counts["D"]
