"""tools/ptview and the machine that it looks at. That the views are true is checked in
test_gdb_truth.py, too; pt inside of the machine in test_pt.py."""
import json
import os
import re
import signal
import struct
import subprocess
import time

import pexpect
import ptviewer
import pytest
from gdbsession import batch, free_port, stopped
from machine import BUILD, QEMU, ROOT, dies_with_us

ESCAPE = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
TOOL = [f"{ROOT}/tools/ptview", "--kernel", f"{BUILD}/kernel"]


@pytest.fixture
def monitored(machine, tmp_path_factory):
    """Makes (machine, path of a monitor that nobody else uses)."""
    def make(**choices):
        path = str(tmp_path_factory.mktemp("m") / "qmp")
        options = list(choices.pop("options", ())) + \
            ["-qmp", f"unix:{path},server=on,wait=off"]
        return machine(options=options, **choices), path
    return make


# ---- A machine that runs -------------------------------------------------------------
def status(m):
    """Is the machine running?"""
    return m.qmp("query-status")["running"]


def test_machine_goes_on(monitored):
    """Catches a viewer that leaves a running machine stopped, or a stopped one
    running."""
    port = free_port()
    m, monitor = monitored(mem=64, options=["-gdb", f"tcp:127.0.0.1:{port}"])
    m.boot()
    for way in (["--qmp", monitor], ["--stub", str(port)]):
        assert "kmap[0]" in ptviewer.run(*way, "pt", "2")
        assert status(m) and m.run("echo on") == "on\n"
        assert "no process 99" in ptviewer.run(*way, "pt", "99", fails=True)
        assert status(m)
    ptviewer.run("--stub", str(port), "--hold", "ps")
    assert not status(m)
    ptviewer.run("--qmp", monitor, "ps")
    assert not status(m)
    m.qmp("cont")
    assert m.run("echo on") == "on\n"


def test_debugger_is_not_disturbed(machine, tmp_path_factory):
    """Catches a viewer whose short stop of the machine reaches a debugger that let it
    run, and one that starts a machine that waits before its first instruction."""
    path = str(tmp_path_factory.mktemp("m") / "qmp")
    m, gdb = stopped(machine, mem=64, cpus=1, options=[
        "-qmp", f"unix:{path},server=on,wait=off"])
    try:
        assert "paging is off" in ptviewer.run("--qmp", path)
        assert not status(m)
        gdb.child.sendline("continue")
        m.boot()
        assert "sh[2]" in ptviewer.run("--qmp", path, "pt", "2")
        assert m.run("echo on") == "on\n"
        assert gdb.child.expect([pexpect.TIMEOUT, "SIGINT|stopped"], timeout=1) == 0
        assert status(m)
        gdb.child.sendintr()
        gdb.child.expect("SIGINT")
    finally:
        gdb.close()


def test_never_started(machine):
    """Catches a viewer that starts a machine when it leaves its stub."""
    port = free_port()
    m = machine(mem=64, options=["-S", "-gdb", f"tcp:127.0.0.1:{port}"])
    assert m.qmp("query-status")["status"] == "prelaunch"   # and it listens
    assert "paging is off" in ptviewer.run("--stub", str(port))
    assert m.qmp("query-status")["status"] == "prelaunch"
    m.qmp("cont")
    m.boot()


# ---- What make qemu offers -----------------------------------------------------------
def start(folder):
    """tools/qemu as `make qemu-nox` calls it, on disks that are not written to."""
    disks = [f"file={BUILD}/{name},index={i},media=disk,format=raw,"
             "snapshot=on,file.locking=off"
             for i, name in enumerate(("cr3.img", "fresh.img"))]
    child = pexpect.spawn(f"{ROOT}/tools/qemu", [
        "nox", QEMU, "-m", "64", "-nic", "none", "-no-reboot",
        "-drive", disks[0], "-drive", disks[1]], timeout=60, encoding="utf-8",
        preexec_fn=dies_with_us, env={**os.environ, "B": folder})
    child.expect(r"\n\$ ")
    return child


