"""The decoder of page tables (tools/gdb/ptcore.py) against the definition, entry by
entry, on tables made at random."""
import os
import random
import struct
import sys

import pytest
from machine import ROOT

sys.path.insert(0, os.path.join(ROOT, "tools/gdb"))
import layout  # noqa: E402 (the path comes first)
import ptcore  # noqa: E402
from kernel import Kernel  # noqa: E402
from ptcore import A, D, P, PS, U, W  # noqa: E402

RAM = 4 << 20
CR3 = 0x10000


def memory_of(ram):
    """A read function for 4 MB of RAM; beyond there is nothing."""
    def read(pa, n):
        if pa + n > RAM:
            raise ptcore.ReadError(hex(pa))
        return bytes(ram[pa:pa + n])
    return read


def set_word(ram, pa, value):
    """Stores a word."""
    struct.pack_into("<I", ram, pa, value)


def random_tables(seed):
    """RAM with a directory at CR3, full of runs, holes and odd flags."""
    rng, ram = random.Random(seed), bytearray(RAM)
    for i in rng.sample(range(1024), 12):
        kind = rng.random()
        if kind < 0.15:
            set_word(ram, CR3 + 4 * i, rng.randrange(1 << 10) << 22 | P | PS |
                     rng.choice((0, W, U, W | U | A, A | D)))
            continue
        table = 0x20000 + rng.randrange(200) * 4096
        set_word(ram, CR3 + 4 * i, table | P | rng.choice((0, W, U, W | U)) |
                 rng.choice((0, A)))
        frame, flags = rng.randrange(1 << 19) << 12, P | W
        whole = kind < 0.5
        for j in range(1024):
            if not whole and rng.random() < 0.02:
                frame = rng.randrange(1 << 20) << 12
                flags = rng.choice((0, P, P | W, P | U, P | W | U, W, 0x100 | P))
            entry = (frame + j * 4096 & 0xFFFFF000) | flags | \
                rng.choice((0, 0, A, A | D))
            set_word(ram, table + 4 * j, entry if flags else 0)
    return ram


def slow_pages(read):
    """{va: (pa, pde flags, pte flags or None)} of each 4 KB page, by the manual's
    rules."""
    out = {}
    for i, pde in enumerate(ptcore.words(read(CR3, 4096))):
        if not pde & P:
            continue
        if pde & PS:
            for j in range(1024):
                out[i << 22 | j << 12] = ((pde & 0xFFC00000) + j * 4096, pde & 0xFFF,
                                          None)
            continue
        for j, pte in enumerate(ptcore.words(read(pde & ~0xFFF, 4096))):
            if pte & P:
                out[i << 22 | j << 12] = (pte & ~0xFFF, pde & 0xFFF, pte & 0xFFF)
    return out


@pytest.mark.parametrize("seed", range(20))
def test_fold(seed):
    """Catches a range that has a wrong page, frame, flag or count, overlaps another
    one, or was not joined with its neighbour."""
    read = memory_of(random_tables(seed))
    want, space = slow_pages(read), ptcore.Space(read, CR3)
    ranges = ptcore.fold(space)
    got = {}
    for r in ranges:
        accessed = dirty = 0
        for i in range(r.pages):
            va = r.va + i * 4096
            assert va not in got
            pa, pde, pte = want[va]
            own = pde if pte is None else pte
            accessed, dirty = accessed + bool(own & A), dirty + bool(own & D)
            got[va] = (pa, pde, pte)
            assert r.pa + i * 4096 == pa and r.pde == pde & ~(A | D)
            assert r.pte == (None if pte is None else pte & ~(A | D))
        assert (r.accessed, r.dirty) == (accessed, dirty)
    assert got == want
    assert space.pages() == len(want)
    assert not any(ptcore.joins(a, b) for a, b in zip(ranges, ranges[1:]))
    cuts = random.Random(seed).sample(sorted(want), 5)
    parts = ptcore.fold(space, cuts)
    assert sum(r.pages for r in parts) == len(want)
    for cut in cuts:
        if want[cut][2] is not None or cut & 0x3FFFFF == 0:
            assert not any(r.va < cut < r.end for r in parts)


