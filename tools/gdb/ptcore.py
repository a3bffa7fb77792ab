"""i386 page tables, decoded: no debugger, no kernel, only a function that reads.

Everything here takes `read(pa, n) -> bytes`: n bytes of physical memory at pa. It
raises ReadError where there is none. So the same code serves GDB, a terminal
viewer, a memory dump and tests.

    Space   a directory with all its tables, read at once
    fold    a Space as ranges: neighbours that differ in nothing are one
    walk    one address, step by step, as the MMU does it (SDM vol. 3, 4.3)
    judge   would this access succeed; if not, at which step, with which error code
    diff    what changed between two Spaces

Addresses and entries are ints (32 bits), sizes are bytes, counts are pages of 4 KB.
"""
import struct
from collections import namedtuple

PGSIZE = 4096
BIGSIZE = 1 << 22       # what a directory entry covers

# Bits of an entry of either level; PS only in a directory entry.
P, W, U, PWT, PCD, A, D, PS, G = (1 << i for i in range(9))
NAMES = ((P, "P"), (W, "W"), (U, "U"), (A, "A"), (D, "D"), (G, "G"), (PS, "PS"),
         (PWT, "PWT"), (PCD, "PCD"))
# Bits of a page fault's error code (SDM vol. 3, 4.7).
PF_P, PF_W, PF_U = 1, 2, 4

# A table as one number of 1024 * 32 bits: what a loop over 1024 entries would do
# takes one operation.
ONES = int.from_bytes(b"\1\0\0\0" * 1024, "little")     # 1 in every entry
RAMP = int.from_bytes(b"".join(struct.pack("<I", i * PGSIZE)
                               for i in range(1024)), "little")


class ReadError(Exception):
    """There is no memory at that physical address, or it cannot be read."""


def pdx(va):
    """The index of va in the directory."""
    return va >> 22 & 0x3FF


def ptx(va):
    """The index of va in its table."""
    return va >> 12 & 0x3FF


def flags_text(entry):
    """The flags of an entry, "P W A"; "-" if none is set."""
    return " ".join(n for bit, n in NAMES if entry & bit) or "-"


def access_text(write, user):
    """What an effective permission lets whom do: "user rw", "kernel r"."""
    return ("user " if user else "kernel ") + ("rw" if write else "r")


def words(data):
    """The little-endian 32-bit words of some bytes, as a tuple."""
    return struct.unpack(f"<{len(data) // 4}I", data)


class Space:
    """A directory and its tables, as they were at one moment.

    cr3     physical address of the directory
    raw     its 4096 bytes; dir: its 1024 entries
    tables  {index in the directory: the table's 4096 bytes}, for present entries
            that name a table which can be read
    lost    indexes of present entries whose table cannot be read
    """

    def __init__(self, read, cr3, pse=True):
        """Reads all; tables whose frames are neighbours are read as one piece.
        Raises ReadError if the directory is not there."""
        self.cr3, self.pse = cr3 & ~0xFFF, pse
        self.raw = read(self.cr3, PGSIZE)
        self.dir = words(self.raw)
        self.tables, self.lost = {}, []
        wanted = [(e & ~0xFFF, i) for i, e in enumerate(self.dir)
                  if e & P and not self.big(e)]
        frames = {}
        for first, count in runs(sorted({pa for pa, _ in wanted})):
            frames.update(read_run(read, first, count))
        for pa, i in wanted:
            if pa in frames:
                self.tables[i] = frames[pa]
            else:
                self.lost.append(i)

    def big(self, pde):
        """Does this directory entry map 4 MB itself?"""
        return self.pse and bool(pde & PS)

    def entry_pa(self, index, tindex=None):
        """The physical address of a PDE, or of a PTE of the table it names."""
        if tindex is None:
            return self.cr3 + 4 * index
        return (self.dir[index] & ~0xFFF) + 4 * tindex

    def pte(self, va):
        """The entry that maps va's 4 KB page; 0 if there is no table."""
        table = self.tables.get(pdx(va))
        return struct.unpack_from("<I", table, 4 * ptx(va))[0] if table else 0

    def pages(self):
        """How many 4 KB pages are mapped (a 4 MB page counts 1024)."""
        n = sum(1024 for e in self.dir if e & P and self.big(e))
        return n + sum(popcount(int.from_bytes(t, "little") & ONES)
                       for t in self.tables.values())


def popcount(n):
    """How many bits of n are set."""
    return bin(n).count("1")


popcount = getattr(int, "bit_count", popcount)      # since Python 3.10, much faster


