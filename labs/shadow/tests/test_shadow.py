"""hv/shadow.c: filling an entry, and what the guest says about its tables; then all of
it."""
from model import A, D, DATA, DIR, FILL, INJECT, P, PT, ROOT, TABLE, U, W, Shadow
from verdict import entry, expect

VA, FRAME = 0x00C05000, 0x00345000
NEXT = DATA + 0x1000


def filled(s, va, pde, pte, cause):
    """Fails unless the shadow's entries for va have these bits, A and D left out."""
    seen = s.walk_shadow(va)
    expect(seen[0] & (P | W | U) == pde, f"the shadow's PDE: {entry(pde)[16:]}",
           entry(seen[0]), "table_for links it, with the guest's bits", "part C")
    expect(seen[1] & ~(A | D) == pte, f"the shadow's PTE of {va:#x}: {entry(pte)}",
           entry(seen[1]), cause, "part C; hv/shadow_case.h")


def test_fill(guest):
    """Catches an entry that leads to another frame, or has bits that the guest's lacks."""
    for flags, error, want in (
            (P | W | U, 4, U), (P | W | U, 6, U | W), (P | W, 2, W), (P | U, 4, U),
            (P, 0, 0)):
        s = Shadow(guest)
        s.map(VA, DATA, flags, FRAME)
        got = s.fault(VA, error)
        expect(got == FILL, "shadow_fault returns SHADOW_FILL", f"{got:#x}",
               "fill_entry returns 0 if all went well", "hv/shadow.h")
        filled(s, VA, P | W | U, FRAME | P | want,
               f"the guest's entry has {entry(flags)[16:]}, the access is "
               f"{'a write' if error & 2 else 'a read'}: the entry leads to the host's "
               "frame (f->frame), not to the guest's page; U is the guest's; W comes "
               "with the first write")


def test_fill_used(guest):
    """Catches A or D that the guest never sees."""
    for error, bits in (4, A), (6, A | D):
        s = Shadow(guest)
        s.map(VA, DATA, P | W | U, FRAME)
        s.fault(VA, error)
        pte = s.memory.word(PT + 4 * 5)
        expect(pte == DATA | P | W | U | bits, f"the guest's PTE: "
               f"{entry(DATA | P | W | U | bits)}", entry(pte), "guest_walk_used comes "
               "first: a page must not be written to whose D is clear", "part C")


def synced(guest, change):
    """A Shadow whose table has the entries 5 and 6, after a sync that a strict guest's
    next fault brings; change(s) alters the guest's table before."""
    s = Shadow(guest, strict=1)
    s.map(VA, DATA, P | W | U | A | D)
    s.map(VA + 0x1000, NEXT, P | W | U | A | D)
    t = s.make(TABLE, PT)
    for i, pa in (5, DATA), (6, NEXT):
        guest.call("shadow_set", s.s.va, t.va, i, FRAME + 0x1000 * i | W | U,
                   pa | P | W | U | A | D)
    guest.call("shadow_unsync", s.s.va, s.record(PT).va)
    change(s.memory)
    got = s.fault(0x40000000, 4)
    expect(got == INJECT, "shadow_fault returns SHADOW_INJECT: nothing is mapped there",
           f"{got:#x}", "shadow_case, by the table in hv/shadow_case.h")
    return s, t


def test_sync_changed(guest):
    """Catches a sync that keeps what has changed, or drops what has not."""
    s, t = synced(guest, lambda m: m.set(PT + 4 * 6, 0x9000 | P | U))
    expect(s.entry(t, 6) == 0, "entry 6, which the guest has changed, is gone",
           entry(s.entry(t, 6)), "compare what the guest's table holds now with what the "
           "entry was made from (seen)", "part D")
    expect(s.entry(t, 5) & ~0xFFF == FRAME + 0x5000, "entry 5, which is as before, stays",
           entry(s.entry(t, 5)), "only changed entries go: the others need no new fault",
           "part D")
    record = s.record(PT)
    expect(record["unsynced"] == 0 and record["shadows"] == t.va,
           "the table is in sync again, and keeps its shadow", f"unsynced "
           f"{record['unsynced']}, shadow {record['shadows']:#x}", "a shadow with entries "
           "left is still of use")


def test_cr3(guest):
    """Catches a load of CR3 that keeps old translations, or does not sync."""
    s = Shadow(guest)
    record = s.record(PT)
    record["unsynced"] = 1
    s.s["unsynced"] = record.va
    s.s["root"], s.s["fresh"] = s.make(DIR, ROOT).va, 0
    guest.call("shadow_load_cr3", s.s.va, 0x7018, mocks=s.mocks())
    expect(record["unsynced"] == 0 and s.s["unsynced"] == 0, "no table is out of sync",
           "one still is", "a load of CR3 is the guest's word that its changes must be "
           "seen: sync", "part D")
    expect(s.s["root"] == 0, "root is NULL: shadow_root finds the new one",
           f"{s.s['root']:#x}", "the processor would walk the old directory's shadow")
    expect(s.rules["cr3"] == 0x7018, "the guest's CR3 is 0x7018",
           f"{s.rules['cr3']:#x}", "the guest reads back what it wrote, flags too")
    expect(s.s["fresh"] == 1, "fresh is set", "it is not", "the TLB must forget the old "
           "directory's translations before the guest runs on", "hv/shadowtab.h")


def with_entry(guest):
    """A Shadow with a root, a table, and an entry for VA; the table."""
    s = Shadow(guest)
    s.map(VA, DATA, P | W | U | A | D)
    guest.call("shadow_root", s.s.va, s.page("cr3").va)
    t = s.make(TABLE, PT)
    guest.call("shadow_link", s.s["root"], VA >> 22, t.va, W | U, s.memory.word(ROOT + 12))
    guest.call("shadow_set", s.s.va, t.va, 5, FRAME | U, s.memory.word(PT + 20))
    s.s["fresh"] = 0
    return s, t


def test_invlpg(guest):
    """Catches an invlpg that forgets nothing, or fails where nothing is."""
    s, t = with_entry(guest)
    guest.call("shadow_invlpg", s.s.va, VA + 0x123, mocks=s.mocks())
    expect(s.entry(t, 5) == 0, "the entry of the address is gone", entry(s.entry(t, 5)),
           "shadow_child finds the table, shadow_clear empties an entry", "part D")
    expect(s.s["fresh"] == 1, "fresh is set", "it is not", "shadow_clear says so")
    guest.call("shadow_invlpg", s.s.va, 0x40000000, mocks=s.mocks())
    s.s["root"] = 0
    guest.call("shadow_invlpg", s.s.va, VA, mocks=s.mocks())


def test_boot(nested):
    """Catches anything that keeps cr3 from booting in cr3."""
    m = nested.ready()
    said = m.machine.run("echo one two | wc").split()
    expect(said == ["1", "2", "8"], "the guest runs programs", " ".join(said),
           "the guest's shell is at its prompt, but a program fails")
