"""The stopped machine, as GDB sees it: its registers, its physical memory, the layout
of its kernel. Works before paging is on as after it, as it asks QEMU's stub for
physical memory and never has an address translated.
"""
import re

import gdb
import layout
import monitor
from kernel import Kernel
from ptcore import ReadError
from viewtext import Cpu

kept = {}               # "layout": {file name: layout}; "saves": False if it cannot


def registers():
    """The control registers of the selected CPU. Raises GdbError if nothing is
    connected."""
    if gdb.selected_thread() is None:
        raise gdb.GdbError("no machine: start `make qemu-gdb` in another terminal, "
                           "then `make gdb`")
    return Cpu(*(int(gdb.parse_and_eval(f"(unsigned)${r}"))
                 for r in ("cr0", "cr2", "cr3", "cr4")))


def read_phys(pa, n):
    """n bytes of physical memory at pa. Raises ReadError."""
    if n >= monitor.MANY:
        data = read_by_file(pa, n)
        if data is not None:
            return data
    mode = "maintenance packet Qqemu.PhyMemMode:"
    if "OK" not in gdb.execute(mode + "1", to_string=True):
        return monitor.examined(ask, pa, n)
    try:
        return bytes(gdb.selected_inferior().read_memory(pa, n))
    except gdb.error as e:
        raise ReadError(f"no memory at pa {pa:#x}") from e
    finally:
        gdb.execute(mode + "0", to_string=True)


def ask(line):
    """What QEMU's monitor answers to a line."""
    return gdb.execute("monitor " + line, to_string=True)


def read_by_file(pa, n):
    """The same by way of a file that QEMU writes, unless that failed before: then
    None."""
    data = None
    if kept.get("saves", True):
        try:
            data = monitor.saved(ask, pa, n)
        except gdb.error:
            pass
    kept["saves"] = data is not None
    return data


def kernel():
    """The Kernel at this stop. Raises GdbError without symbols."""
    name = gdb.current_progspace().filename
    if name not in kept.setdefault("layout", {}):
        found = layout.of_gdb(gdb)
        if "kmap" not in found["structs"]:
            raise gdb.GdbError("no kernel symbols: `file build/kernel`")
        kept["layout"][name] = found
    return Kernel(kept["layout"][name], read_phys)


def number(text):
    """What an expression of GDB's is worth, as 32 bits; it may use the headers'
    names for numbers (PTWINDOW). Raises GdbError."""
    names = kernel().constants
    known = re.sub(r"\b[A-Z][A-Z0-9_]+\b",
                   lambda m: str(names.get(m.group(), m.group())), text)
    try:
        value = gdb.parse_and_eval(known)
        kind = value.type.strip_typedefs().code
        if kind == gdb.TYPE_CODE_ARRAY:
            value = value.address
        wide = int(value) if kind == gdb.TYPE_CODE_INT else 0
        if not -1 << 31 <= wide < 1 << 32:
            raise gdb.GdbError(f"{text} has more than 32 bits")
        return int(value.cast(gdb.lookup_type("unsigned int"))) & 0xFFFFFFFF
    except gdb.MemoryError as e:
        raise gdb.GdbError(f"{text} lies in memory that is not mapped "
                           f"{'yet: paging is off' if not registers().paging else 'here'}"
                           ) from e
    except gdb.error as e:
        raise gdb.GdbError(str(e)) from e


def directories():
    """The directories that the selected CPU works with: [(name, physical address)],
    CR3's first, then the variables `pgdir` of the functions on the stack."""
    cpu = registers()
    out = [("CR3", cpu.cr3 & ~0xFFF)] if cpu.paging else []
    try:
        frame = gdb.newest_frame()
    except gdb.error:
        return out
    for _ in range(8):
        if frame is None:
            break
        pa = pgdir_of(frame)
        if pa is not None and pa not in [p for _, p in out]:
            out.append((f"{frame.name()}'s pgdir", pa))
        frame = older(frame)
    return out


def older(frame):
    """The frame that called this one, or None."""
    try:
        return frame.older()
    except gdb.error:
        return None


def frame_value(frame, name, member):
    """A member of what a frame's pointer `name` leads to. Raises ValueError or
    gdb.error if the frame has none."""
    return int(frame.read_var(name)[member])


def pgdir_of(frame):
    """The physical address that a frame's variable pgdir leads to; None if it has
    none that is a directory's address."""
    try:
        value = frame.read_var("pgdir")
        if value.is_optimized_out:
            return None
        va = int(value) & 0xFFFFFFFF
    except (ValueError, RuntimeError, gdb.error):
        return None
    base = 0x80000000
    return va - base if va & 0xFFF == 0 and base < va < 0xFD000000 else None