def runs(frames):
    """Sorted physical addresses of pages as (first, count) of neighbours."""
    out = []
    for pa in frames:
        if out and out[-1][0] + out[-1][1] * PGSIZE == pa:
            out[-1][1] += 1
        else:
            out.append([pa, 1])
    return out


def read_run(read, first, count):
    """{pa: 4096 bytes} of count pages from first on, without those that cannot
    be read."""
    try:
        data = read(first, count * PGSIZE)
    except ReadError:
        if count == 1:
            return {}
        half = count // 2
        out = read_run(read, first, half)
        out.update(read_run(read, first + half * PGSIZE, count - half))
        return out
    return {first + i * PGSIZE: data[i * PGSIZE:(i + 1) * PGSIZE]
            for i in range(count)}


# ---- Ranges ----------------------------------------------------------------------
class Range(namedtuple("Range", "va pa pages pde pte accessed dirty")):
    """Pages that differ in nothing.

    va, pa: where it begins. pages: of 4 KB. pde, pte: the flags, without A and D; pte
    is None for 4 MB pages. accessed, dirty: in how many of the pages' own entries
    (PTEs, or PDEs of 4 MB pages, counted as 1024) that bit is set."""

    @property
    def end(self):
        """The first virtual address after it."""
        return self.va + self.pages * PGSIZE

    @property
    def write(self):
        """Do both levels permit writing?"""
        return bool(self.pde & W and (self.pte is None or self.pte & W))

    @property
    def user(self):
        """Do both levels permit user code?"""
        return bool(self.pde & U and (self.pte is None or self.pte & U))


MMU = A | D             # the bits that the MMU itself sets


def fold(space, cuts=()):
    """The mapped ranges of a space, by address: a list of Range. Two pages are in
    one range if they are neighbours, virtually and physically, and all flags but
    A and D of their entries are alike. cuts: addresses at which a range ends
    anyway (where an area or a row of kmap[] begins)."""
    inside = {}
    for va in cuts:
        inside.setdefault(pdx(va), set()).add(ptx(va))
    out = []
    for i, pde in enumerate(space.dir):
        if not pde & P:
            continue
        flags = pde & 0xFFF & ~MMU
        if space.big(pde):
            new = [Range(i << 22, pde & ~(BIGSIZE - 1), 1024, flags, None,
                         1024 if pde & A else 0, 1024 if pde & D else 0)]
        elif i in space.tables:
            cut = inside.get(i, set())
            new = fold_table(i << 22, space.tables[i], flags, cut)
        else:
            new = []
        if out and new and 0 not in inside.get(i, ()) and joins(out[-1], new[0]):
            new[0] = join(out.pop(), new[0])
        out += new
    return out


def joins(a, b):
    """Does range b continue range a?"""
    return a.end == b.va and a.pa + a.pages * PGSIZE == b.pa and \
        (a.pde, a.pte) == (b.pde, b.pte)


def join(a, b):
    """Range a with b, which continues it."""
    return Range(a.va, a.pa, a.pages + b.pages, a.pde, a.pte, a.accessed + b.accessed,
                 a.dirty + b.dirty)


def fold_table(va, table, pde, cut):
    """The ranges of one table that maps va on. A table that maps 4 MB in one
    piece, as most of the kernel's do, costs three operations on long numbers."""
    n = int.from_bytes(table, "little")
    if n & ONES == 0:
        return []
    if n & ONES == ONES and not cut - {0}:
        plain = n & ~(MMU * ONES)
        first = plain & 0xFFFFFFFF
        if plain - RAMP == first * ONES:
            return [Range(va, first & ~0xFFF, 1024, pde, first & 0xFFF,
                          popcount(n & A * ONES), popcount(n & D * ONES))]
    return fold_entries(va, table, pde, cut)


def fold_entries(va, table, pde, cut):
    """The same, entry by entry."""
    out, last = [], None
    for i, e in enumerate(words(table)):
        if not e & P:
            last = None
            continue
        plain = e & ~MMU
        if plain != last or i in cut:
            out.append([va + i * PGSIZE, plain & ~0xFFF, 0, pde, plain & 0xFFF, 0, 0])
        r = out[-1]
        r[2] += 1
        r[5] += bool(e & A)
        r[6] += bool(e & D)
        last = plain + PGSIZE
    return [Range(*r) for r in out]


# Pages in a row whose entries hold something although P is clear. va: where they begin.
# value: the first entry without A and D; in each later entry it is larger by PGSIZE.
# pages: how many.
Kept = namedtuple("Kept", "va value pages")


