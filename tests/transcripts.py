"""Transcripts in documents: sessions that are executed and compared.

    ```gdb fresh        a new machine, stopped before its first instruction, and GDB
    (gdb) kmap          a command; below it, what it prints
    ```cr3              what is typed at the shell of the same machine, and printed
    $ ps
    ```cr3 svm          a new machine whose processor has SVM, with the disk for vmm
    ```host             the same for tools/ptview, on the host, about that machine
    $ tools/ptview ps
    ```record           what is typed at the shell while a run is recorded (`make qemu-rr`)
    $ echo hello
    ```gdb end          GDB at the end of that recording

In README, which is plain text, the table that the kernel prints at its start is one.

`python3 tests/transcripts.py [--update] [FILE...]` executes the blocks of each file in
order and says where one differs; with --update (`make transcripts`) it writes what the
machine says now. A line "..." in a transcript stands for any number of lines.

What must be the same: every word, and every number in a line whose addresses are the
same. What may differ, as kernels and compilers do: an address (8 digits, or 0x and at
least 4) that is no border of the layout, if all its occurrences on one machine differ
alike; in a line with such an address, any number of two digits and more; always the
bytes of code, pages in a range of a program's, numbers of lines of source and of inodes, the counts of A and D, the
arguments that GDB shows in a frame (compilers keep different ones), and how many blanks
separate columns. Below commands that set a stop or run to one (BRIEF) nothing
needs to stand: the next view tells where the machine is.
"""
import contextlib
import difflib
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import namedtuple

import pexpect

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
from gdbsession import MARK, stopped  # noqa: E402 (the path comes first)
from machine import BUILD, ROOT, Machine  # noqa: E402
from replay import recording  # noqa: E402

DOCS = ["docs/first-hour.md", "docs/page-tables.md", "docs/views.md", "docs/backwards.md",
        "docs/shadow-paging.md", "README"]
FENCE = re.compile(r"^```(gdb|cr3|host|record)( fresh| end| svm)?$")
PROMPT = {"gdb": "(gdb) ", "cr3": "$ ", "host": "$ ", "record": "$ "}
# A block of a document: kind as above; fresh: on a new machine, or for GDB " end"; line:
# the number of its first line; lines: what stands in it.
Block = namedtuple("Block", "kind fresh line lines")
FRAME = re.compile(r"^(#\d+ +)(?:0x[0-9a-f]+ in )?(\S+) \(.*\)(?= at |$)")
ADDRESS = re.compile(r"\b(?:0x[0-9a-f]{4,}|[0-9a-f]{8})\b")
NUMBER = re.compile(r"\b(?:0x[0-9a-f]{2,}|\d{2,})\b")
FREE = re.compile(r"^\d+(?= {4,})|(?<=\.[chS]:)\d+|(?<=\(file )\d+|(?<= [AD]:)\d+|"
                  r"(?<= )\d+(?= user r)|(?<=reakpoint )\d+|"
                  r"(?<=: )[0-9a-f]{2}( [0-9a-f]{2})+$|(?<==)\w+@entry=")
SILENT = re.compile(r"Continuing\.$|Run till exit ")
# Below these a page may show nothing of what they print; None is a stop.
BRIEF = re.compile(r"continue|finish|next|step|tbreak .*|set .*|ptdiff o(n|ff)|None")


# ---- What may differ -------------------------------------------------------------
def masked(line):
    """A line without what may always differ; its addresses, as a list."""
    line = FREE.sub("", FRAME.sub(r"\1\2", line))
    return " ".join(line.split()), ADDRESS.findall(line)


def fixed(address):
    """Is it one of the layout: a border of 4 MB, or where the kernel begins?"""
    n = int(address, 16)
    return (n + 1 & 0x3FFFFF) < 2 or n & 0x7FFFFFFF in (0xFFFFF, 0x100000)


class Same:
    """Are two lines the same? Remembers which address of the page stands for which
    of a machine's, and takes no other for it from then on."""

    def __init__(self):
        self.now, self.then = {}, {}

    def addresses(self, old, new):
        """May these addresses of one line stand for each other?"""
        return len(old) == len(new) and all(
            a == b if fixed(a) or fixed(b) else
            self.now.get(a, b) == b and self.then.get(b, a) == a
            for a, b in zip(old, new))

    def line(self, old, new):
        """Does line `new` say what line `old` says?"""
        (a, old), (b, new) = masked(old), masked(new)
        if not self.addresses(old, new):
            return False
        mask = ADDRESS.sub
        if mask("@", a) != mask("@", b) and (old == new or NUMBER.sub(
                "@", mask("@", a)) != NUMBER.sub("@", mask("@", b))):
            return False
        self.now.update(zip(old, new))
        self.then.update(zip(new, old))
        return True