def test_two_machines(tmp_path):
    """Catches a second `make qemu` that fails, or takes the first one's monitor; a
    terminal without Ctrl-A's monitor and end; sockets that stay."""
    folder = str(tmp_path)
    first, second = start(folder), start(folder)
    sockets = [f"{folder}/qmp.{child.pid}" for child in (first, second)]
    try:
        assert sorted(os.listdir(folder)) == sorted(map(os.path.basename, sockets))
        first.send("sleep 1000 &\n")
        first.expect(r"\n\$ ")
        while "  sleep\n" not in ptviewer.run("--qmp", sockets[0], "ps"):
            time.sleep(0.1)
        assert "  sleep\n" not in ptviewer.run("--qmp", sockets[1], "ps")
        assert ptviewer.PTVIEW.sources.monitors(folder) == sockets[::-1]
        first.send("\x01c")
        first.expect(r"\(qemu\) ")
        first.send("info status\n\x01c")
        first.expect("VM status: running")
        first.send("\x01x")
        first.expect(pexpect.EOF)
        assert not os.path.exists(sockets[0])
        os.kill(second.pid, signal.SIGKILL)
        second.expect(pexpect.EOF)
        second.wait()
        assert os.path.exists(sockets[1])
        assert not ptviewer.PTVIEW.sources.monitors(folder)
        third = start(folder)
        assert os.listdir(folder) == [f"qmp.{third.pid}"]
        third.close(force=True)
    finally:
        first.close(force=True)
        second.close(force=True)


def test_nothing_to_see(tmp_path):
    """Catches a Python traceback, or silence, where there is no machine, no dump, no
    kernel, or a file that is none of these."""
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELF\x01\x01" + bytes(10))
    small = tmp_path / "small"
    small.write_bytes(bytes(4096))
    for args, why in (
            (["--qmp", str(tmp_path / "none")], "No such file"),
            (["--stub", str(free_port())], "refused"),
            (["--stub", "localhost"], r"PORT"),
            (["--dump", str(tmp_path / "none")], "No such file"),
            (["--dump", str(broken)], "broken"),
            (["--dump", str(small)], "no memory at pa"),
            (["--kernel", str(small), "--dump", str(small)], "no .*ELF"),
            (["--kernel", str(tmp_path / "none")], "no machine runs")):
        assert re.search(why, ptviewer.run(*args, fails=True)), args
    assert "ptview: " in subprocess.run(TOOL + ["--qmp", "/", "pt"], text=True,
                                        capture_output=True, check=False).stderr


# ---- Dumps ---------------------------------------------------------------------------
def without_cr3(text):
    """A view without what is said of the directory in CR3, which a file without
    registers does not know."""
    return re.sub("^[*]", " ", text, flags=re.M).replace(
        " (not the one in CR3 now)", "")


def test_raw_memory(monitored, tmp_path):
    """Catches a viewer that reads wrong addresses of a file without segments, or makes
    up registers that the file does not have."""
    m, monitor = monitored(mem=32, cpus=1)
    m.boot()
    m.qmp("stop")
    m.hmp(f'pmemsave 0 {32 << 20:#x} "{tmp_path}/raw"')
    m.qmp("dump-guest-memory", paging=False, protocol=f"file:{tmp_path}/elf")
    for view in (["pt", "2"], ["ps"], ["areas", "2"], ["walk", "main", "2"]):
        text = ptviewer.run("--qmp", monitor, *view)
        for name in ("raw", "elf"):
            said = ptviewer.run("--dump", f"{tmp_path}/{name}", *view)
            assert without_cr3(said) == without_cr3(text)
    said = ptviewer.run("--dump", f"{tmp_path}/raw", "walk", fails=True)
    assert "no registers" in said
    assert "kpgdir" in ptviewer.run("--dump", f"{tmp_path}/raw")
    cr3 = re.search(r"^.\s+2 .*?([0-9a-f]{8})", ptviewer.run(
        "--dump", f"{tmp_path}/raw", "ps"), re.M).group(1)
    assert ptviewer.run("--dump", f"{tmp_path}/raw", "--cr3", "0x" + cr3) == \
        ptviewer.run("--qmp", monitor, "pt", "2")


