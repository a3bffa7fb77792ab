"""The answers to the questions, as they are on the student's own machine: each function
takes a Nested machine at its guest's prompt."""
import guestview
import sources
from kernel import Kernel
from model import layout
from nested import Nested
from ptcore import NAMES

TEXT = 0x80100000       # the first page of the guest kernel's code


def start():
    """The machine that the questions are about: 64 MB for the guest."""
    return Nested()


def of_guest(m, ask):
    """What ask(Guest) finds at this moment."""
    with sources.Qmp(m.path) as source:
        m.ready()
        return ask(guestview.find(Kernel(layout(), source.read)))


def guest_physical(m):
    """The guest-physical address of the guest kernel's first instruction."""
    return of_guest(m, lambda g: g.walk(TEXT).pa)


def monitor_address(m):
    """The monitor's address of the guest's memory."""
    return of_guest(m, lambda g: g.base)


def shadow_flags(m):
    """The flags of the shadow's entry for TEXT."""
    return of_guest(m, lambda g: {name for bit, name in NAMES
                                  if g.shadow_walk(TEXT).steps[-1].value & bit})


def shadows_max(m):
    """The most shadows that the guest may have."""
    return of_guest(m, lambda g: g.k.get("shadow_space", g.space, "max"))


def error_code(_):
    """P, W and U: the page is present, the access a write, by user mode."""
    return 7