def shape(line):
    """What of a line never differs, to find it below a "..."."""
    return NUMBER.sub("@", ADDRESS.sub("@", masked(line)[0]))


def place(old, new):
    """For each line of the transcript the line of the output that it stands for, None
    for "..."; None if there is no such order. The first fitting place is taken."""
    out, at, free = [], 0, False
    for line in old:
        if line == "...":
            out.append(None)
            free = True
            continue
        while free and at < len(new) and shape(new[at]) != shape(line):
            at += 1
        if at >= len(new) or shape(new[at]) != shape(line):
            return None
        out.append(at)
        at, free = at + 1, False
    return out if at == len(new) or free else None


def agree(old, new, same):
    """The transcript with today's values if the output says the same, else None."""
    where = place(old, new)
    if where is None or not all(same.line(a, new[i]) for a, i in zip(old, where)
                                if i is not None):
        return None
    return [a if i is None else new[i] for a, i in zip(old, where)]


# ---- Documents -------------------------------------------------------------------
def blocks(text):
    """The blocks of a document, in order."""
    out, inside = [], None
    for number, line in enumerate(text.split("\n"), 1):
        if inside is None:
            if m := FENCE.match(line):
                inside = Block(m.group(1), (m.group(2) or "").strip(), number + 1, [])
        elif line == "```":
            out.append(inside)
            inside = None
        else:
            inside.lines.append(line)
    return out


def commands(block):
    """[(command, its output's lines)]. What stands before the first command, the stop
    for which the block before it waits, belongs to the command None."""
    out = [(None, [])]
    for line in block.lines:
        if line.startswith(PROMPT[block.kind]):
            out.append((line[len(PROMPT[block.kind]):], []))
        else:
            out[-1][1].append(line)
    return out


class Session:
    """The machines of a document, one at a time.

    runs: GDB waits for the machine to stop. prompt: the shell's prompt has been
    seen, and nothing typed since. replay: the Replay of a recording that the caller has
    made. kept: what is closed with the machine."""

    def __init__(self, replay=None):
        self.machine, self.gdb, self.runs, self.prompt = None, None, False, False
        self.replay, self.kept = replay, contextlib.ExitStack()

    def start(self, kind, svm=False):
        """A new machine: for GDB as `make gdb` begins, on its way to kvmalloc; else
        with the shell's prompt. svm: as `make qemu-vm` starts it."""
        self.close()
        self.monitor = self.kept.enter_context(tempfile.TemporaryDirectory()) + "/qmp"

        def make(**choices):
            # Time is counted in instructions: interrupts come where they always do.
            options = [*choices.pop("options", ()), "-icount", "shift=1,sleep=off",
                       "-qmp", f"unix:{self.monitor},server=on,wait=off"]
            if svm:
                choices.update(cpu="qemu32,+svm", fs=[
                    "-drive", f"file={BUILD}/vm.img,index=1,media=disk,format=raw,"
                    "snapshot=on,file.locking=off"])
            self.machine = Machine(cpus=1, mem=224, options=options, **choices)
            return self.machine
        if kind == "gdb":
            _, self.gdb = stopped(make)
            self.gdb.run("thbreak kvmalloc")
            self.go_on("continue")
        else:
            make()

    def record(self, typed):
        """Records a run with these lines typed, unless the caller has a replay."""
        self.close()
        if self.replay is None:
            where = self.kept.enter_context(tempfile.TemporaryDirectory())
            _, self.gdb = self.kept.enter_context(recording(where, typed, "CPUS=2"))
        else:
            self.gdb = self.replay

    def close(self):
        """Ends the machine. A panic, or an end that it came to itself, is an error."""
        try:
            if self.machine:
                self.machine.verify()
        finally:
            for one in (self.gdb, self.machine) if self.machine else ():
                if one:
                    one.close()
            self.kept.close()
            self.__init__(self.replay)

    def view(self, command):
        """What tools/ptview prints about the machine, which is at its prompt."""
        tool, *args = command.split()
        assert tool == "tools/ptview", f"{command}: only ptview is executed on the host"

        def run(*args):
            return subprocess.run(
                [sys.executable, f"{ROOT}/{tool}", "--kernel", f"{BUILD}/kernel", "--qmp",
                 self.monitor, *args], capture_output=True, text=True, timeout=60,
                check=True).stdout
        if not self.prompt:
            self.machine.boot()
            self.prompt = True
        for _ in range(600):    # the prompt is there before the shell sleeps
            if not re.search(r" (running|ready) ", run("ps")):
                break
            time.sleep(0.1)
        return run(*args)

    def go_on(self, command):
        """A GDB command that is not waited for."""
        self.gdb.child.sendline(command)
        self.runs = True

    def stop(self, line):
        """Waits, at a block in line `line`, until the machine that goes on stops; what GDB prints then."""
        try:
            self.gdb.child.expect_exact(MARK + "\r\n", timeout=60)
        except (pexpect.TIMEOUT, pexpect.EOF):
            self.machine.drain()
            raise AssertionError(f"the machine does not come to the stop that line "
                                 f"{line} expects; it printed\n" +
                                 self.machine.output) from None
        self.runs = False
        return self.gdb.child.before.replace("\r", "")

    def type(self, command, wait):
        """A command of the shell's; with wait what it prints."""
        if not self.prompt:
            self.machine.boot()
        self.prompt = wait
        return self.machine.run(command, 60) if wait else \
            self.machine.send(command + "\n") or ""


