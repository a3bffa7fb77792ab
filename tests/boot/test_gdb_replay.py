"""Backwards: `make qemu-rr` records a boot and some commands, GDB replays them, and
who-wrote and the reverse commands lead to the lines of C that did it."""
import hashlib
import os
import re
import shutil
import signal
import time

import pexpect
import pytest
from gdbsession import MARK, Gdb, stopped
from machine import BUILD, ROOT, dies_with_us, gcc_version

pytestmark = pytest.mark.in_tree
LONG = 240      # seconds for what takes a few on a quiet machine
# Lines of transcripts are alike if they differ in numbers only.
NUMBER = re.compile(r"\b(0x)?[0-9a-f]*\d[0-9a-f]*\b")


def fingerprint(path):
    """A file's contents, in short."""
    with open(path, "rb") as f:
        return hashlib.sha256(f.read()).hexdigest()


class Replay(Gdb):
    """`make` with some goals in a terminal, which end in a GDB."""

    def __init__(self, *goals):
        self.child = pexpect.spawn("make", ["--no-print-directory", *goals], cwd=ROOT,
                                   timeout=LONG, encoding="utf-8", echo=False,
                                   preexec_fn=dies_with_us, codec_errors="replace",
                                   dimensions=(50, 250),
                                   env={**os.environ, "TERM": "dumb"})
        self.child.delaybeforesend = None

    def type(self, line, then=r"\n\$ "):
        """Types a line at cr3's shell; waits for the next prompt."""
        self.child.send(line)
        self.child.expect(then, timeout=LONG)

    def ready(self):
        """Waits for GDB's prompt, and makes it one that `run` knows."""
        self.child.expect_exact("(gdb) ", timeout=LONG)
        self.begun = self.child.before
        for line in ("set editing off", "set pagination off", "set width 0",
                     "set style enabled off"):
            self.child.sendline(line)
            self.child.expect_exact("(gdb) ")
        self.child.sendline(f"set prompt {MARK}\\n")
        self.child.expect_exact(MARK + "\r\n")
        return self

    def run(self, command, timeout=LONG):
        return super().run(command, timeout)

    def at(self):
        """The number of instructions that the machine has executed."""
        return int(re.search(r"count = (\d+)", self.run("monitor info replay"))[1])

    def to_end(self):
        """Forward to the end of the recording."""
        self.run("delete")
        assert "the recording" in self.run("continue")
        return self


def qemus(directory):
    """The processes of QEMU that replay or record there, as pids."""
    out = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", encoding="utf-8") as f:
                if f"rrfile={directory}/" in f.read():
                    out.append(int(pid))
        except OSError:
            continue
    return out


def gone(directory):
    """Waits until there is no such process."""
    for _ in range(600):
        if not qemus(directory):
            return True
        time.sleep(0.1)
    for pid in qemus(directory):
        os.kill(pid, signal.SIGKILL)
    return False


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """The directory of a recording, and the Replay that goes on from it. Its disks
    are compared with what they were before."""
    where = tmp_path_factory.mktemp("rr")
    fs = str(where / "fs.img")
    shutil.copy(f"{BUILD}/fresh.img", fs)
    disks = [fs, f"{BUILD}/cr3.img"]
    before = [fingerprint(d) for d in disks]
    gdb = Replay("qemu-rr", f"RR={where}/rr", f"FSIMG={fs}", "CPUS=2")
    try:
        gdb.type("", r"recording; to end it")
        gdb.type("")
        gdb.type("echo hello > f\n")
        # 12 bytes in one read: after an even count tools/rr once read no more.
        gdb.type("cat  f | wc\n", r"\n1 1 6\s+\$ ")
        time.sleep(0.5)     # the shell waits for the next line, the CPU is idle
        gdb.child.send("\x01x")
        gdb.ready()
        yield str(where / "rr"), gdb
        gdb.child.sendline("quit")
        assert gone(f"{where}/rr"), "QEMU outlives GDB"
    finally:
        gdb.close()
        assert gone(f"{where}/rr")
    assert [fingerprint(d) for d in disks] == before, "a recording wrote to a disk"


@pytest.fixture
def gdb(recorded):
    """The GDB of the recording, at its end."""
    return recorded[1].to_end()


