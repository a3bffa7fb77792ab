"""Backwards: who-wrote, and a replay in which GDB's reverse commands work.

`make replay` lets QEMU replay what `make qemu-rr` recorded (tools/rr). To go back, QEMU
loads the last snapshot before the place and runs forward again, so the time of a command
depends on the distance to a snapshot. Therefore `begin` runs through the whole recording
once and leaves snapshots. Then the machine stands at the end of the recording.

QEMU 7.2 resets the machine before it loads a snapshot, and the reset waits for the disk.
In a replay a request ends when the log says so, and the log stands still while QEMU waits:
QEMU would hang. So while the disk is at work, no command goes back, and no snapshot is
made.
"""
import json
import os
import re
import subprocess
import time

import commands
import diffview
import gdb
import layout
import ptcore
import target
from commands import command, pgdir_pa
from viewtext import hex8

NEEDS = ("this goes backwards, which needs a recording: `make qemu-rr` makes one and "
         "replays it")
STRIDE = 4000000        # instructions from one snapshot to the next, or more:
SNAPSHOTS = 20          # there are not many more than these
STEP, STEPS = 4000, 50  # instructions of a step, and steps, to find the disk at rest
BUSY = ("the disk is at work here, and QEMU would hang on the way back: go on a little "
        "(`finish`, `continue`)")
MOVES = ("continue", "step", "stepi", "next", "nexti", "finish", "until", "advance")


class Recording:
    """What is replayed. first, last: numbers of instructions: the kernel's first one, and
    the last one from which there is a way back. directory: the folder of its files."""
    first = last = 0
    directory = ""


def now():
    """How many instructions the replayed machine has executed; None if this is no
    replay."""
    try:
        text = gdb.execute("monitor info replay", to_string=True)
    except gdb.error:
        return None
    found = re.search(r"Replaying .*count = (\d+)", text)
    return int(found.group(1)) if found else None


def packet(text):
    """Sends a packet of the remote protocol; returns all that GDB says about it."""
    return gdb.execute(f"maintenance packet {text}", to_string=True)


def has_front_end():
    """Does an editor drive this GDB (by its machine interface)? An editor that does not
    hear of a stop shows the wrong line."""
    done = subprocess.run(["ps", "-o", "args=", "-p", str(os.getpid())], text=True,
                          capture_output=True, check=False)
    return not done.stdout or bool(re.search(r"\s--?i(nterpreter)?[= ]?mi",
                                             done.stdout))


class Quiet:
    """with Quiet(): the machine moves past the user's breakpoints, and GDB prints
    nothing. No setting silences GDB's reports of stops, so standard output is closed."""

    def __enter__(self):
        self.mine = [b for b in gdb.breakpoints() if b.enabled]
        for b in self.mine:
            b.enabled = False
        gdb.events.stop.disconnect(commands.on_stop)    # it reads all tables
        self.stdout = None
        if not has_front_end():
            gdb.flush()
            self.stdout = os.dup(1)
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.close(nowhere)

    def __exit__(self, *what):
        if self.stdout is not None:
            gdb.flush()
            os.dup2(self.stdout, 1)
            os.close(self.stdout)
        for b in self.mine:
            if b.is_valid():
                b.enabled = True
        gdb.events.stop.connect(commands.on_stop)
        commands.on_stop(None)


def run(text):
    """Executes a command that moves the machine."""
    gdb.execute(text)


def forward_to(instruction):
    """Runs to an instruction that is ahead; nothing else stops the machine."""
    if now() < instruction:
        gdb.execute(f"monitor replay_break {instruction}", to_string=True)
        run("continue")


def disk_works():
    """Is a request under way on one of the disks (dev/ide.h, active)?"""
    try:
        n = int(gdb.parse_and_eval("'dev/ide.c'::nstarted"))
        return any(int(gdb.parse_and_eval(f"'dev/ide.c'::started[{i}]->active"))
                   for i in range(min(n, 2)))
    except gdb.error:
        return False        # paging is off: it is long before the first request


def back(text):
    """Executes a command that goes back. Raises GdbError if QEMU would hang."""
    if disk_works():
        raise gdb.GdbError(BUSY)
    run(text)


# ---- The replay ------------------------------------------------------------------
def begin(directory):
    """Starts a replay of the recording in a directory, goes through it once and makes
    snapshots, and stops at its end."""
    Recording.first = Recording.last = 0
    with open(os.path.join(directory, "recording"), encoding="utf-8") as f:
        last = json.load(f)["end"]
    with Quiet():
        first, idle = travel(directory, last)
        if disk_works():
            run("kill")
            travel(directory, idle)
    Recording.first, Recording.last = first, now()
    Recording.directory = directory
    print(f"cr3: the end of the recording, after {now()} instructions, {first} of them "
          "before the kernel's\nfirst. Backwards: `who-wrote VA`, reverse-continue "
          "(to a breakpoint or watchpoint),\nreverse-step, reverse-stepi, "
          "reverse-next, reverse-finish. `replay` starts anew.")
    run("frame")


