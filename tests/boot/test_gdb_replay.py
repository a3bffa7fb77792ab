"""Backwards: `make qemu-rr` records a boot and some commands, GDB replays them, and
who-wrote and the reverse commands lead to the lines of C that did it."""
import os
import re
import time

import pexpect
import pytest
import replay
import transcripts
from gdbsession import stopped
from machine import ROOT
from replay import Replay, gone, qemus

pytestmark = pytest.mark.in_tree


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """The directory of a recording, and the Replay that goes on from it."""
    with replay.recording(str(tmp_path_factory.mktemp("rr")),
                          ["echo hello > f", "cat f | wc"], "CPUS=2") as made:
        yield made


@pytest.fixture
def gdb(recorded):
    """The GDB of the recording, at its end."""
    return recorded[1].to_end()


def entry(text):
    """(pa, old value, new value) of the entry in who-wrote's answer."""
    return [int(n, 16) for n in
            re.search(r"at pa (\w+), va \w+: (\w+) -> (\w+)", text).groups()]


def check_write(gdb, text):
    """Fails unless the machine stands right before the write that the answer
    describes."""
    pa, old, new = entry(text)
    word = f"*(unsigned *){0x80000000 + pa:#x}"
    assert gdb.value(word) == old
    gdb.run("stepi")
    assert gdb.value(word) == new


def test_begins_at_the_end(recorded):
    """Catches a replay that does not reach the end of the recording, or does not say
    what one can do there."""
    begun = recorded[1].begun
    assert "cr3: the end of the recording" in begun and "who-wrote VA" in begun
    assert "SIG" not in begun
    with open(f"{recorded[0]}/console", encoding="utf-8") as f:
        assert f.read().replace("\r", "").endswith("| wc\n1 1 6\n$ ")


def test_kernel_pte(gdb):
    """Catches a who-wrote that stops elsewhere than at mappages' store, shows other
    values than those before and after it, or takes longer than about a second."""
    times = []
    for _ in range(3):
        gdb.to_end()
        start = time.time()
        text = gdb.run("who-wrote main")
        times.append(time.time() - start)
    assert re.search(r"PTE\[0x200:0x100\].*: 00000000 -> 001\w+ \[page at 00100000, "
                     r"P G\]", text), text
    assert re.search(r"^vm\.c:\d+\t+\*pte = pa \| perm \| PTE_P;$", text, re.M), text
    assert re.search(r"^#0 .* mappages .*\n#1 .* setupkvm .*\n#2 .* kvmalloc .*\n"
                     r"#3 .* main ", text, re.M), text
    assert "the MMU has set A" in text and "SIG" not in text, text
    check_write(gdb, text)
    assert min(times) < 2, times


def test_pde_and_its_copy(gdb):
    """Catches a `who-wrote -d` that watches the PTE, and a copied directory entry
    (memcpy wrote it) whose answer does not lead to the original."""
    text = gdb.run("who-wrote -d main 2")
    assert re.search(r"^lib/string\.c:\d+.*movsl", text, re.M), text
    assert re.search(r"^#1 .* pgdir_new ", text, re.M), text
    follow = re.search(r"copied from PDE\[0x200\] of kpgdir.*: `(who-wrote [^`]+)`",
                       text)
    check_write(gdb, text)
    text = gdb.run(follow.group(1))
    assert re.search(r"^vm\.c:\d+\t+\*pde = V2P\(table\)", text, re.M), text
    assert re.search(r"PDE\[0x200\].*: 00000000 -> \w+ \[table at", text), text
    assert re.search(r"^#0 .* walkpgdir .*\n#1 .* mappages ", text, re.M), text
    check_write(gdb, text)


def test_user_pte(gdb):
    """Catches a who-wrote that does not know another process's directory: init's text
    came by a fault, or with the copy of its table after init had forked."""
    text = gdb.run("who-wrote 0x1000 1")
    assert re.search(r"PTE\[0x0:0x1\].* \[page at \w+, P U( A)?\]", text), text
    assert re.search(r"^mm/fault\.c:\d+\t+.*entry_change\(f->pte|"
                     r"^mm/table\.c:\d+\t+.*to\[i\] = e", text, re.M), text
    assert re.search(r" mm_fault .*\n.* page_fault .*\n.* trap .*\n.* alltraps", text)
    check_write(gdb, text)


def test_zeroed(gdb):
    """Catches a wrong answer for an entry that was never present: kalloc_zero cleared
    it, for walkpgdir or for the copy of a table."""
    text = gdb.run("who-wrote 0 1")
    assert re.search(r"PTE\[0x0:0x0\].* -> 00000000 \[", text), text
    assert re.search(r"memset .*\n#1 .* kalloc_zero .*\n#2 .* (walkpgdir|table_copy) ", text),\
        text
    check_write(gdb, text)


