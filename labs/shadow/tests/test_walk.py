"""The guest's walk: guest_walk and guest_walk_used, each alone."""
from model import A, CR0_PG, CR0_WP, CR4_PSE, D, DATA, P, PS, PT, ROOT, U, W, Walks
from verdict import entry, expect

VA = 0x00C05123
PDE_AT, PTE_AT = ROOT + 4 * 3, PT + 4 * 5


def tables(guest, pde=PT | P | W | U, pte=DATA | P | W | U):
    """Walks with entries for VA."""
    walks = Walks(guest)
    walks.memory.set(PDE_AT, pde)
    walks.memory.set(PTE_AT, pte)
    return walks


def found(walks, member, want, cause):
    """Fails unless the last walk found that."""
    seen = walks.w[member]
    name = member if isinstance(member, str) else f"{member[0]}[{member[1]}]"
    expect(seen == want, f"w->{name} is {want:#x}", f"{seen:#x}", cause,
           "hv/guestwalk.h, struct walk")


def test_walk_mapped(guest):
    """Catches a walk that takes a wrong entry, or the permissions of one level only."""
    for pde, pte in (W | U, W | U), (W | U, 0), (U, W | U), (W, U), (0, 0):
        walks = tables(guest, PT | P | A | pde, DATA | P | A | D | pte)
        got = walks.walk(VA)
        expect(got == 0, "guest_walk returns 0", f"{got:#x}", "nothing failed here",
               "hv/guestwalk.h")
        found(walks, ("pa", 0), PDE_AT, "the directory's entry stands at CR3 + 4 * PDX")
        found(walks, ("pa", 1), PTE_AT, "the table's entry stands at the table that the "
              "PDE names, + 4 * PTX; the flags of the PDE are no part of the address")
        found(walks, ("entry", 1), DATA | P | A | D | pte, "the table's entry")
        found(walks, "mapped", 1, "both entries are present")
        found(walks, "big", 0, "PS is clear")
        found(walks, "perm", pde & pte & (W | U), "both levels must have a permission")
        found(walks, "frame", DATA, "the frame is the entry without its flags")


def test_walk_big(guest):
    """Catches a walk that takes a 4 MB page for a table, or the reverse, or splits its
    address wrongly."""
    big = 0x00800000 | P | W | PS
    walks = tables(guest, big)
    walks.walk(VA)
    found(walks, "big", 1, "PS is set in the PDE, and PSE in CR4")
    found(walks, "frame", 0x00805000, "22 bits of the address are the offset in a 4 MB "
          "page; the frame that is meant is the 4 KB page around it")
    found(walks, ("entry", 1), big, "entry[1] is entry[0] for a 4 MB page")
    found(walks, "perm", W, "the one entry decides")
    walks = tables(guest, PT | P | W | PS)
    walks.walk(VA, cr4=0)
    found(walks, "big", 0, "without CR4.PSE the processor ignores PS")
    found(walks, "frame", DATA, "the PDE names a table then")


def test_walk_access(guest):
    """Catches a walk that forgets U, W, or CR0.WP."""
    for perm in (0, W, U, W | U):
        for access in (0, W, U, W | U):
            for wp in (0, CR0_WP):
                walks = tables(guest, pte=DATA | P | perm)
                walks.walk(VA, access, cr0=CR0_PG | wp)
                user, write = access & U, access & W
                want = perm & U and (perm & W or not write) if user else \
                    not write or perm & W or not wp
                found(walks, "allowed", int(bool(want)), f"{'user' if user else 'kernel'}"
                      f" mode {'writes' if write else 'reads'}, CR0.WP is "
                      f"{int(bool(wp))}, the entries have {entry(perm)[16:]}")


def test_walk_absent(guest):
    """Catches a walk that goes on below an entry that is absent, or without paging."""
    walks = tables(guest, pde=PT | W | U)
    walks.walk(VA)
    found(walks, "mapped", 0, "the PDE lacks P")
    found(walks, "allowed", 0, "nothing is allowed where nothing is mapped")
    walks = tables(guest, pte=DATA | W | U)
    walks.walk(VA)
    found(walks, "mapped", 0, "the PTE lacks P")
    walks = tables(guest, pde=0)
    walks.walk(VA, W | U, cr0=0)
    found(walks, "mapped", 1, "without CR0.PG every address is mapped")
    found(walks, "allowed", 1, "... and all is allowed")
    found(walks, "frame", VA & ~0xFFF, "... and every address is its own frame")


def test_used(guest):
    """Catches A or D that is missing, or set where the processor would not."""
    for access, bits in (0, A), (U, A), (W, A | D), (W | U, A | D):
        walks = tables(guest)
        got = walks.used(access, (PDE_AT, PTE_AT))
        expect(got == 0, "guest_walk_used returns 0", f"{got:#x}", "nothing failed here")
        pde, pte = walks.memory.word(PDE_AT), walks.memory.word(PTE_AT)
        expect(pde == PT | P | W | U | A, f"the PDE: {entry(PT | P | W | U | A)}",
               entry(pde), "a walk sets A in each entry that it uses; D belongs to the "
               "entry that names the page", "hv/guestwalk.h; SDM vol. 3, 4.8")
        expect(pte == DATA | P | W | U | bits, f"the PTE: {entry(DATA | P | 6 | bits)}",
               entry(pte), "a write sets D, too", "hv/guestwalk.h; SDM vol. 3, 4.8")
        found(walks, ("entry", 1), pte, "w->entry holds the new values")
    walks = tables(guest, 0x00800000 | P | W | PS)
    walks.used(W, (PDE_AT,), big=1)
    pde = walks.memory.word(PDE_AT)
    expect(pde & (A | D) == A | D, "A and D in the entry of the 4 MB page", entry(pde),
           "the PDE names the page here")
    expect(walks.memory.word(PTE_AT) == DATA | P | W | U, "no other word changes",
           entry(walks.memory.word(PTE_AT)), "there is no level 1 in a 4 MB page")
