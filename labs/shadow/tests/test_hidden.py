"""Tests that students see after the deadline: limits, 4 MB pages, CR0.WP, and the truth of
the shadows of a whole machine."""
from model import (A, CR0_PG, D, DATA, ENXIO, FILL, P, PS, PT, ROOT, U, W, Object, Shadow)
from test_shadow import FRAME, VA, filled, synced, with_entry
from test_walk import PDE_AT, PTE_AT, found, tables
from verdict import entry, expect


def test_walk_nowhere(guest):
    """Catches a walk that hides that an entry lies beyond the guest's memory."""
    walks = tables(guest)
    got = walks.walk(VA, cr3=0x10000000)
    expect(got == ENXIO, "-ENXIO: CR3 leads to no memory", f"{got:#x}",
           "guest_read's result is not returned", "hv/guestwalk.h")
    walks = tables(guest, pde=0x10000000 | P | W | U)
    got = walks.walk(VA)
    expect(got == ENXIO, "-ENXIO: the PDE leads to no memory", f"{got:#x}",
           "guest_read's result is not returned", "hv/guestwalk.h")
    walks = tables(guest, pde=0x00800000 | 0x2000 | P | W | PS)
    got = walks.walk(VA)
    expect(got == ENXIO, "-ENXIO: the 4 MB page lies above 4 GB", f"{got:#x}",
           "bits 13 to 20 of a 4 MB entry are bits 32 to 39 of its address",
           "SDM vol. 3, table 4-4")


def test_used_once(guest):
    """Catches writes that the processor would not do, and an error that is lost."""
    walks = tables(guest, PT | P | W | U | A, DATA | P | W | U | A | D)
    walks.used(W, (PDE_AT, PTE_AT))
    writes = [c for c in walks.memory.calls if c[0] == "write"]
    expect(not writes, "nothing is written: the bits are set already", str(writes),
           "the guest's tables may be read-only for the monitor: write only what changes")
    walks = tables(guest)
    walks.memory.fails = True
    got = walks.used(0, (PDE_AT, PTE_AT))
    expect(got == ENXIO, "guest_write's error", f"{got:#x}", "its result is not returned",
           "hv/guestwalk.h")
    walks = tables(guest, pde=0)
    walks.used(W)
    expect(not walks.memory.word(PDE_AT) and walks.memory.word(PTE_AT) == DATA | 7,
           "nothing is written without paging", "a word changed", "there are no entries")


def test_fill_self(guest):
    """Catches a table that maps itself and stays writable."""
    s = Shadow(guest)
    s.map(VA, PT, P | W | U | A | D, FRAME)
    s.fault(VA, 6)
    seen = s.walk_shadow(VA)[1]
    expect(seen & P and not seen & W, "an entry without W: the page is the guest's table "
           "that leads to it", entry(seen), "table_for has made the page a table, after "
           "f->view was filled in: look again before W is decided", "part C")


def test_fill_seen(guest):
    """Catches an entry that the next sync takes for changed."""
    s = Shadow(guest)
    s.map(VA, DATA, P | W | U, FRAME)
    s.fault(VA, 6)
    seen, now = s.walk_shadow(VA)[2], s.memory.word(PT + 4 * 5)
    expect(seen == now, f"seen: the guest's entry as it is now, {entry(now)}",
           entry(seen), "guest_walk_used changes the guest's entry: keep f->w.entry[1] "
           "as it is after that", "hv/shadowtab.h")


def test_fill_big(guest):
    """Catches a 4 MB page whose part leads elsewhere, or whose permission is lost."""
    s = Shadow(guest)
    s.memory.set(ROOT + 4 * 3, P | W | PS)
    s.host[0x5000] = FRAME, True
    got = s.fault(VA, 2)
    expect(got == FILL, "shadow_fault returns SHADOW_FILL", f"{got:#x}",
           "fill_entry returns 0 if all went well", "hv/shadow.h")
    filled(s, VA, P | W | U, FRAME | P | W, "a shadow that stands for a 4 MB page has no "
           "table of the guest: both levels' permission (f->w.perm) is in its entries")
    expect(s.walk_shadow(VA)[2] == 0x5000, "seen: the guest-physical page, 0x5000",
           f"{s.walk_shadow(VA)[2]:#x}", "of such a shadow, seen is the page",
           "hv/shadowtab.h")


