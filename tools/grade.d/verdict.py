"""What a failed test tells a student: four things, always the same four."""


class Verdict(AssertionError):
    """A failure: what was expected, what was seen, the likely cause, where to read."""

    def __init__(self, expected, seen, cause, read=""):
        super().__init__(f"expected {expected}; seen {seen}; cause: {cause}")
        self.expected, self.seen = expected, seen
        self.cause, self.read = cause, read


def expect(condition, expected, seen, cause, read=""):
    """Fails with the four things unless the condition holds."""
    if not condition:
        raise Verdict(expected, seen, cause, read)


FLAGS = ((1, "P"), (2, "W"), (4, "U"), (8, "PWT"), (0x10, "PCD"), (0x20, "A"),
         (0x40, "D"), (0x80, "PS"), (0x100, "G"))


def entry(value):
    """An entry in words: "frame 00005000, P W U"."""
    if value == 0:
        return "0 (absent)"
    names = " ".join(name for bit, name in FLAGS if value & bit) or "no flag"
    return f"frame {value & ~0xFFF:08x}, {names}"
