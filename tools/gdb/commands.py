"""The views as GDB commands: pt, walk, ptdiff, kmap, areas, ps, frame.

Each command reads the machine, prints, and changes nothing. If there is nothing to show,
it says why in one line.
"""
import functools

import diffview
import gdb
import guestview
import objectview
import ptcore
import target
import views
import walkview
from ptcore import ReadError


def command(name, kind=gdb.COMMAND_DATA):
    """Makes a function (list of arguments) -> lines a GDB command of that name, with
    its docstring as help."""
    def make(function):
        @functools.wraps(function)
        def invoke(_, argument, from_tty):
            try:
                for line in function(gdb.string_to_argv(argument)):
                    print(line)
            except (ReadError, LookupError, gdb.error) as e:
                raise gdb.GdbError(f"{name}: {e}") from e
        made = type(name, (gdb.Command,), {"__doc__": getattr(function, "__doc__", None),
                                           "invoke": invoke})
        made(name, kind)
        return function
    return make


def one(args, what):
    """The only argument, or None. Raises GdbError if there are more."""
    if len(args) > 1:
        raise gdb.GdbError(f"one argument at most: {what} (no spaces in it)")
    return args[0] if args else None


def pgdir_pa(k, which):
    """The physical address of a directory. which: the number of a process, or the
    directory's address, physical or the kernel's. Raises LookupError."""
    return views.pgdir_pa(k, target.number(which), which)


def no_options(args, usage):
    """Raises GdbError if an argument looks like an unknown option."""
    if any(a[:1] == "-" and a[1:2].isalpha() for a in args):
        raise gdb.GdbError(f"usage: {usage}")


@command("pt")
def cmd_pt(args):
    """pt [PID | -d DIRECTORY | -g [PID]]: page tables, folded into ranges.
Without arguments: the directory in CR3. PID: that process's. -d: the directory at this
address (kpgdir, entrypgdir, a pgdir in your frame, or a physical address). -g: the
shadow of a guest (docs/shadow-paging.md), PID's or the only one: guest-virtual,
guest-physical and host-physical addresses.

A line PDE[...] stands above the ranges that come from these directory entries: their
flags, the tables they name, and whose other directories have the same tables. In a
range's line: virtual and physical addresses, pages of 4 KB, what both levels together
permit, the flags of its PTEs (A:5 means that the MMU has set A in five of them), and
the row of kmap[] or the area it belongs to."""
    k, cpu = target.kernel(), target.registers()
    if args[:1] == ["-d"] and len(args) == 2:
        return views.pt(k, pgdir_pa(k, args[1]))
    if args[:1] == ["-g"]:
        pid = one(args[1:], "PID")
        return guestview.pt_lines(k, pid and target.number(pid))
    no_options(args, "pt [PID | -d DIRECTORY | -g [PID]]")
    pid = one(args, "PID")
    if pid is not None:
        return views.pt(k, pgdir_pa(k, pid))
    if not cpu.paging:
        return ["paging is off (CR0.PG is 0): every address is physical. "
                "`pt -d entrypgdir` shows the directory that entry.S is going to load."]
    others = [f"{name} is another directory: `pt -d {pa:#x}` shows it"
              for name, pa in target.directories()[1:]]
    return views.pt(k, cpu.cr3, cpu.pse) + others


@command("walk")
def cmd_walk(args):
    """walk [-p | -g] [VA [PID | DIRECTORY]]: how the MMU translates VA.
Shows each entry with its address and value, what both levels permit, or at which step
an access faults and with which error code. Without VA: the address of the last page
fault, CR2. With PID, or with a directory's address: through that directory instead of
CR3's. Leaves the physical address in $pa (`frame $pa`) and a pointer to the last entry
in $pte (`print/x *$pte`).

walk -p VA shows who translates the kernel's own access to a page table. It prints where
C finds the entry of VA, P2V(table) + 4 * PTX, and walks to that address through the CR3
that is loaded, which may be the CR3 of another process.

walk -g VA [PID] shows the three walks of a guest's address: by its own tables, by its
monitor's, and by the shadow, which is what the processor walks."""
    if args[:1] == ["-g"] and len(args) in (2, 3):
        pid = target.number(args[2]) if args[2:] else None
        return guestview.walk_lines(target.kernel(), target.number(args[1]), pid)
    entry = args[:1] == ["-p"]
    args = args[1:] if entry else args
    usage = "walk [-p | -g] [VA [PID | DIRECTORY]]"
    no_options(args, usage)
    if len(args) > 2:
        raise gdb.GdbError(f"usage: {usage} (no spaces in VA)")
    k, cpu = target.kernel(), target.registers()
    va = target.number(args[0]) if args else cpu.cr2
    cr3 = pgdir_pa(k, args[1]) if len(args) == 2 else None
    keep(k, cpu, va, cr3)
    if entry:
        return walkview.entry_lines(k, cpu, va, cr3)
    out = walkview.walk_lines(k, cpu, va, cr3)
    error = fault_error() if not args else None
    if not args:
        out.insert(0, f"CR2 {va:#x}: the address of the last page fault"
                   f"{'' if va else ', or there was none yet'}")
    if error is not None and cpu.paging:
        w = ptcore.walk(k.read, cpu.cr3, va, cpu.pse)
        out.append(walkview.judged(w, cpu, error))
    return out


def keep(k, cpu, va, cr3):
    """Sets $pa and $pte to what a walk finds; without paging there is nothing."""
    if not cpu.paging and cr3 is None:
        return
    w = ptcore.walk(k.read, cpu.cr3 if cr3 is None else cr3, va,
                    cpu.pse or not cpu.paging)
    gdb.set_convenience_variable("pa", w.pa)
    kind = gdb.lookup_type("pte_t").pointer()
    gdb.set_convenience_variable("pte", gdb.Value(w.steps[-1].pa + k.base).cast(kind))