def test_never_written(gdb):
    """Catches an invented writer of entrypgdir, which the compiler filled in, and a
    search without a result that leaves the machine at another place."""
    before = gdb.at()
    text = gdb.run("who-wrote 0x80000000 entrypgdir")
    assert "the kernel has never written it" in text and "entrypgdir.c" in text, text
    assert gdb.at() == before


def test_reverse_commands(gdb):
    """Catches a reverse command that hangs, or does not end one step, line, call or
    breakpoint before."""
    gdb.run("break setupkvm")
    assert "setupkvm" in gdb.run("reverse-continue")
    gdb.run("delete")
    assert re.search(r"mappages\b", gdb.go("mappages"))
    at = gdb.at()
    gdb.run("stepi")
    assert gdb.at() == at + 1
    gdb.run("reverse-stepi")
    assert gdb.at() == at
    assert re.search(r"\bsetupkvm\b.*\n.*mappages\(", gdb.run("reverse-finish"))
    assert gdb.at() < at
    gdb.go("walkpgdir")
    assert "mappages" in gdb.run("reverse-step")
    # reverse-next goes past a call that reverse-step would enter.
    gdb.go("walkpgdir")
    gdb.run("finish")
    gdb.run("next")
    line = gdb.run("frame")
    gdb.run("next")
    gdb.run("reverse-next")
    assert gdb.run("frame").split(" in ")[-1] == line.split(" in ")[-1]


def test_reverse_watch(gdb):
    """Catches a watchpoint that does not stop backwards at the store to kpgdir."""
    gdb.to_end()
    gdb.run("watch kpgdir")
    # With code of clang QEMU 7.2 stops at a store to another word of the page, too.
    for _ in range(3):
        gdb.run("reverse-continue")
        text = gdb.run("bt")
        if "kvmalloc" in text.split("\n")[0]:
            break
    assert re.search(r"kvmalloc", text.split("\n")[0]), text
    assert gdb.value("kpgdir")


def test_no_process_yet(gdb):
    """Catches a who-wrote that only says "no process 2" at the boot's beginning: it must
    name the place in the recording and the way to where process 2 exists."""
    gdb.run("break kvmalloc")
    gdb.run("reverse-continue")
    said = gdb.run("who-wrote -d main 2")
    assert re.search(r"there is no process 2 at this point of the recording, after \d+ of "
                     r"\d+ instructions. `continue` leads to its end", said), said
    gdb.to_end()
    assert "PDE[0x200]" in gdb.run("who-wrote -d main 2")


def test_refused(gdb, recorded, machine):
    """Catches a command that ends QEMU or hangs where one line of refusal is right:
    going forward at the end of a recording, who-wrote without a recording, a second
    replay of one recording."""
    for command in ("continue", "next", "stepi", "finish"):
        assert gdb.run(command).strip().endswith("the way on is backwards")
    assert "who-wrote [-d] VA" in gdb.run("who-wrote")
    assert "no process 99" in gdb.run("who-wrote 0 99")
    assert gdb.at(), "the machine is still there"
    _, other = stopped(machine, cpus=1)
    try:
        assert re.fullmatch(r"who-wrote: .*`make qemu-rr`.*\n",
                            other.run("who-wrote 0"))
        assert re.fullmatch(r"replay: .*`make qemu-rr`.*\n",
                            other.run("replay /nowhere"))
    finally:
        other.close()


def test_no_recording(tmp_path):
    """Catches a `make replay` that starts without a recording."""
    gdb = Replay("replay", f"RR={tmp_path}/rr")
    gdb.child.expect("there is no recording: `make qemu-rr` makes one")
    gdb.child.expect(pexpect.EOF)
    gdb.close()


def test_gdb_is_killed(recorded):
    """Catches a QEMU that lives on when its GDB has been killed, and a recording that
    cannot be replayed after that."""
    directory, first = recorded
    first.run("kill")
    gdb = Replay("replay", f"RR={directory}").ready()
    try:
        assert "the end of the recording" in gdb.begun
        assert len(qemus(directory)) == 1
        gdb.child.sendline("python import os; os.kill(os.getpid(), 9)")
        assert gone(directory)
    finally:
        gdb.close()
    assert "the end of the recording" in first.run("replay")


def test_transcript(gdb):
    """Catches a docs/backwards.md that shows what GDB does not print."""
    with open(f"{ROOT}/docs/backwards.md", encoding="utf-8") as f:
        wrong, _ = transcripts.check(f.read(), gdb)
    assert not wrong, "read, then `make transcripts`\n" + "\n".join(
        f"docs/backwards.md:{line}: {what}" for line, what in wrong)
