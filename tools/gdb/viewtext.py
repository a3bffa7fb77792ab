"""What all views share: registers, and addresses and sizes as text."""
from collections import namedtuple

CR0_WP, CR0_PG = 1 << 16, 1 << 31
CR4_PSE, CR4_SMEP, CR4_SMAP = 1 << 4, 1 << 20, 1 << 21


class Cpu(namedtuple("Cpu", "cr0 cr2 cr3 cr4")):
    """The control registers of one CPU."""

    @property
    def paging(self):
        """Does the MMU translate?"""
        return bool(self.cr0 & CR0_PG)

    @property
    def pse(self):
        """May a directory entry map 4 MB?"""
        return bool(self.cr4 & CR4_PSE)

    @property
    def wp(self):
        """Do read-only pages bind the kernel too?"""
        return bool(self.cr0 & CR0_WP)


def hex8(n):
    """An address, eight digits."""
    return f"{n & 0xFFFFFFFF:08x}"


def span(start, end):
    """A range of addresses, its last byte included."""
    return f"{hex8(start)}-{hex8(end - 1)}"


def swapped(k, entry):
    """Does an entry whose P is clear hold the number of a slot of swap?"""
    return bool(entry & k.constants["PTE_SWAPPED"])


def kept_where(k, entry, pages=1):
    """What entries with P clear keep, from this one on: "slots 3-5", or the frames."""
    slot = entry >> 12
    if not swapped(k, entry):
        return span(entry & ~0xFFF, (entry & ~0xFFF) + pages * 4096)
    return f"slot {slot}" if pages == 1 else f"slots {slot}-{slot + pages - 1}"


def size_text(n):
    """Bytes, for people."""
    return f"{n >> 20} MB" if n >= 1 << 20 and n & 0xFFFFF == 0 else \
        f"{n / (1 << 20):.1f} MB" if n >= 1 << 20 else f"{n >> 10} KB"


def counted(n, noun):
    """"1 table", "2 tables", "2 directories"."""
    many = noun[:-1] + "ies" if noun.endswith("y") else noun + "s"
    return f"{n} {noun if n == 1 else many}"
