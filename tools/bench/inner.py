"""cr3 in cr3 (docs/shadow-paging.md): what operations cost in a guest, and why its
processor stopped meanwhile. Both count instructions of the outer machine."""
import re

import rows
from guest import COUNTED, SECONDS, Guest

ROWS = ["getpid", "sbrk", "cow", "pipe", "fork", "exec"]
COUNTS = ["hidden faults", "true faults", "table writes", "CR3 loads", "invlpg",
          "CR accesses", "tables synced"]
SVM = [*COUNTED, "-cpu", "qemu32,+svm"]
ROUNDS = 6 / 5      # bench does one round more than it counts


def machine(build):
    """The outer machine, with the disk that has a kernel and a guest's disk."""
    return Guest(f"{build}/cr3.img", f"{build}/vm.img", options=SVM)


def counts(text):
    """{count: number} of what vmstat prints."""
    return {name: int((re.search(rf"(\d+) {name}", text) or [0, 0])[1])
            for name in COUNTS}


def inside(guest, options, command):
    """Boots a guest, runs a command there, and leaves; returns (what it printed, what
    has been counted since the machine's start)."""
    guest.run(f"vmm {options}-m 128 kernel fs.img")
    text = guest.run(command) if command else ""
    guest.qemu.stdin.write(b"\x01x")
    guest.qemu.stdin.flush()
    guest.wait_for("$ ", SECONDS)   # the outer machine's: it has no line of its own
    return text, counts(guest.run("vmstat"))


def costs(build):
    """[(row, figure on the machine, figure in a guest)]."""
    command = "bench " + " ".join(ROWS)
    with machine(build) as guest:
        outer = rows.parse(guest.run(command))
        inner = rows.parse(inside(guest, "", command)[0])
    return [(n, outer[n]["figure"], inner[n]["figure"]) for n in ROWS]


def exits(build, options):
    """{"boot" or a row: {count: how often}}: of a whole boot, and of one operation."""
    with machine(build) as guest:
        out = {"boot": inside(guest, options, "")[1]}
        last = out["boot"]
        for name in ("fork", "exec", "cow"):
            text, now = inside(guest, options, f"bench {name}")
            n = rows.parse(text)[name]["operations"] * ROUNDS
            out[name] = {c: (now[c] - last[c] - out["boot"][c]) / n for c in COUNTS}
            last = now
    return out


def show_costs(build):
    """Prints the table of costs."""
    print("\ncr3 in cr3")
    print(f"{'row':16}{'machine':>11}{'guest':>11}{'times':>9}")
    for name, outer, inner in costs(build):
        print(f"{name:16}{outer:>11,}{inner:>11,}{inner / outer:>9.1f}"
              .replace(",", " "))


def show_exits(build):
    """Prints the tables of exits, with "out of sync" and without."""
    for title, options in (("with", ""), ("without", "-s ")):
        found = exits(build, options)
        print(f"\nexits {title} \"out of sync\"")
        print(f"{'':16}" + "".join(f"{n:>10}" for n in found))
        for c in COUNTS:
            print(f"{c:16}" + "".join(
                f"{v[c]:>10}" if n == "boot" else f"{v[c]:>10.1f}"
                for n, v in found.items()))