def fault_error():
    """The error code of the page fault whose trapframe is on the stack; None if
    there is none."""
    frame = gdb.newest_frame()
    for _ in range(12):
        if frame is None:
            return None
        try:
            if target.frame_value(frame, "tf", "trapno") == 14:
                return target.frame_value(frame, "tf", "err")
        except (ValueError, gdb.error):
            pass
        frame = target.older(frame)
    return None


@command("kmap")
def cmd_kmap(args):
    """kmap [DIRECTORY]: the rows of kmap[] against what is installed.
DIRECTORY is an address. Without it: the directory that a function on the stack builds,
else kpgdir, else the directory in CR3."""
    k, cpu = target.kernel(), target.registers()
    where = one(args, "DIRECTORY")
    if where is not None:
        return views.kmap(k, pgdir_pa(k, where))
    built = [pa for _, pa in target.directories()[1:]]
    if built:
        return views.kmap(k, built[0])
    if k.variable("kpgdir"):
        return views.kmap(k, k.pa(k.variable("kpgdir")))
    if not cpu.paging:
        raise gdb.GdbError("kmap: paging is off, no directory is loaded; "
                           "`kmap entrypgdir` shows the one that entry.S is going to load")
    return views.kmap(k, cpu.cr3)


@command("ps")
def cmd_ps(args):
    """ps: the processes. * marks the one whose directory is in CR3."""
    return objectview.ps(target.kernel(), target.registers())


@command("areas")
def cmd_areas(args):
    """areas [PID]: what belongs at which address of a process (mm/area.h).
Without PID: the process whose directory is in CR3."""
    k, pid = target.kernel(), one(args, "PID")
    p = k.owner(target.registers().cr3) if pid is None else \
        k.find(target.number(pid))
    if p is None:
        raise LookupError("CR3 holds no process's directory; give a PID")
    if not p.mm:
        raise LookupError(f"process {p.pid} is a zombie and has no areas any more")
    return objectview.areas(k, p)


# ---- frame -----------------------------------------------------------------------
class Frame(gdb.Command):
    """frame [N | ...]: GDB's own: select and print a stack frame.
frame PA: the frame of memory at a physical address of 0x1000 or more: what it is,
who maps it, and its reference count. A kernel address stands for the physical one
that it leads to: `frame kpgdir`."""

    def __init__(self):
        super().__init__("frame", gdb.COMMAND_STACK)

    def invoke(self, argument, from_tty):
        args = gdb.string_to_argv(argument)
        if args[:1] == ["apply"]:
            frame_apply(args[1:])
            return
        if len(args) == 1 and target.number(args[0]) >= ptcore.PGSIZE:
            try:
                for line in objectview.frame(target.kernel(),
                                             target.number(args[0])):
                    print(line)
            except (ReadError, LookupError) as e:
                raise gdb.GdbError(f"frame: {e}") from e
            return
        try:
            if argument:
                gdb.execute("select-frame " + argument)
            gdb.execute("up 0", from_tty)
        except gdb.error as e:
            raise gdb.GdbError(str(e)) from e


def frame_apply(args):
    """GDB's `frame apply all | COUNT [-q -c -s] COMMAND`, because the new frame command
    replaces it: applies COMMAND to the innermost COUNT frames, and prints errors."""
    count = 1 << 20 if args[:1] == ["all"] else target.number(args[0]) if args else 0
    rest = [a for a in args[1:] if a not in ("-q", "-c", "-s")]
    at, selected = gdb.newest_frame(), gdb.selected_frame()
    while at is not None and count > 0:
        at.select()
        gdb.execute("up 0")
        try:
            gdb.execute(" ".join(rest))
        except gdb.error as e:
            print(e)
        at, count = target.older(at), count - 1
    selected.select()


Frame()


# ---- ptdiff ----------------------------------------------------------------------
class Memory:
    """The directories at the last stop, and at the one before it.

    now, before: {physical address: (name, Space)}; loud: print at every stop."""
    now, before, loud = {}, {}, False


def look():
    """{physical address: (name, Space)} of the directories in use here."""
    try:
        k, cpu = target.kernel(), target.registers()
    except gdb.GdbError:
        return {}
    out = {}
    for name, pa in target.directories():
        try:
            out[pa] = (name, k.space(pa, cpu.pse))
        except ReadError:
            continue
    return out


def changes():
    """What differs between the last stop and the one before it, as lines."""
    out = []
    for pa, (name, space) in Memory.now.items():
        if pa in Memory.before:
            out += diffview.diff_lines(name, Memory.before[pa][1], space)
    return out


def on_stop(event):
    """After every stop: look, keep, and print if `ptdiff on`."""
    try:
        seen = look()
    except (ReadError, gdb.error):
        return
    # A directory that was not in use at the last stop is compared with the last
    # time that it was.
    Memory.before.update(Memory.now)
    Memory.now = seen
    if Memory.loud:
        for line in changes():
            print(line)


@command("ptdiff")
def cmd_ptdiff(args):
    """ptdiff [on | off]: which entries changed since the last stop.
Compares two stops: the directory in CR3, and each directory that a function on the stack
has in a variable `pgdir`. on: prints the changes after every stop, so that `next` in
mappages shows the new entry."""
    which = one(args, "on or off")
    if which in ("on", "off"):
        Memory.loud = which == "on"
        return [f"ptdiff is {which}"]
    if which is not None:
        raise gdb.GdbError("ptdiff [on | off]")
    target.registers()
    return changes() or ["nothing changed since the last stop"]


gdb.events.stop.connect(on_stop)