def kept(space, end, cuts=()):
    """The entries below `end`, an address, that are not 0 and have P clear: a list of
    Kept. A Kept ends at each of the addresses `cuts`."""
    out, cuts = [], set(cuts)
    for i in sorted(space.tables):
        if i << 22 >= end:
            break
        for j, e in enumerate(words(space.tables[i])):
            if e & P or not e:
                continue
            va, value = i << 22 | j << 12, e & ~MMU
            last = out[-1] if out else Kept(0, 0, 0)
            size = last.pages * PGSIZE
            if (va, value) == (last.va + size, last.value + size) and va not in cuts:
                out[-1] = last._replace(pages=last.pages + 1)
            else:
                out.append(Kept(va, value, 1))
    return out


# ---- One address -----------------------------------------------------------------
# One step of a walk: level "PDE" or "PTE", index in its table, the entry's physical
# address and its value.
Step = namedtuple("Step", "level index pa value")
# va, cr3; steps: one or two; pa: where va leads, None if an entry is not present;
# big: by a 4 MB page; write, user: the effective permission, meaningless if pa is
# None.
Walk = namedtuple("Walk", "va cr3 steps pa big write user")
# ok, and if not: at which step (index in Walk.steps), why, and the error code that
# the CPU pushes.
Verdict = namedtuple("Verdict", "ok step why error")


def read_word(read, pa):
    """The 32-bit word at a physical address. Raises ReadError."""
    return words(read(pa, 4))[0]


def walk(read, cr3, va, pse=True):
    """Translates va as the MMU would. Raises ReadError if an entry lies where
    there is no memory."""
    cr3 &= ~0xFFF
    pa = cr3 + 4 * pdx(va)
    pde = read_word(read, pa)
    steps = [Step("PDE", pdx(va), pa, pde)]
    if not pde & P:
        return Walk(va, cr3, steps, None, False, False, False)
    if pse and pde & PS:
        return Walk(va, cr3, steps, pde & ~(BIGSIZE - 1) | va & (BIGSIZE - 1), True,
                    bool(pde & W), bool(pde & U))
    pa = (pde & ~0xFFF) + 4 * ptx(va)
    pte = read_word(read, pa)
    steps.append(Step("PTE", ptx(va), pa, pte))
    if not pte & P:
        return Walk(va, cr3, steps, None, False, False, False)
    both = pde & pte
    return Walk(va, cr3, steps, pte & ~0xFFF | va & 0xFFF, False, bool(both & W),
                bool(both & U))


def judge(w, write=False, user=False, wp=True):
    """Would an access through walk w succeed? write: else a read. user: by user
    code, else by the kernel. wp: CR0.WP, without which the kernel writes to
    read-only pages. Returns a Verdict."""
    error = (PF_W if write else 0) | (PF_U if user else 0)
    last = len(w.steps) - 1
    if w.pa is None:
        return Verdict(False, last, f"the {w.steps[last].level} is not present", error)
    for bit, name, asked in ((U, "U", user), (W, "W", write and (user or wp))):
        for i, step in enumerate(w.steps):
            if asked and not step.value & bit:
                return Verdict(False, i, f"the {step.level} lacks {name}",
                               error | PF_P)
    return Verdict(True, None, None, None)


def error_text(code):
    """A page fault's error code in words."""
    return ", ".join(["a rule was broken" if code & PF_P else "not present",
                      "write" if code & PF_W else "read",
                      "user" if code & PF_U else "kernel"] +
                     (["fetch"] if code & 0x10 else []))


# ---- Changes ---------------------------------------------------------------------
# level "PDE" or "PTE", the indexes (ptx None for a PDE), the entry's physical
# address, its value before and after.
Change = namedtuple("Change", "level pdx ptx pa old new")
EMPTY = bytes(PGSIZE)


def diff(old, new):
    """The entries that differ between two Spaces of one directory, by address: a
    list of Change. Entries of a table that has just been hung in count from 0;
    those of a table that was taken out are not listed, its PDE is."""
    out = []
    for i in range(1024):
        if old.dir[i] != new.dir[i]:
            out.append(Change("PDE", i, None, new.entry_pa(i), old.dir[i],
                              new.dir[i]))
        table = new.tables.get(i)
        if table is None:
            continue
        same = (old.dir[i] ^ new.dir[i]) & ~0xFFF == 0
        before = old.tables.get(i, EMPTY) if same else EMPTY
        if before != table:
            out += [Change("PTE", i, j, new.entry_pa(i, j), a, b) for j, (a, b)
                    in enumerate(zip(words(before), words(table))) if a != b]
    return out