@pytest.mark.parametrize("seed", range(5))
def test_walk(seed):
    """Catches a walk to a wrong frame, or one that finds a page where there is none;
    and an effective permission that is not both levels'."""
    read = memory_of(random_tables(seed))
    want = slow_pages(read)
    rng = random.Random(seed)
    for va in rng.sample(sorted(want), 200) + [rng.randrange(1 << 32)
                                               for _ in range(200)]:
        w = ptcore.walk(read, CR3, va)
        page = want.get(va & ~0xFFF)
        assert (w.pa is None) == (page is None)
        if page is None:
            continue
        pa, pde, pte = page
        both = pde & (pde if pte is None else pte)
        assert w.pa == pa | va & 0xFFF
        assert (w.write, w.user) == (bool(both & W), bool(both & U))


def test_judge():
    """Catches a wrong error code or step, for every combination of P, W and U in both
    levels, access and CR0.WP: SDM vol. 3, 4.6 and 4.7."""
    ram = bytearray(RAM)
    read = memory_of(ram)
    for bits in range(1 << 9):
        pde, pte = bits & 7, bits >> 3 & 7
        write, user, wp = bits >> 6 & 1, bits >> 7 & 1, bits >> 8 & 1
        set_word(ram, CR3, 0x20000 | pde)
        set_word(ram, 0x20000, 0x30000 | pte)
        v = ptcore.judge(ptcore.walk(read, CR3, 0), write, user, wp)
        code = (write and 2) | (user and 4)
        if not pde & P or not pte & P:
            assert not v.ok and v.error == code and v.step == bool(pde & P)
            continue
        bad = user and not pde & pte & U or \
            write and (user or wp) and not pde & pte & W
        assert v.ok == (not bad)
        if bad:
            assert v.error == code | 1


def test_diff():
    """Catches a diff that misses a change, or invents one."""
    rng, ram = random.Random(7), random_tables(7)
    old = ptcore.Space(memory_of(bytes(ram)), CR3)
    tables = [(i, e & ~0xFFF) for i, e in enumerate(old.dir) if e & P and not e & PS]
    want = set()
    for _ in range(40):
        i, table = rng.choice(tables)
        j, value = rng.randrange(1024), rng.randrange(1 << 32)
        set_word(ram, table + 4 * j, value)
        for i2, t2 in tables:
            if t2 == table:
                want.add((i2, j, table + 4 * j))
    set_word(ram, CR3 + 4 * tables[0][0], 0)
    new = ptcore.Space(memory_of(bytes(ram)), CR3)
    changes = ptcore.diff(old, new)
    gone = tables[0][0]
    assert {(c.pdx, c.ptx, c.pa) for c in changes if c.level == "PTE"} == \
        {w for w in want if w[0] != gone}
    assert [(c.pdx, c.new) for c in changes if c.level == "PDE"] == [(gone, 0)]


def test_missing_memory():
    """Catches a viewer that fails at a directory entry that points outside of RAM."""
    ram = bytearray(RAM)
    set_word(ram, CR3, 0x7FFFF000 | P)
    set_word(ram, CR3 + 4, 0x20000 | P)
    space = ptcore.Space(memory_of(ram), CR3)
    assert space.lost == [0] and 1 in space.tables
    with pytest.raises(ptcore.ReadError):
        ptcore.walk(memory_of(ram), CR3, 0x1000)


def test_constants():
    """Catches a header whose constants the viewers cannot read any more."""
    c = layout.constants()
    assert c["KERNBASE"] == 0x80000000 and c["PTWINDOW"] == 0xFDC00000
    assert c["KSTACK_SLOT"] == 3 * 4096 and c["NKMAP"] == 4
    flags = {n: c[f"PTE_{n}"] for n in ("P", "W", "U", "A", "D", "PS", "G", "PWT",
                                        "PCD")}
    assert all(getattr(ptcore, n) == v for n, v in flags.items())


def test_text_over_a_page_end():
    """Catches a name of the kernel's that is cut where a page ends, and a name in the
    last page of RAM that is looked for beyond RAM."""
    ram, base = bytearray(RAM), 0x80000000
    k = Kernel.__new__(Kernel)
    k.kept, k.source, k.base = {}, memory_of(ram), base
    k.constants = {"RAM_MAX": RAM}
    ram[0x1FF6:0x2008] = b"low 1 MB, devices\0"
    ram[RAM - 5:] = b"last\0"
    assert k.string(base + 0x1FF6, 32) == "low 1 MB, devices"
    assert k.string(base + RAM - 5, 32) == "last"