def travel(directory, last):
    """Connects to a replay, and runs to its instruction `last`. Returns the numbers of
    the kernel's first instruction and of the last one seen with the disk at rest."""
    rr = os.path.join(layout.ROOT, "tools/rr")
    gdb.execute("set remotetimeout 60")     # QEMU loads its first snapshot meanwhile
    run(f"target remote | exec '{rr}' replay '{directory}'")
    run("thbreak *((unsigned)&entry - 0x80000000)")
    run("continue")
    first = idle = now()
    if first is None:
        raise gdb.GdbError("replay: QEMU does not replay")
    for at in range(first, last, max(STRIDE, (last - first) // SNAPSHOTS)):
        forward_to(at)
        while disk_works() and now() < last:
            forward_to(min(now() + STEP, last))
        if not disk_works():
            idle = now()
            run(f"monitor savevm at{at}")
    forward_to(max(now(), last - STEPS * STEP))
    while now() < last:
        idle = idle if disk_works() else now()
        forward_to(min(now() + STEP, last))
    return first, idle


@command("replay", gdb.COMMAND_RUNNING)
def cmd_replay(args):
    """replay [DIRECTORY]: starts the replay anew, at the end of the recording.
DIRECTORY is where `make qemu-rr` has put it, build/rr if not given."""
    directory = args[0] if args else Recording.directory or "build/rr"
    if not os.path.exists(os.path.join(directory, "recording")):
        raise gdb.GdbError(f"replay: there is no recording in {directory}: `make "
                           "qemu-rr` makes one")
    if gdb.selected_thread() is not None:
        with Quiet():
            run("kill")
    paging = gdb.parameter("pagination")
    gdb.execute("set pagination off")   # what goes nowhere fills the page, too
    try:
        begin(directory)
    finally:
        gdb.execute(f"set pagination {'on' if paging else 'off'}")
    return []


@command("replay-check", gdb.COMMAND_OBSCURE)
def cmd_check(args):
    """replay-check: runs before each command that moves the machine in a replay.
Refuses what would end QEMU (forward at the recording's end, from where it could not go
back any more) or let it hang (back while the disk is at work)."""
    if not Recording.last or now() is None:
        return []
    if "everse" in gdb.execute("show exec-direction", to_string=True):
        if disk_works():
            raise gdb.GdbError(BUSY)
    elif now() >= Recording.last:
        raise gdb.GdbError("the recording ends here: the way on is backwards")
    return []


def on_stop(event):
    """After every stop: makes sure that the machine stops at the recording's end too."""
    if not Recording.last:
        return
    n = now()
    if n is None:
        Recording.last = 0
    elif n < Recording.last:
        gdb.execute(f"monitor replay_break {Recording.last}", to_string=True)
    else:
        print("cr3: the end of the recording")


gdb.events.stop.connect(on_stop)
for name in MOVES:
    gdb.execute(f"define hook-{name}\nreplay-check\nend")


# ---- Who wrote -------------------------------------------------------------------
class Write:
    """A store to an entry: the values before and after it, and the number of the
    instruction."""

    def __init__(self, old, new, instruction):
        self.old, self.new, self.instruction = old, new, instruction


def value_at(pa):
    """The word at a physical address, now."""
    return ptcore.read_word(target.read_phys, pa)


def back_to_write(k, pa):
    """Goes back to the last store to the word at pa, and stops before it. Returns the
    Write. If no instruction of the kernel has stored there: goes back to where the
    machine was, and returns None."""
    here = now()
    entry = int(gdb.parse_and_eval("(unsigned)&entry")) - k.base
    watch, stop = f"2,{k.base + pa:x},4", f"1,{entry & 0xFFFFFFFF:x},1"
    # Packets, not GDB's watchpoints, which want to read the old value and the new one
    # by a virtual address that may not have been mapped yet.
    packet("Z" + watch)
    packet("Z" + stop)
    try:
        back("reverse-continue")
    finally:
        packet("z" + watch)
        packet("z" + stop)
    if now() <= Recording.first:
        forward_to(here)
        return None
    new = value_at(pa)
    if disk_works():
        time.sleep(0.3)     # a request that the host has ended does no harm
    run("reverse-stepi")
    return Write(value_at(pa), new, now())


def never(k, step, name):
    """Why no instruction has written an entry, as text."""
    text = (f"{name} at pa {hex8(step.pa)} = {hex8(step.value)}: the kernel has never "
            "written it.")
    if k.symbols["entrypgdir"] - k.base <= step.pa < \
            k.symbols["entrypgdir"] - k.base + ptcore.PGSIZE:
        return text + (" It is data: the compiler made it from entrypgdir.c, the boot "
                       "block read it from the disk.")
    return text + " It is as the machine or the boot block left it."


def source(k):
    """If the instruction at hand copies a string of words: a line that says from
    where. Else no line."""
    frame = gdb.newest_frame()
    code = frame.architecture().disassemble(frame.pc())[0]["asm"]
    if not re.match(r"rep\w* movs", code):
        return []
    va = int(frame.read_register("esi")) & 0xFFFFFFFF
    pa, index = va - k.base, (va & 0xFFF) // 4
    whose = k.directories().get(pa & ~0xFFF)
    if whose is None:
        return [f"It is copied from va {hex8(va)}."]
    first = whose.split(",")[0]
    name = first if first in k.symbols else f"{pa & ~0xFFF:#x}"
    return [f"It is copied from PDE[{index:#x}] of {first}; who wrote that: "
            f"`who-wrote -d {index << 22:#x} {name}`"]


def story(change, write, value):
    """The change in the words of ptdiff, and what changed in the entry after it."""
    out = [diffview.change_text(change).strip()]
    if write.old == write.new:
        out[0] = out[0].replace("[]", "[the same again]")
    later = value ^ write.new
    if later and not later & ~ptcore.MMU:
        out.append(f"Since then the MMU has set {ptcore.flags_text(later & value)}: "
                   f"{hex8(value)}.")
    elif later:
        out.append(f"Later it was {hex8(value)}, written past P2V (a device?).")
    return out


@command("who-wrote", gdb.COMMAND_RUNNING)
def cmd_who_wrote(args):
    """who-wrote [-d] VA [PID | DIRECTORY]: back to the line that wrote VA's entry.
Goes back in a replay to the last store to the PTE that maps VA through CR3, or through
the directory of process PID, or the one at an address (kpgdir), and stops before it:
`stepi` does it again, `up` leads to who asked for it. -d: VA's directory entry instead
(also without -d, if there is no table).

Needs a recording: `make qemu-rr`."""
    level, args = int(args[:1] != ["-d"]), args[args[:1] == ["-d"]:]
    if not 1 <= len(args) <= 2:
        raise gdb.GdbError("who-wrote [-d] VA [PID | DIRECTORY] (no spaces in VA)")
    k, cpu = target.kernel(), target.registers()
    va = target.number(args[0])
    if now() is None:
        raise gdb.GdbError("who-wrote: " + NEEDS)
    if len(args) == 1 and not cpu.paging:
        raise gdb.GdbError("who-wrote: paging is off: there are no entries yet")
    cr3 = directory(k, args[1]) if len(args) == 2 else cpu.cr3
    w = ptcore.walk(k.read, cr3, va, cpu.pse)
    step = w.steps[-level]
    index = ptcore.ptx(va) if step.level == "PTE" else None
    with Quiet():
        write = back_to_write(k, step.pa)
    if write is None:
        return [never(k, step, f"{step.level} of va {hex8(va)}")]
    change = ptcore.Change(step.level, ptcore.pdx(va), index, step.pa, write.old,
                           write.new)
    return story(change, write, step.value) + source(target.kernel()) + where()


def directory(k, which):
    """The physical address of the directory that `which` names (see pgdir_pa). Raises
    LookupError, with the way on if the process may exist later in the recording."""
    try:
        return pgdir_pa(k, which)
    except LookupError as e:
        if now() < Recording.last:
            raise LookupError(
                f"{e} at this point of the recording, after {now()} of "
                f"{Recording.last} instructions. `continue` leads to its end, `ps` lists "
                "the processes there") from e
        raise


def writer():
    """The frame of the function that wrote: the first one outside of headers, whose
    inline functions only carry the write out."""
    frame = gdb.newest_frame()
    while frame.older():
        sal = frame.find_sal()
        if not sal.symtab or not sal.symtab.filename.endswith(".h"):
            break
        frame = frame.older()
    return frame


def where():
    """The line at hand, and the functions that led to it."""
    sal = writer().find_sal()
    out = []
    if sal.symtab:
        line = f"{sal.symtab.filename}:{sal.line}"
        text = gdb.execute(f"list {line},{line}", to_string=True)
        out.append(f"{sal.symtab.filename}:{text.rstrip()}")
    return out + gdb.execute("bt 12", to_string=True).rstrip().splitlines()
