"""fork and the first writes after it, seen from outside of the machine."""
from ptcore import A, D, P, W
from scenes import CHILD, N, PARENT
from verdict import entry, expect

FORK_FRAMES = 14        # what a fork of a small process may take: see part D


def still_shared(look, name, step):
    """Fails unless the child shows the parent's frame for a page that nobody wrote to."""
    parent, child = look.page(PARENT, name), look.page(CHILD, name)
    expect(parent.frame == child.frame, f"{name} page at step {step}: parent and child "
           f"have one frame, {parent.frame:08x}", "the child has a frame of its own, " +
           f"{child.frame:08x}", "fork must not copy pages: only the page that is "
           "written to is copied, by the fault", "part A")


def test_shared_frames(scene):
    """Catches a fork that copies pages, or leaves W to one side."""
    look = scene("tree").at(2)
    for i in range(N):
        still_shared(look, f"stack {i}", 2)
        for who, name in (PARENT, "the parent"), (CHILD, "the child"):
            page = look.page(who, f"stack {i}")
            expect(page.pte & P and not page.writable, f"{name} can read stack page {i} "
                   "and not write to it", f"PDE {entry(page.pde)}; PTE "
                   f"{entry(page.pte)}", "both sides lose W, or one of them sees what "
                   "the other writes", "part A")
        refs = look.page(PARENT, f"stack {i}").refs
        expect(refs == 2, f"the frame of stack page {i} has 2 references", f"{refs}",
               "each entry that names a frame counts: entry_get", "mm/entry.h")


def test_child_write(scene):
    """Catches a write that the other process sees, or that copies more than a page."""
    before, after = scene("tree").at(2), scene("tree").at(3)
    still_shared(after, "stack 4", 3)
    was = before.page(PARENT, "stack 3")
    parent, child = (after.page(who, "stack 3") for who in (PARENT, CHILD))
    expect(child.frame != parent.frame, "the child wrote to stack page 3: it has a "
           "frame of its own", f"both have frame {parent.frame:08x}", "the frame has "
           "two references: its content must be copied", "part B")
    expect(child.bytes == b"Cddddddd" and child.writable, "the child's page is the copy, "
           "with its write in it, and W", f"{child.bytes!r}, {entry(child.pte)}",
           "copy first, then let the program write")
    expect(parent.frame == was.frame and parent.bytes == b"dddddddd", "the parent's page "
           "is as before", f"{parent.bytes!r} in frame {parent.frame:08x}", "the child "
           "wrote to the frame of both")
    expect(parent.refs == 1, "the parent's frame has one reference left",
           f"{parent.refs}", "whoever takes an entry out drops its reference")


def test_last_owner(scene):
    """Catches a copy that nobody needs, and a file that changes by a private write."""
    before, after = scene("alone").at(1), scene("alone").at(2)
    was, now = before.page(PARENT, "alone"), after.page(PARENT, "alone")
    expect(now.frame == was.frame and now.writable, f"the page keeps frame "
           f"{was.frame:08x} and gets W: nobody else has it",
           f"{entry(now.pte)}", "a frame with one reference need not be copied",
           "part B")
    was, now = before.page(PARENT, "file"), after.page(PARENT, "file")
    expect(now.frame != was.frame and after.desk.file == 0x7F, "the page of the file is "
           "copied, and the file is as before", f"{entry(now.pte)}, the file begins "
           f"with {after.desk.file:#x}", "a page with an owner is the file's own",
           "kalloc.h, struct page")


def pages_are_shared(scene):
    """Fails unless fork shares frames: by entries, or by tables."""
    look = scene("race").at(1)
    for i in range(N):
        still_shared(look, f"page {i}", 1)


def test_flush(scene):
    """Catches a parent that goes on writing by what its CPU remembers."""
    pages_are_shared(scene)
    stale = scene("race").at(2).desk.stale[0]
    expect(stale == 0, "a child never sees what its parent writes after fork",
           f"{stale} pages changed under the child", "the parent's CPU still has the "
           "translations with W: it must forget them", "part C; mm/tlb.h")


def test_tables_shared(scene):
    """Catches a fork that copies tables, or leaves W in a directory entry."""
    look = scene("tree").at(2)
    parent, child = (look.page(who, "page 0") for who in (PARENT, CHILD))
    expect(parent.table == child.table, "both directories name one table, "
           f"{parent.table:08x}", f"the child names {child.table:08x}", "table_fork "
           "still copies the table", "part D")
    for name, page in ("parent", parent), ("child", child):
        expect(page.pde & P and not page.pde & W, f"the {name}'s directory entry has no "
               "W", entry(page.pde), "one bit less there makes 1024 pages read-only",
               "mm/ptshare.h")
    expect(parent.table_refs == 2, "the table has 2 references", f"{parent.table_refs}",
           "each directory entry that names a table counts: page_get", "mm/table.h")
    counted, there = look.tables[CHILD]
    expect(counted == there, f"mm->tables of the child is {there}", f"{counted}",
           "a table that the child gets counts for it", "mm/space.h")


def test_own_table(scene):
    """Catches a change in a table that others have, and a copy that nobody needs."""
    first, third, last = (scene("tree").at(n) for n in (2, 3, 5))
    was = first.page(PARENT, "page 3").table
    expect(first.page(CHILD, "page 3").table == was, "at step 2 both have one table",
           "two tables", "table_fork still copies the table", "part D")
    parent, child = (third.page(who, "page 3") for who in (PARENT, CHILD))
    expect(child.table != was and child.pde & W, "the child wrote to page 3: it has a "
           "table of its own, with W in the directory", entry(child.pde),
           "table_own makes a copy for the space that is going to change it", "part D")
    expect(parent.table == was and parent.table_refs == 1 and
           parent.bytes == b"dddddddd", f"the parent has table {was:08x} for itself, and "
           "page 3 is as before", f"table {parent.table:08x} with {parent.table_refs} "
           f"references, {parent.bytes!r}", "the child drops its reference to the old "
           "table when its CPUs have forgotten it", "mm/ptshare.h")
    expect((third.desk.window ^ child.pte) & ~(A | D) == 0, "the child's window shows its "
           f"new table: {entry(child.pte)}", entry(third.desk.window), "the window's page "
           "of the old table must be forgotten too: table_window", "mm/ptshare.h")
    parent = last.page(PARENT, "page 5")
    expect(parent.table == was and parent.pde & W, "the parent, alone again, writes to "
           f"page 5: its table is still {was:08x}, and gets W", entry(parent.pde),
           "a table with one reference need not be copied", "part D")


def test_frames(scene):
    """Catches a fork whose cost grows with the process, and frames that are lost."""
    s = scene("tree")
    cost = s.at(1).free - s.at(2).free
    expect(cost <= FORK_FRAMES, "a fork of a process with 32 MB takes at most "
           f"{FORK_FRAMES} frames", f"{cost}", "pages or tables are copied that could be "
           "shared", "parts A and D")
    lost = s.at(1).free - s.at(6).free
    expect(lost < 12, "after 30 children all frames are back", f"{lost} are missing",
           "a reference that is never dropped: an entry was copied but not counted in "
           "its table, or a table was not put", "mm/table.h")