def lines_of(output):
    """The lines of an output as they stand in a document."""
    return [line.expandtabs(8).rstrip() for line in output.split("\n")
            if line.strip() and not SILENT.match(line)]


def execute(text, replay=None):
    """Executes a document's blocks: yields (block, command, its lines in the document,
    its lines now) for each command, None for the stop at which a block begins."""
    session, all_ = Session(replay), blocks(text)
    try:
        for block, after in zip(all_, all_[1:] + [None]):
            if block.kind == "record":
                session.record([c for c, _ in commands(block) if c])
                for command, old in commands(block):
                    yield block, command, old, old
                continue
            if block.fresh == "end":
                session.gdb.to_end()
            elif block.fresh or session.machine is None:
                session.start(block.kind, block.fresh == "svm")
            goes_on = after and not after.fresh and {block.kind, after.kind} == {"gdb", "cr3"}
            (_, begin), *todo = commands(block)
            if block.kind == "gdb" and session.runs:
                yield block, None, begin, lines_of(session.stop(block.line))
            for n, (command, old) in enumerate(todo):
                leaves = goes_on and n == len(todo) - 1
                if block.kind == "cr3":
                    now = session.type(command, not leaves)
                elif block.kind == "host":
                    now = session.view(command)
                elif leaves:
                    now = session.go_on(command) or ""
                else:
                    now = session.gdb.run(command, 240)
                yield block, command, old, lines_of(now)
    finally:
        session.close()


def check(text, replay=None):
    """[(line, what differs)] of a document, and the document as it should be. replay:
    the Replay for its blocks "gdb end", else it is recorded here."""
    wrong, same, new = [], Same(), {}
    for block, command, old, now in execute(text, replay):
        if block.fresh == "fresh" and block.line not in new:
            same = Same()
        held = [] if not old and BRIEF.fullmatch(str(command)) else \
            agree(old, now, same)
        if held is None:
            shown = "\n".join(difflib.unified_diff(old, now, "page", "machine",
                                                   lineterm="", n=1))
            wrong.append((block.line, f"{PROMPT[block.kind]}{command}\n{shown}"))
        new.setdefault(block.line, []).append((command, now if held is None else held))
    return wrong, rewritten(text, new)


def check_start(text):
    """The same for README's table of kmap[]."""
    lines = text.split("\n")
    first = next(i for i, x in enumerate(lines) if x.startswith("kmap "))
    n = lines.index("", first) - first
    machine = Machine(cpus=1, mem=224)
    try:
        out = lines_of(machine.boot().output)
    finally:
        machine.close()
    at = next(i for i, x in enumerate(out) if x.startswith("kmap "))
    now, old = out[at:at + n], lines[first:first + n]
    if agree(old, now, Same()) is not None:
        return [], text
    lines[first:first + n] = now
    return [(first + 1, "the kernel prints\n" + "\n".join(now))], "\n".join(lines)


def rewritten(text, new):
    """The document with other outputs: {line of a block: [(command, lines)]}."""
    out, lines, at = [], text.split("\n"), 0
    for block in blocks(text):
        out += lines[at:block.line - 1]
        for command, shown in new[block.line]:
            out += ([] if command is None else [PROMPT[block.kind] + command]) + shown
        at = block.line - 1 + len(block.lines)
    return "\n".join(out + lines[at:])


def main(args):
    """Checks, or with --update rewrites, the files named or all of DOCS."""
    update, status = "--update" in args, 0
    for name in [a for a in args if a != "--update"] or DOCS:
        with open(os.path.join(ROOT, name), encoding="utf-8") as f:
            text = f.read()
        wrong, new = check(text) if blocks(text) else check_start(text)
        for line, what in wrong:
            print(f"{name}:{line}: {what}")
        if update and new != text:
            with open(os.path.join(ROOT, name), "w", encoding="utf-8") as f:
                f.write(new)
        status |= bool(wrong) and not update
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
