"""The layout of a kernel file, as layout.of_gdb tells it, without GDB: structs and
enums from its debug information (DWARF 4 and 5, as gcc and clang write it), addresses
from its symbols. The sources' own structs are the only place where they are written.
"""
import json
import os
import struct

import layout
from elf import Elf, text_at

# DWARF 5, 7.5.3 to 7.5.6: the tags, attributes and forms that are needed.
ARRAY, ENUM, MEMBER, POINTER, STRUCT, SUBRANGE, ENUMERATOR = \
    0x01, 0x04, 0x0D, 0x0F, 0x13, 0x21, 0x28
NAME, SIZE, VALUE, UPPER, COUNT, PLACE, DECLARATION, TYPE = \
    0x03, 0x0B, 0x1C, 0x2F, 0x37, 0x38, 0x3C, 0x49
STR_OFFSETS = 0x72
FIXED = {0x01: 4, 0x05: 2, 0x06: 4, 0x07: 8, 0x0B: 1, 0x0C: 1, 0x0E: 4, 0x10: 4,
         0x11: 1, 0x12: 2, 0x13: 4, 0x14: 8, 0x17: 4, 0x1E: 16, 0x1F: 4, 0x20: 8,
         0x25: 1, 0x26: 2, 0x28: 4, 0x29: 1, 0x2A: 2, 0x2C: 4}
LEB = {0x0F, 0x15, 0x1A, 0x1B, 0x22, 0x23}      # unsigned, of any length
STRX = {0x1A, 0x25, 0x26, 0x28}                 # an index of .debug_str_offsets
BLOCK = {0x0A: 1, 0x03: 2, 0x04: 4}             # bytes, after their number


class Reader:
    """A place in some bytes, going forward."""

    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def number(self, size):
        """An unsigned number of so many bytes."""
        self.at += size
        return int.from_bytes(self.data[self.at - size:self.at], "little")

    def uleb(self):
        """An unsigned number of any length (7.6)."""
        n = shift = 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            n |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return n

    def sleb(self):
        """A signed one."""
        start = self.at
        n, bits = self.uleb(), 7 * (self.at - start)
        return n - (1 << bits) if n >> bits - 1 else n


class Units:
    """All entries of .debug_info: entries {offset: (tag, {attribute: value}, parent's
    offset)}, in the file's order. References are offsets, names texts."""

    def __init__(self, sections):
        self.parts, self.entries, self.kept = sections, {}, {}
        r = Reader(sections[".debug_info"])
        while r.at < len(r.data):
            self.unit(r)

    def unit(self, r):
        """One compilation unit (7.5.1)."""
        self.base = r.at
        end = r.number(4) + r.at
        version = r.number(2)
        if version not in (4, 5):
            raise ValueError(f"DWARF {version} is not read, 4 and 5 are")
        if version == 5:
            r.at += 2                   # its kind, the size of an address
            abbreviations = r.number(4)
        else:
            abbreviations = r.number(4)
            r.at += 1
        self.codes, self.strings, parents = self.table(abbreviations), 8, []
        while r.at < end:
            self.entry(r, parents)

    def entry(self, r, parents):
        """One entry; parents: the offsets of the entries around it."""
        at, code = r.at, r.uleb()
        if code == 0:
            if parents:
                parents.pop()
            return
        tag, children, forms = self.codes[code]
        values = {name: self.value(r, form, const) for name, form, const in forms}
        self.strings = values.get(STR_OFFSETS, self.strings)
        if isinstance(values.get(NAME), tuple):
            values[NAME] = self.indexed(values[NAME][0])
        self.entries[at] = (tag, values, parents[-1] if parents else None)
        if children:
            parents.append(at)

    def table(self, at):
        """{code: (tag, has children, [(attribute, form, constant)])} (7.5.3)."""
        if at in self.kept:
            return self.kept[at]
        out, r = {}, Reader(self.parts[".debug_abbrev"], at)
        while code := r.uleb():
            tag, children, forms = r.uleb(), r.number(1), []
            while True:
                name, form = r.uleb(), r.uleb()
                const = r.sleb() if form == 0x21 else None
                if name == form == 0:
                    break
                forms.append((name, form, const))
            out[code] = (tag, children, forms)
        self.kept[at] = out
        return out

    def value(self, r, form, const):
        """One attribute's value: a number, a text, bytes, or (index,) of a text."""
        if form in FIXED:
            n = r.number(FIXED[form])
            if form == 0x0E:
                return text_at(self.parts[".debug_str"], n)
            if form == 0x1F:
                return text_at(self.parts[".debug_line_str"], n)
            return (n,) if form in STRX else \
                n + self.base if 0x11 <= form <= 0x14 else n
        if form in LEB:
            n = r.uleb()
            return (n,) if form in STRX else n + self.base if form == 0x15 else n
        if form == 0x0D:
            return r.sleb()
        if form == 0x08:
            text = text_at(r.data, r.at)
            r.at = r.data.index(b"\0", r.at) + 1
            return text
        if form in (0x19, 0x21):
            return True if form == 0x19 else const
        if form in BLOCK or form in (0x09, 0x18):
            n = r.number(BLOCK[form]) if form in BLOCK else r.uleb()
            r.at += n
            return r.data[r.at - n:r.at]
        raise ValueError(f"the form {form:#x} of an attribute is not known")

    def indexed(self, index):
        """Text number `index` of this unit's string offsets."""
        at = self.strings + 4 * index
        return text_at(self.parts[".debug_str"], struct.unpack_from(
            "<I", self.parts[".debug_str_offsets"], at)[0])

    # ---- Types -------------------------------------------------------------------
    def children(self):
        """{offset: [(tag, attributes)]} of the entries in each entry, in order."""
        out = {}
        for tag, values, parent in self.entries.values():
            out.setdefault(parent, []).append((tag, values))
        return out

    def size(self, at, inside):
        """The bytes of the type at an offset. inside: what children() returns."""
        tag, values, _ = self.entries[at]
        if SIZE in values:
            return values[SIZE]
        if tag == POINTER:
            return 4
        n = self.size(values[TYPE], inside)
        if tag == ARRAY:
            for kind, bounds in inside.get(at, []):
                if kind == SUBRANGE:
                    n *= bounds.get(COUNT, bounds.get(UPPER, -1) + 1)
        return n


