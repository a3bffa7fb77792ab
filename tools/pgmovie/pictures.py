"""The pictures that have a name: which moment of the film each of them shows.

Docs, slides and handouts link to these names, so they stay, also where the film gets
more steps or its chapters change.
"""
from collections import namedtuple

# name    of the file, without .svg
# title   what it shows, in a few words
# part    the chapter;  says: words in the step's sentence;  nth: which of them
# entry   the directory's entry whose table is to be shown, or None: the step's own
# words   for what no step is about: the sentence, and with it
# code    (function, text of the line);  only the tables are the step's then
Picture = namedtuple("Picture", "name title part says nth entry words code",
                     defaults=(0, None, None, None))

PICTURES = [
    Picture("01-entrypgdir", "two entries of 4 MB, before paging is on",
            "entry", "Paging is off"),
    Picture("02-paging-on", "paging is on, the code still runs low",
            "entry", "CR0.PG is set"),
    Picture("03-double-mapping", "the same 4 MB at two addresses",
            "entry", "The jump leads to KERNBASE"),
    Picture("04-empty-directory", "kvmalloc begins with an empty directory",
            "kvmalloc", "nothing is present"),
    Picture("05-first-table", "walkpgdir hangs in the first table",
            "kvmalloc", "There is no table for 80000000"),
    Picture("06-first-entry", "mappages writes the first entry",
            "kvmalloc", "writes the entry of 80000000"),
    Picture("07-first-row", "the first row of kmap, the low megabyte",
            "kvmalloc", "mappages goes on"),
    Picture("08-kernel-text", "the kernel's text, read-only",
            "kvmalloc", "mappages goes on", 1),
    Picture("09-second-table", "the first table is full: a second one",
            "kvmalloc", "There is no table for 80400000"),
    Picture("10-kpgdir", "the kernel's own directory is whole",
            "kvmalloc", "CR3 is loaded", 0, 0x200),
    Picture("11-kernel-stack", "a kernel stack above its guard page",
            "first process", "kstack_map"),
    Picture("12-new-directory", "a new directory shares the kernel's tables",
            "first process", "pgdir_new takes"),
    Picture("13-recursive-window", "the directory as one of its own tables",
            "first process", "Only a part of the page", 0, 0x3F7,
            "Entry 0x3f7 names the directory itself: seen through it, the directory is "
            "a table, and all tables lie in 4 MB, page by page.",
            ("pgdir_new", "PDX(PTWINDOW)")),
    Picture("14-other-cr3", "a fault served for a directory that is not in CR3",
            "exec", "exec writes the arguments"),
    Picture("15-commit", "exec: CR3 gets the new directory",
            "exec", "The commit"),
    Picture("16-text-fault", "the first instruction faults",
            "on demand", "no page is present there"),
    Picture("17-text-table", "a table for the text",
            "on demand", "There is no table"),
    Picture("18-text-mapped", "the file's page itself, read-only",
            "on demand", "that very page"),
    Picture("19-stack-fault", "a write below the stack",
            "on demand", "story writes to 7ff"),
    Picture("20-stack-grown", "the stack's new page",
            "on demand", "The area holds zeros here"),
    Picture("21-fork-directory", "fork: the child's directory",
            "fork", "pgdir_new takes"),
    Picture("22-fork-text", "fork: the child names the parent's table",
            "fork", "The table with the text"),
    Picture("23-fork-data", "fork: both lose the right to write",
            "fork", "The table with the stack"),
    Picture("24-cow-fault", "the child writes to a shared page",
            "copy-on-write", "child writes to 0000"),
    Picture("25-cow-copy", "the child has a copy of its own",
            "copy-on-write", "gets a copy", -1),
    Picture("26-last-owner-fault", "the parent writes when the child is gone",
            "last owner", "story writes to 0000"),
    Picture("27-last-owner", "the last owner gets W back, nothing is copied",
            "last owner", "nothing is copied"),
    Picture("28-exit", "exit lets go of the tables",
            "exit", "the table of story's text"),
    Picture("29-end", "what remains is the kernel's directory",
            "exit", "is gone", 0, 0x200),
]

# Those of the film of a guest (guest.py).
GUEST = [
    Picture("guest-1-no-paging", "a guest without paging has a shadow, too",
            "before paging", "paging is off"),
    Picture("guest-2-big-page", "a 4 MB page of the guest, shadowed page by page",
            "entrypgdir", "two pages of 4 MB"),
    Picture("guest-3-own-tables", "the guest's tables, in the guest's memory",
            "kpgdir", "This is no load of CR3"),
    Picture("guest-4-hidden-fault", "a hidden fault fills the shadow",
            "kpgdir", "A new shadow"),
    Picture("guest-5-monitor", "the guest's memory is an area of the monitor",
            "kpgdir", "an area of the monitor"),
    Picture("guest-6-table-write", "a store to a table: out of sync",
            "out of sync", "its own tables"),
    Picture("guest-7-synced", "a load of CR3: in sync again",
            "out of sync", "The guest loads CR3"),
    Picture("guest-8-true-fault", "a fault that is the guest's own",
            "whose fault", "the host hands it on"),
    Picture("guest-9-sharing", "two directories share the shadow of a table",
            "sharing", "So do the shadows"),
]


def of(film):
    """The pictures of a film."""
    return GUEST if "guest" in film["about"] else PICTURES


def pattern(film):
    """What the names of a film's pictures look like."""
    return r"guest-\d+-[\w-]+\.svg" if "guest" in film["about"] else \
        r"\d+-[\w-]+\.svg"


def choose(film):
    """{number of a step: [its pictures]}. Raises LookupError if the film lacks one."""
    out, steps = {}, film["steps"]
    for p in of(film):
        hits = [i for i, s in enumerate(steps)
                if s["part"] == p.part and p.says in s["text"]]
        if not hits[p.nth:] and not (p.nth < 0 and hits):
            raise LookupError(f"the film has no step for {p.name}: '{p.says}' in the "
                              f"chapter {p.part}")
        out.setdefault(hits[p.nth], []).append(p)
    return out


def find(film, name, words):
    """(index in code, line number) of the line of function `name` with these words.
    Raises LookupError if there is none."""
    for index, code in enumerate(film["code"]):
        for i, line in enumerate(code["lines"] if code["name"] == name else []):
            if words in line:
                return index, code["first"] + i
    raise LookupError(f"{name} has no line with '{words}'")
