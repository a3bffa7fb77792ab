"""What the plugin profile.c counted, with the names that the debug information has.

An address belongs to one line of the source and to a chain of functions: the function
that the linker knows, and the functions that the compiler put into it (inlined).
"""
import collections
import os
import re
import subprocess
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
ADDR2LINE = os.environ.get("ADDR2LINE") or "addr2line"
OTHER = "another program"

# A place: the innermost function, its file, the line there, and the function that the
# linker knows (None: the same).
Place = collections.namedtuple("Place", "function file line inside")


def symbols(elf):
    """[(address, name)] of the functions of an ELF file, sorted."""
    out = subprocess.run([os.environ.get("NM") or "nm", elf], text=True, check=True,
                         capture_output=True).stdout
    return sorted((int(a, 16), n) for a, n in
                  re.findall(r"^(\w+) [tTwW] (\S+)$", out, re.M))


def places(elf, addresses):
    """{address: Place}, from the debug information of an ELF file."""
    done = subprocess.run([ADDR2LINE, "-a", "-i", "-f", "-e", elf], text=True,
                          input="".join(f"{a:#x}\n" for a in addresses),
                          capture_output=True, check=True)
    found = {}
    for part in re.split(r"^0x", done.stdout, flags=re.M)[1:]:
        address, *chain = part.split("\n")[:-1]
        where, _, line = chain[1].partition(" ")[0].rpartition(":")
        path = os.path.relpath(where, ROOT) if os.path.isabs(where) else \
            where.replace("??", "")
        outer = chain[-2]
        found[int(address, 16)] = Place(chain[0], path,
                                        int(line) if line.isdigit() else 0,
                                        outer if len(chain) > 2 else None)
    return found


class Counts:
    """by_place: Counter of Place; stacks: Counter of tuples of names, outermost
    first; total: all instructions. All are instructions between the marks."""

    def __init__(self, path, kernel, program):
        """path: the plugin's output. kernel, program: ELF files."""
        self.stacks = collections.Counter()
        of = {kernel: {}, program: {}, None: {}}
        with open(path, encoding="utf-8") as f:
            for line in f:
                kind, *words = line.split(" ", 3 if line[0] == "i" else 2)
                if kind == "s":
                    names = " ".join(words[1:]).strip()
                    self.stacks[tuple(names.split(";"))] += int(words[0])
                    continue
                va, ours, count = int(words[0], 16), words[1] == "1", int(words[2])
                of[kernel if va >= 1 << 31 else program if ours else None][va] = count
        self.by_place = collections.Counter()
        for elf in (kernel, program):
            found = places(elf, of[elf])
            names = symbols(elf)
            for va, count in of[elf].items():
                self.by_place[named(found[va], names, va)] += count
        if of[None]:
            self.by_place[Place(OTHER, "", 0, None)] += sum(of[None].values())
        self.total = sum(self.by_place.values())

    def functions(self):
        """[(function, file, self, with what it calls or None)], most first."""
        own = collections.Counter()
        for place, count in self.by_place.items():
            own[place.function, place.file] += count
        whole = collections.Counter()
        for stack, count in self.stacks.items():
            for name in set(stack):
                whole[name] += count
        return [(name, file, count, whole.get(name))
                for (name, file), count in own.most_common()]

    def lines(self, function):
        """{file: {line: count}} of one function, wherever it is inlined."""
        found = {}
        for place, count in self.by_place.items():
            if place.function == function:
                lines = found.setdefault(place.file, collections.Counter())
                lines[place.line] += count
        return found


def named(place, names, va):
    """The place, with the linker's name where the debug information has none: in
    assembler."""
    if place.function != "??":
        return place
    below = [n for a, n in names if a <= va]
    return place._replace(function=below[-1] if below else "unknown")