def types(units):
    """({name: {"size": bytes, member: [offset, bytes]}}, {name: number}): the structs
    of layout.STRUCTS and the names of enum thread_state."""
    inside, structs, enums = units.children(), {}, {}
    for at, (tag, values, _) in units.entries.items():
        name = values.get(NAME)
        if tag == STRUCT and name in layout.STRUCTS and name not in structs and \
                DECLARATION not in values:
            structs[name] = {"size": values[SIZE]}
            for kind, m in inside.get(at, []):
                if kind == MEMBER and NAME in m:
                    structs[name][m[NAME]] = [m.get(PLACE, 0),
                                              units.size(m[TYPE], inside)]
        if tag == ENUM and name == "thread_state":
            enums = {m[NAME]: m[VALUE] for kind, m in inside.get(at, [])
                     if kind == ENUMERATOR}
    return structs, enums


def addresses(symbols):
    """{name: address} of layout.VARIABLES; one that is static is taken from its
    file."""
    out, file = {}, None
    for s in symbols:
        if s.kind == 4:
            file = s.name
        elif s.section and s.name in layout.VARIABLES and s.name not in out and \
                (not s.local or layout.VARIABLES[s.name] == file):
            out[s.name] = s.value
    return out


def read(kernel):
    """The layout of a kernel file. Raises OSError or ValueError."""
    with open(kernel, "rb") as f:
        elf = Elf(f.read())
    sections = elf.sections()
    if ".debug_info" not in sections:
        raise ValueError(f"{kernel} has no debug information")
    structs, enums = types(Units(sections))
    return {"structs": structs, "enums": enums, "symbols": addresses(elf.symbols()),
            "constants": layout.constants()}


def of_kernel(kernel):
    """The same, kept beside the kernel as KERNEL.layout until the kernel changes, as
    it takes half a second."""
    kept, stamp = kernel + ".layout", os.stat(kernel).st_mtime_ns
    try:
        with open(kept, encoding="utf-8") as f:
            found = json.load(f)
        if found["stamp"] == stamp:
            return found
    except (OSError, ValueError, KeyError):
        pass
    found = {**read(kernel), "stamp": stamp}
    try:
        aside = f"{kept}.{os.getpid()}"
        with open(aside, "w", encoding="utf-8") as f:
            json.dump(found, f)
        os.replace(aside, kept)
    except OSError:
        pass        # a kernel in a folder that cannot be written to
    return found