def test_without_files(monitored, monkeypatch):
    """Catches wrong words where QEMU cannot write a file for us, being another
    user's or on another machine."""
    port = free_port()
    m, monitor = monitored(mem=32, cpus=1, options=["-gdb", f"tcp:127.0.0.1:{port}"])
    m.boot()
    m.qmp("stop")
    ways = ["--qmp", monitor], ["--stub", str(port), "--hold"]
    want = [ptviewer.run(*way, "pt", "2") for way in ways]
    monkeypatch.setattr(ptviewer.PTVIEW.sources.monitor, "saved", lambda *_: None)
    assert [ptviewer.run(*way, "pt", "2") for way in ways] == want
    # Words that do not begin at a multiple of 4, and more than one row of xp's.
    with ptviewer.PTVIEW.sources.Qmp(monitor) as source:
        some = source.read(0x100000, 64)
        assert source.read(0x100003, 30) == some[3:33] and any(some)


def test_layout(tmp_path):
    """Catches offsets of structs, addresses or numbers that are not the kernel's: the
    debug information as ptview reads it, against GDB's reading."""
    (tmp_path / "say.py").write_text(
        f"import sys; sys.path.insert(0, '{ROOT}/tools/gdb')\n"
        "import gdb, json, layout\n"
        "names = layout.STRUCTS, list(layout.VARIABLES)\n"
        "print('LAYOUT ' + json.dumps([names, layout.of_gdb(gdb)]))\n")
    out = batch([f'file "{BUILD}/kernel"', f"source {tmp_path}/say.py"])
    names, want = json.loads(re.search("^LAYOUT (.*)$", out, re.M).group(1))
    assert [sorted(want[kind]) for kind in ("structs", "symbols")] == \
        [sorted(n) for n in names]
    got = ptviewer.PTVIEW.dwarf.read(f"{BUILD}/kernel")
    assert got == want


# ---- The terminal ----------------------------------------------------------------------
def test_colour(monitored):
    """Catches escape sequences in a file or a pipe, or under NO_COLOR; a terminal
    without any; and colours that change the text."""
    m, monitor = monitored(mem=32, cpus=1)
    m.boot()
    m.qmp("stop")
    plain = ptviewer.run("--qmp", monitor, "grid", "2")
    assert "\x1b" not in plain
    coloured = ptviewer.run("--qmp", monitor, "--colour", "always", "grid", "2")
    assert ESCAPE.sub("", coloured) == plain and "\x1b[" in coloured
    for env, escapes in (({}, True), ({"NO_COLOR": "1"}, False),
                         ({"TERM": "dumb"}, False)):
        child = pexpect.spawn(TOOL[0], [*TOOL[1:], "--qmp", monitor, "pt", "2"],
                              timeout=60, encoding="utf-8", dimensions=(50, 150),
                              env={**os.environ, "TERM": "xterm", **env})
        child.expect(pexpect.EOF)
        assert "kmap[0]" in child.before
        assert ("\x1b" in child.before) == escapes, env
        child.close()


def drawings(child, count):
    """The next drawings of a --watch on a terminal, without colours."""
    out = []
    for _ in range(count):
        child.expect(r"\x1b\[H\x1b\[J")
        out.append(ESCAPE.sub("", child.before.replace("\r", "")))
    return out


