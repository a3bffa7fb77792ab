"""The answers to the questions, as they are on the student's own machine.

Each function takes a Booted machine (224 MB, 2 CPUs) and returns what its question's
type asks for: an int for addresses and counts, a set of names for flags.
"""
from ptcore import NAMES, P

KERNBASE, PTWINDOW = 0x80000000, 0xFDC00000


def cr3(m):
    """The physical address of kpgdir."""
    return m.kernel().cr3


def kernel_tables(m):
    """How many tables the kernel's half has."""
    return sum(1 for e in m.kernel().dir[KERNBASE >> 22:] if e & P)


def saved_bytes(m):
    """What a process saves by sharing them: bytes."""
    return kernel_tables(m) * 4096


def text_flags(m):
    """The flags of the entry that maps walkpgdir's code, A and D left out."""
    pte = m.kernel().pte(m.names["walkpgdir"])
    return {name for bit, name in NAMES if pte & bit} - {"A", "D"}


def pte_address(m):
    """The physical address of the entry that maps the variable phystop."""
    va = m.names["phystop"]
    return m.kernel().entry_pa(va >> 22, va >> 12 & 0x3FF)


def window_entry(m):
    """The address at which a process reads its own entry for 0x1000."""
    return PTWINDOW + 4 * 1
