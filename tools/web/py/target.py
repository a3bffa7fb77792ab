"""The stopped machine in the page, as tools/gdb/target.py is the one in GDB: the same
functions, so that commands.py need not know which it has."""
import gdb
import page
from kernel import Kernel
from ptcore import ReadError
from viewtext import Cpu

MEMORY = "/memory"      # the file through which the page hands over bytes
layout = {}             # of the kernel that runs, set by the page


def word(n):
    """A number of the page's as 32 bits without a sign: MicroPython takes what has bit
    31 set for a negative number."""
    return int(n) & 0xFFFFFFFF


def registers():
    """The control registers."""
    return Cpu(*(word(page.control(n)) for n in (0, 2, 3, 4)))


def read_phys(pa, n):
    """n bytes of physical memory at pa. Raises ReadError."""
    if not page.read(pa, n):
        raise ReadError("no memory at pa " + hex(pa))
    with open(MEMORY, "rb") as f:
        return f.read()


def kernel():
    """The Kernel at this stop."""
    return Kernel(layout, read_phys)


def number(text):
    """What an expression is worth, as 32 bits. Raises gdb.error."""
    value = page.number(text)
    if isinstance(value, str):
        raise gdb.error(value)
    return word(value)


def directories():
    """The directories that the CPU works with: [(name, physical address)], CR3's first,
    then those that functions on the stack have in hand as `pgdir`."""
    cpu = registers()
    out = [("CR3", cpu.cr3 & ~0xFFF)] if cpu.paging else []
    frame = gdb.newest_frame()
    for _ in range(8):
        if frame is None:
            break
        pa = pgdir_of(frame)
        if pa is not None and pa not in [p for _, p in out]:
            out.append((frame.name() + "'s pgdir", pa))
        frame = frame.older()
    return out


def older(frame):
    """The frame that called this one, or None."""
    return frame.older()


def frame_value(frame, name, member):
    """A member of what a frame's pointer `name` leads to. Raises ValueError if the
    frame has none."""
    value = frame.variable(name + "->" + member)
    if value is None:
        raise ValueError(name)
    return word(value)


def pgdir_of(frame):
    """The physical address that a frame's variable pgdir leads to; None if it has
    none that is a directory's address."""
    va = frame.variable("pgdir")
    base = 0x80000000
    va = None if va is None else word(va)
    return va - base if va is not None and va & 0xFFF == 0 and \
        base < va < 0xFD000000 else None
