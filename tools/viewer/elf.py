"""ELF files as the viewer meets them: the kernel (sections, symbols), and a dump of a
machine (segments, notes). Little-endian, 32 or 64 bits."""
import struct
from collections import namedtuple

# pa, size: physical bytes that the file holds from offset on.
Segment = namedtuple("Segment", "pa offset size")
# kind: NOTYPE 0, OBJECT 1, FUNC 2, FILE 4; local: is it of one file only; section: 0
# for what is not defined here.
Symbol = namedtuple("Symbol", "name value kind local section")
PT_LOAD, PT_NOTE = 1, 4


class Elf:
    """A file's bytes (bytes or mmap). Raises ValueError if it is no ELF file that
    this reads."""

    def __init__(self, data):
        if data[:4] != b"\x7fELF" or data[5] != 1 or data[4] not in (1, 2):
            raise ValueError("no little-endian ELF file")
        self.data, self.wide = data, data[4] == 2
        head = struct.unpack_from("<QQQIHHHHHH" if self.wide else "<IIIIHHHHHH",
                                  data, 24)
        (_, self.phoff, self.shoff, _, _, self.phsize, self.phnum, self.shsize,
         self.shnum, self.names) = head
        if self.phnum == 0xFFFF:    # too many for 16 bits: the first section has it
            self.phnum = struct.unpack_from("<I", data, self.shoff +
                                            (44 if self.wide else 28))[0]

    def headers(self):
        """The program headers: (type, offset, pa, bytes in the file)."""
        for i in range(self.phnum):
            at = self.phoff + i * self.phsize
            if self.wide:
                kind, _, offset, _, pa, size = struct.unpack_from("<IIQQQQ", self.data,
                                                                  at)
            else:
                kind, offset, _, pa, size = struct.unpack_from("<5I", self.data, at)
            yield kind, offset, pa, size

    def segments(self):
        """What PT_LOAD headers name, by physical address."""
        return sorted(Segment(pa, offset, size) for kind, offset, pa, size
                      in self.headers() if kind == PT_LOAD and size)

    def notes(self):
        """(name, type, contents) of each note."""
        for kind, at, _, size in self.headers():
            end = at + size
            while kind == PT_NOTE and at + 12 <= end:
                nname, ndesc, number = struct.unpack_from("<III", self.data, at)
                desc = at + 12 + (nname + 3 & ~3)
                yield (bytes(self.data[at + 12:at + 12 + nname]).rstrip(b"\0"), number,
                       bytes(self.data[desc:desc + ndesc]))
                at = desc + (ndesc + 3 & ~3)

    def sections(self):
        """{name: its bytes}; 32 bits only."""
        heads = [struct.unpack_from("<10I", self.data, self.shoff + i * self.shsize)
                 for i in range(self.shnum)]
        names = heads[self.names][4]
        return {text_at(self.data, names + h[0]):
                b"" if h[1] == 8 else self.data[h[4]:h[4] + h[5]] for h in heads}

    def symbols(self):
        """The Symbols in the file's order; 32 bits only."""
        parts = self.sections()
        table, names = parts.get(".symtab", b""), parts.get(".strtab", b"")
        for name, value, _, info, _, section in struct.iter_unpack("<IIIBBH", table):
            yield Symbol(text_at(names, name), value, info & 15, info >> 4 == 0,
                         section)


def text_at(data, at):
    """The text that begins at `at` and ends with a 0."""
    return bytes(data[at:data.index(b"\0", at)]).decode("utf-8", "replace")