def entry(text):
    """(pa, old value, new value) of the entry in who-wrote's answer."""
    return [int(n, 16) for n in
            re.search(r"at pa (\w+), va \w+: (\w+) -> (\w+)", text).groups()]


def check_write(gdb, text):
    """The machine stands before the very write that the answer tells of."""
    pa, old, new = entry(text)
    word = f"*(unsigned *){0x80000000 + pa:#x}"
    assert gdb.value(word) == old
    gdb.run("stepi")
    assert gdb.value(word) == new


def test_begins_at_the_end(recorded):
    """Catches a replay that does not come to the end of what was recorded, or leaves
    the user without a word about what to do there."""
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
    """Catches a -d that watches the PTE, and a process's directory entry, which memcpy
    wrote, without the way to the one it is copied from."""
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
    """Catches a who-wrote that does not know another process's directory: the shell's
    text came by a fault; init's data lost W when it forked."""
    text = gdb.run("who-wrote 0x1000 2")
    assert re.search(r"PTE\[0x0:0x1\].* \[page at \w+, P U\]", text), text
    assert re.search(r"^mm/fault\.c:\d+\t+\*f->pte = ", text, re.M), text
    assert re.search(r" mm_fault .*\n.* page_fault .*\n.* trap .*\n.* alltraps", text)
    check_write(gdb, text)
    gdb.to_end()
    data = re.search(r"^([0-9a-f]{8})-.*copy-on-write", gdb.run("pt 1"), re.M).group(1)
    text = gdb.run(f"who-wrote 0x{data} 1")
    assert re.search(r"PTE\[.*\[-W\]", text), text
    assert re.search(r"^mm/fork\.c:\d+\t+from\[i\] = e &= ~PTE_W;$", text, re.M), text
    assert " mm_fork " in text
    check_write(gdb, text)


def test_zeroed(gdb):
    """Catches an entry that is absent since its table was made: kalloc_zero did that,
    for walkpgdir."""
    text = gdb.run("who-wrote 0 2")
    assert re.search(r"PTE\[0x0:0x0\].* -> 00000000 \[", text), text
    assert re.search(r"memset .*\n#1 .* kalloc_zero .*\n#2 .* walkpgdir ", text), text
    check_write(gdb, text)


def test_never_written(gdb):
    """Catches a writer made up for entrypgdir, which the compiler made; and a search
    in vain that leaves the user elsewhere."""
    before = gdb.at()
    text = gdb.run("who-wrote 0x80000000 entrypgdir")
    assert "the kernel has never written it" in text and "entrypgdir.c" in text, text
    assert gdb.at() == before


def test_reverse_commands(gdb):
    """Catches a reverse command that hangs or ends elsewhere than one step, line or
    call before, or at the breakpoint before."""
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


def test_refused(gdb, recorded, machine):
    """Catches what ends QEMU or hangs instead of one line: forward at the end of a
    recording, who-wrote without one, a second replay of one."""
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
    """Catches a QEMU that outlives a GDB which had no time to end it, and a recording
    that cannot be replayed again after that."""
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


def transcripts():
    """The commands of docs/backwards.md and what follows each: for each example a
    list of (command, lines)."""
    with open(f"{ROOT}/docs/backwards.md", encoding="utf-8") as f:
        text = f.read()
    out, inside = [], False
    for line in text.split("\n"):
        if line.startswith("    (gdb) "):
            if not inside:
                out.append([])
            out[-1].append((line[10:], []))
            inside = True
        elif line and not line.startswith("    "):
            inside = False
        elif line and inside:
            out[-1][-1][1].append(line[4:])
    return out


def alike(line):
    """A line without its numbers, and with single blanks."""
    return re.sub(r"\s+", " ", NUMBER.sub("N", line)).strip()


@pytest.mark.skipif(gcc_version() != 12, reason="the frames shown are gcc 12's")
def test_transcript(gdb):
    """Catches a docs/backwards.md that shows what GDB does not print (numbers may
    differ)."""
    examples = transcripts()
    assert len(examples) == 4
    for example in examples:
        gdb.to_end()
        for command, lines in example:
            said = [alike(x) for x in gdb.run(command).split("\n") if x.strip()]
            assert [alike(x) for x in lines] == said, command
