"""Tests that students see after the deadline."""
import dwarf
from guest import KERNBASE, Frame
from machine import built
from ptcore import P, W
from scenes import CHILD, GRANDCHILD, N, PARENT
from test_fork import pages_are_shared, still_shared
from verdict import entry, expect

ENOMEM = -12 & 0xFFFFFFFF
VA = 0x08000000


def test_fork_again(scene):
    """Catches copy-on-write that ends with the first fork."""
    look = scene("tree").at(4)
    pages = [look.page(who, "stack 4") for who in (PARENT, CHILD, GRANDCHILD)]
    frames = {p.frame for p in pages}
    expect(len(frames) == 1, "parent, child and grandchild have one frame for stack page "
           "4", " ".join(f"{f:08x}" for f in sorted(frames)), "the child's entries are "
           "read-only when it forks: they are shared like the others", "part A")
    expect(pages[0].refs == 3, "the frame has 3 references", f"{pages[0].refs}",
           "each entry counts")
    expect(not any(p.writable for p in pages), "no one can write to it", "; ".join(
        entry(p.pte) for p in pages), "all lose W")
    pages = [look.page(who, "stack 3") for who in (CHILD, GRANDCHILD)]
    expect(pages[0].frame == pages[1].frame and pages[0].refs == 2, "child and grandchild "
           "have the child's copy of stack page 3", "; ".join(entry(p.pte) for p in pages),
           "a page that was copied once is shared again by the next fork")


def test_shared_mapping(scene):
    """Catches a copy of a table that takes MAP_SHARED pages for private ones."""
    look = scene("tree").at(3)
    still_shared(look, "page 4", 3)
    parent, child = (look.page(who, "shared") for who in (PARENT, CHILD))
    expect(parent.frame == child.frame and child.bytes[:1] == b"C", "what the child "
           "writes to shared memory is the parent's too", f"parent {entry(parent.pte)}, "
           f"child {entry(child.pte)}", "entries of an area with AREA_SHARED stay as they "
           "are", "part A")


def test_kinds(scene):
    """Catches a copy that loses hidden pages, or gives W to what is read-only."""
    look = scene("tree").at(3)
    still_shared(look, "page 4", 3)
    parent, child = (look.page(who, "sealed") for who in (PARENT, CHILD))
    expect(child.frame == parent.frame and child.pte & P and not child.pte & W,
           "a page of PROT_READ stays read-only, in the parent's frame",
           entry(child.pte), "fork never adds a right", "part A")
    parent, child = (look.page(who, "hidden") for who in (PARENT, CHILD))
    expect(child.frame == parent.frame and look.desk.hidden == ord("h"), "a page of "
           "PROT_NONE comes along: the child finds its content after mprotect",
           f"{entry(child.pte)}, reads {look.desk.hidden:#x}", "an entry without P can "
           "hold a page too", "mm/entry.h, the kinds of entries")


def test_flush_others(scene):
    """Catches a flush on the CPU of the caller alone."""
    pages_are_shared(scene)
    stale = scene("race").at(2).desk.stale[1]
    expect(stale == 0, "a child never sees what another thread of its parent writes",
           f"in {stale} of {N} forks the page changed under the child", "the thread's CPU "
           "still writes by the old translation: all CPUs that run the parent forget "
           "before the child exists", "part C; mm/tlb.h")


class Copy:
    """table_copy, called for a space of the test's own: an area of 8 private pages, of
    which five are there."""

    def __init__(self, g):
        self.g, kernel = g, dwarf.of_kernel(built("kernel"))
        self.offset = {kind: {k: v[0] for k, v in members.items() if k != "size"}
                       for kind, members in kernel["structs"].items()
                       if kind in ("mm", "page")}
        self.page_size = kernel["structs"]["page"]["size"]
        self.parent, self.child = g.call("mm_new"), g.call("mm_new")
        area = g.call("area_new", self.parent, VA, VA + 8 * 4096, 3)
        g.call("area_insert", self.parent + self.offset["mm"]["areas"], area, 0)
        self.fill(g.call("table_make", self.parent, VA))

    def fill(self, pte):
        """Puts five pages into the table, and counts them there."""
        self.frames = [self.g.frame().pa for _ in range(5)]
        for i, pa in enumerate(self.frames):
            self.g.remote.write(pte - KERNBASE + 4 * i, (pa | 7).to_bytes(4, "little"))
        table = pte - KERNBASE & ~0xFFF
        self.g.remote.write(self.page(table, "index"), (5).to_bytes(4, "little"))

    def page(self, pa, member):
        """The physical address of a member of a frame's struct page."""
        return self.g.variable("pages") - KERNBASE + pa // 4096 * self.page_size + \
            self.offset["page"][member]

    def member(self, mm, name):
        """A member of a struct mm."""
        return self.g.word(mm + self.offset["mm"][name] - KERNBASE)

    def pde(self, mm):
        """The directory entry of VA."""
        return self.g.word(self.member(mm, "pgdir") + (VA >> 22) * 4 - KERNBASE)

    def entries(self, mm):
        """The entries of its table."""
        return Frame(self.g, self.pde(mm) & ~0xFFF).words()

    def copy(self, **mocks):
        """The result. The lock of the space is said to be held."""
        return self.g.call("table_copy", self.parent, VA, self.child,
                           mocks={"mutex_holding": lambda _: 1} | mocks)


def test_nomem(guest):
    """Catches a copy that does not ask whether there is a page for the table, or changes
    the parent although it fails."""
    c = Copy(guest)
    before = c.entries(c.parent)
    got = c.copy(kalloc=lambda _: 0, kalloc_zero=lambda _: 0)
    expect(got == ENOMEM, "table_copy returns -ENOMEM", f"{got:#x}", "kalloc_zero's "
           "result is not tested", "mm/table.h")
    expect(c.pde(c.child) == 0 and c.member(c.child, "tables") == 0 and
           c.entries(c.parent) == before, "nothing has changed", entry(c.pde(c.child)),
           "allocate first, then change", "mm/table.h")
    got = c.copy()
    expect(got == 0, "table_copy returns 0", f"{got:#x}", "there is memory now")
    for i, (was, now, new) in enumerate(zip(before, c.entries(c.parent),
                                            c.entries(c.child))):
        expect(now == new == was & ~W, f"entry {i:#x} on both sides: {entry(was & ~W)}",
               f"{entry(now)}; {entry(new)}", "private pages lose W, on both sides",
               "part A")
    refs = [guest.word(c.page(pa, "refs")) for pa in c.frames]
    expect(refs == [2] * 5, "each page has 2 references", f"{refs}", "each entry counts")
    expect(c.pde(c.child) & 0xFFF == P | W | 4 and c.member(c.child, "tables") == 1,
           "the child's directory names its new table, with P, W and U",
           entry(c.pde(c.child)), "the copy is the child's own")
