"""The answers to the questions, as they are on the student's own machine: each function
takes a Scene of `forklab tree`."""
from ptcore import NAMES
from scenes import CHILD, PARENT, Scene


def start():
    """The run that the questions are about."""
    return Scene("tree")


def flags(value):
    """The flags of an entry, A and D left out."""
    return {name for bit, name in NAMES if value & bit} - {"A", "D"}


def page_refs(s):
    """The references of the frame of page 0, at step 2."""
    return s.at(2).page(PARENT, "page 0").refs


def table_refs(s):
    """Those of its table, at step 2."""
    return s.at(2).page(PARENT, "page 0").table_refs


def directory_flags(s):
    """The flags of the child's directory entry for page 0, at step 2."""
    return flags(s.at(2).page(CHILD, "page 0").pde)


def entry_flags(s):
    """The flags of the entry itself, at step 2."""
    return flags(s.at(2).page(CHILD, "page 0").pte)


def tables(s):
    """How many tables the parent's user half has, at step 1."""
    return s.at(1).tables[PARENT][1]


def window(_):
    """The address at which a process sees its entry for 0x68003000."""
    return 0xFDC00000 + 0x68003 * 4
