"""What QEMU itself says about page tables, to check views against: its `info tlb`
(which walks the tables), `info mem`, `gva2gpa` and `xp`; and the views' text, parsed.
"""
import re

FLAGS = "XGPDACTUW"     # the columns of info tlb; P is PS
ROW = re.compile(r"^([0-9a-f]{8})-([0-9a-f]{8}) -> ([0-9a-f]{8})-([0-9a-f]{8}) +(\d+) "
                 r"(user|kernel) (rw?) +((?:[A-Z]+(?::\d+)?(?: |$))+)", re.M)


def tlb(m, cpu=0):
    """[(va, pa, flags)] of `info tlb`: flags as a string such as "-G-DA---W". A line
    of a 4 MB page stands for all of it."""
    text = m.qmp("human-monitor-command", **{"command-line": "info tlb",
                                             "cpu-index": cpu})
    out = []
    for line in text.splitlines():
        va, pa, flags = line.replace(":", " ").split()
        out.append((int(va, 16), int(pa, 16), flags))
    return out


def mem(m, cpu=0):
    """[(start, end, "urw")] of `info mem`: the effective permissions."""
    text = m.qmp("human-monitor-command", **{"command-line": "info mem",
                                             "cpu-index": cpu})
    return [(int(a, 16), int(b, 16), c) for a, b, c in
            re.findall(r"([0-9a-f]+)-([0-9a-f]+) [0-9a-f]+ (\S+)", text)]


def rows(text):
    """The ranges of a `pt`: [(va, end, pa, pages, user, write, {flag: count})], end
    exclusive, count None for all."""
    out = []
    for a, b, c, d, n, who, access, flags in ROW.findall(text):
        counts = {}
        for f in flags.split():
            name, _, count = f.partition(":")
            counts[name] = int(count) if count else None
        out.append((int(a, 16), int(b, 16) + 1, int(c, 16), int(n), who == "user",
                    access == "rw", counts))
        assert int(d, 16) - int(c, 16) == int(b, 16) - int(a, 16)
        assert int(b, 16) + 1 - int(a, 16) == int(n) * 4096
    return out


def same_as_tlb(text, entries):
    """Fails unless a `pt` shows exactly the pages of an info tlb, with all flags and
    the counts of A and D."""
    at = 0
    for va, end, pa, pages, _, _, flags in rows(text):
        step = 1 << 22 if "PS" in flags else 4096
        seen = {"A": 0, "D": 0}
        for i in range(0, end - va, step):
            assert at < len(entries), f"{va + i:#x} is not in info tlb"
            e = entries[at]
            assert e[:2] == (va + i, pa + i), (hex(va + i), [hex(x) for x in e[:2]])
            bits = e[2]
            assert ("W" in bits[8:]) == ("W" in flags), (hex(va + i), bits, flags)
            assert ("U" in bits[7:8]) == ("U" in flags), (hex(va + i), bits)
            assert ("T" in bits) == ("PWT" in flags)
            assert ("C" in bits) == ("PCD" in flags)
            assert ("G" in bits) == ("G" in flags), (hex(va + i), bits, flags)
            assert (bits[2] == "P") == ("PS" in flags)
            seen["A"] += (bits[4] == "A") * step // 4096
            seen["D"] += (bits[3] == "D") * step // 4096
            at += 1
        for name in "AD":
            want = flags.get(name, 0)
            assert seen[name] == (pages if want is None else want), \
                f"{name} of {va:#x}: {seen[name]}, not {want}"
    assert at == len(entries), f"info tlb has {len(entries)} pages, pt {at}"


def same_as_mem(text, ranges):
    """Fails unless the effective permissions of a `pt` are those of info mem, which
    joins neighbours."""
    joined = []
    for va, end, _, _, user, write, _ in rows(text):
        rights = ("u" if user else "-") + "r" + ("w" if write else "-")
        if joined and joined[-1][1] == va and joined[-1][2] == rights:
            joined[-1] = (joined[-1][0], end, rights)
        else:
            joined.append((va, end, rights))
    assert joined == ranges


def same_walk(m, gdb, va, cpu=0):
    """Fails unless `walk VA` shows the words that xp shows at these addresses and
    ends where gva2gpa does; returns its text."""
    text = gdb.run(f"walk {va:#x}")
    steps = re.findall(r"^P[DT]E +([0-9a-f]{8}) = ([0-9a-f]{8}) \+ 4 \* (0x[0-9a-f]+): "
                       r"([0-9a-f]{8})", text, re.M)
    assert steps, text
    for pa, table, index, value in steps:
        assert int(pa, 16) == int(table, 16) + 4 * int(index, 16)
        assert m.words(int(pa, 16), 1) == [int(value, 16)]
    end = re.search(r"^byte  ([0-9a-f]{8})", text, re.M)
    said = m.qmp("human-monitor-command", **{
        "command-line": f"gva2gpa {va:#x}", "cpu-index": cpu})
    if end:
        gpa = re.search(r"gpa: (\w+)", said)
        assert gpa and int(gpa.group(1), 16) == int(end.group(1), 16), (said, text)
    else:
        assert "Unmapped" in said, (said, text)
    return text
