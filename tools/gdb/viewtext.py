"""What all views share: registers, and addresses and sizes as text."""
from collections import namedtuple

CR0_WP, CR0_PG = 1 << 16, 1 << 31
CR4_PSE, CR4_SMEP, CR4_SMAP = 1 << 4, 1 << 20, 1 << 21
Cpu = namedtuple("Cpu", "cr0 cr2 cr3 cr4")
Cpu.paging = property(lambda c: bool(c.cr0 & CR0_PG))
Cpu.pse = property(lambda c: bool(c.cr4 & CR4_PSE))
Cpu.wp = property(lambda c: bool(c.cr0 & CR0_WP))


def hex8(n):
    """An address, eight digits."""
    return f"{n & 0xFFFFFFFF:08x}"


def span(start, end):
    """A range of addresses, its last byte included."""
    return f"{hex8(start)}-{hex8(end - 1)}"


def size_text(n):
    """Bytes, for people."""
    return f"{n >> 20} MB" if n >= 1 << 20 and n & 0xFFFFF == 0 else \
        f"{n / (1 << 20):.1f} MB" if n >= 1 << 20 else f"{n >> 10} KB"


def counted(n, noun):
    """"1 table", "2 tables", "2 directories"."""
    many = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{n} {noun if n == 1 else many}"