def test_fill_without_wp(guest):
    """Catches a guest's user mode that may write where only its kernel may, without
    CR0.WP."""
    s = Shadow(guest, cr0=CR0_PG)
    s.map(VA, DATA, P | U, FRAME)
    got = s.fault(VA, 2)
    expect(got == FILL, "shadow_fault returns SHADOW_FILL", f"{got:#x}",
           "fill_entry returns 0 if all went well", "hv/shadow.h")
    seen = s.walk_shadow(VA)[1]
    expect(seen & (P | W | U) == P | W, "W, and no U", entry(seen), "the kernel of the "
           "guest may write to its read-only page, its user mode may not: see "
           "supervisor_write", "hv/shadow.c")


def test_sync_empty(guest):
    """Catches shadows of pages that are tables no more: they would stay forever."""
    def clear(memory):
        for i in (5, 6):
            memory.set(PT + 4 * i, 0)
    s, _ = synced(guest, clear)
    expect(s.record(PT)["shadows"] == 0, "the shadow is freed", "it stays", "nothing is "
           "left in it, so the page is perhaps no table any more: shadow_free", "part D")


def test_cr3_without_wp(guest):
    """Catches shadows that outlive CR3 although they follow no table."""
    s = Shadow(guest, cr0=CR0_PG)
    s.map(VA, DATA, P | W | U, FRAME)
    guest.call("shadow_root", s.s.va, s.page("cr3").va)
    guest.call("shadow_load_cr3", s.s.va, ROOT, mocks=s.mocks())
    expect(s.count() == 0, "no shadows", f"{s.count()} shadows", "without CR0.WP shadows "
           "are PRIVATE: no write to the guest's tables was seen (follows)", "part D")


def test_invlpg_big(guest):
    """Catches an invlpg that forgets a part of a 4 MB page."""
    s, _ = with_entry(guest)
    other = 0x01000000
    private = Object(guest, "shadow", guest.call("shadow_make", s.s.va, 2, 0))
    guest.call("shadow_link", s.s["root"], other >> 22, private.va, W | U, P | PS)
    for i in range(2):
        guest.call("shadow_set", s.s.va, private.va, i, FRAME, i << 12)
    guest.call("shadow_invlpg", s.s.va, other, mocks=s.mocks())
    seen = s.walk_shadow(other + 0x1000)
    expect(not (seen[0] & P and seen[1] & P), "no page of the 4 MB page is left",
           entry(seen[1]), "the guest has one translation for all of it, and so one "
           "invlpg", "part D; SDM vol. 3, 4.10.2.3")


def test_invlpg_directory(guest):
    """Catches an old directory entry that leads on after invlpg."""
    s, _ = with_entry(guest)
    guest.call("shadow_unsync", s.s.va, s.record(ROOT).va)
    guest.call("shadow_invlpg", s.s.va, VA, mocks=s.mocks())
    pde = s.walk_shadow(VA)[0]
    expect(not pde & P, "the root's entry is gone: the guest may have changed its directory, "
           "which is out of sync", entry(pde), "the table behind an old entry may get new "
           "entries by other ways", "part D; SDM vol. 3, 4.10.4.1")


def test_truth(nested):
    """Catches a shadow that leads elsewhere or allows more than both sets of tables, while
    the guest forks, maps and writes."""
    m = nested.ready()
    m.machine.send("usertests 3 cow_both_ways mmap_protect mmap_private\n")
    compared, wrong = m.watch(12)
    expect(not wrong, "a shadow that is equal, or absent", "; ".join(wrong[:3]),
           "walk -g shows the three walks of an address", "docs: shadow paging")
    expect(compared > 100, "a shadow with pages", f"{compared} pages in 12 looks",
           "the guest does not run")
    m.machine.expect(r"usertests: (\d+) passed, (\d+) failed", timeout=100)
    said = m.machine.child.match.groups()
    expect(said == ("3", "0"), "3 tests pass in the guest", " ".join(said),
           "the guest's memory is not what it wrote")