def test_watch(monitored):
    """Catches a --watch that draws once, marks what did not change, or does not mark
    what did; and one that dies with its machine or at Ctrl-C."""
    m, monitor = monitored(mem=32, cpus=1)
    m.boot()
    child = pexpect.spawn(TOOL[0], [*TOOL[1:], "--qmp", monitor, "--watch", "0.1",
                                    "pt", "2"],
                          timeout=60, encoding="utf-8", dimensions=(90, 150),
                          preexec_fn=dies_with_us,
                          env={**os.environ, "TERM": "xterm"})
    first, *rest = drawings(child, 4)[1:]
    assert "data" in first and rest
    # Nothing happens: nothing is marked.
    assert not re.search("^> ", rest[-1], re.M), rest[-1]
    before = {line[2:].rstrip() for line in rest[-1].split("\n")}
    # The shell forks: its pages are shared, and later not, by other frames.
    m.send("echo a\n")
    for _ in range(100):
        text = drawings(child, 1)[0]
        marked = re.findall("^> (.*)$", text, re.M)
        if marked:
            break
    assert marked and "changed, directory at pa" in text
    new = {line[2:].rstrip() for line in text.split("\n") if line.strip()} - before
    assert {line.rstrip() for line in marked} == new
    m.expect_end = True
    os.kill(m.child.pid, signal.SIGKILL)
    child.expect("ptview: .*(No such file|refused)")
    child.sendintr()
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0


def test_cells_are_both_levels():
    """Catches a cell that shows what one level permits, not what both do."""
    gridview, core = ptviewer.PTVIEW.gridview, ptviewer.PTVIEW.views.ptcore
    ram, kinds = bytearray(4096 * 12), {}
    for i in range(8):
        struct.pack_into("<I", ram, 4 * i, 4096 * (i + 1) | i)
        for j in range(1024):
            struct.pack_into("<I", ram, 4096 * (i + 1) + 4 * j, 4096 * 9 | j & 7)

    def read(pa, n):
        return bytes(ram[pa:pa + n])
    space = core.Space(read, 0)
    for i in sorted(space.tables):
        cells = gridview.table_cells(space, i, lambda va: va == i << 22 | 5 << 12)
        for j, letter in enumerate(cells):
            w = core.walk(read, 0, i << 22 | j << 12)
            kind = "." if w.pa is None else "kKuU"[2 * w.user + w.write]
            kinds[letter] = kinds.get(letter, 0) + 1
            assert letter == ("c" if j == 5 and kind == "u" else kind), (i, j)
    assert set(kinds) == set(".kKuUc") and len(space.tables) == 4


def test_cells_are_marked():
    """Catches a changed cell that looks like the others, or another one that does
    not; and a row that is found changed because its grid moved."""
    gridview, screen = ptviewer.PTVIEW.gridview, ptviewer.PTVIEW.screen

    def drawing(first, *others):
        return [[gridview.Piece("000  "), gridview.Piece(cells, "cells", (key, 0))]
                for key, cells in (("dir", first), *others)]
    s = screen.Screen(True)
    s.render(drawing("..kK", (5, "uU")))
    text = s.render(drawing("..kU", (4, "cc"), (5, "uU")))
    lines = text.split("\n")
    assert re.fullmatch(r"> 000  \.\.\x1b\[0m\x1b\[\S+mk\x1b\[0m\x1b\[\S+m"
                        r"\x1b\[7mU\x1b\[0m", lines[0]), lines[0]
    assert lines[1].startswith("> ") and lines[2].startswith("  ")
    assert "\x1b[7m" not in lines[2]
    quiet = screen.Screen(False)
    assert "\x1b" not in quiet.render(drawing("..kK"))
    assert len({screen.nearest(k["light"]) for k in gridview.kinds()}) == 8


def test_quick(monitored):
    """Catches a viewer that takes longer than 0.2 s, by any way, for all of a
    directory in much memory."""
    port = free_port()
    m, monitor = monitored(mem=2048, cpus=1, options=[
        "-gdb", f"tcp:127.0.0.1:{port}"])
    m.boot()
    for way in (["--qmp", monitor], ["--stub", str(port)]):
        for view in (["pt", "2"], ["walk", "main"]):
            took = ptviewer.quickest(lambda w=way, v=view: ptviewer.run(*w, *v))
            assert took < 0.2, (way, view, took)
