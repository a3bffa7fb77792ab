"""C sources as text: comments, functions and the names at file level.

The layout that .clang-format enforces makes this simple: a function's name stands
in column 1, its braces stand alone in column 1.
"""
import re
from functools import lru_cache

from tree import TEXT

SKIPPED = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'",
                     re.S)
HEAD = re.compile(r"(?:[A-Za-z_][\w\s*]*?[\s*])?(\w+)\(")
STATIC = re.compile(r"^(?:_Thread_local )?static\b(?!.*\binline\b)", re.M)


class Function:
    """A function's definition: path, name, line (of the name), end (of the last
    brace), result (the text before the name), params (a list) and body (a text
    that begins behind the first brace, comments and strings blanked)."""

    def __init__(self, path, name, line, end):
        self.path, self.name, self.line, self.end = path, name, line, end
        lines = bare(path).split("\n")
        text = "\n".join(lines[line - 1:end])
        before = lines[line - 2] if line > 1 else ""
        start = re.search(rf"\b{name}\(", text)
        close = closing(text, start.end() - 1)
        self.result = (before + " " + text[:start.start()]).strip()
        self.params = split_at_commas(text[start.end():close])
        brace = text.index("\n{", close) + 2
        self.body, self.body_line = text[brace:], line + text[:brace].count("\n")
        if name.isupper() and not self.result:  # TEST(name), UNIT(name)
            self.name = self.params[0]

    @property
    def lines(self):
        """How long the function is."""
        return self.end - self.line + 1

    @property
    def is_static(self):
        """Is it static, so that other files may have one of that name?"""
        return "static" in self.result.split()


def closing(text, at):
    """The place of the bracket that closes the one at `at`; the end if none does."""
    depth = 0
    for i in range(at, len(text)):
        depth += (text[i] in "([{") - (text[i] in ")]}")
        if depth == 0:
            return i
    return len(text)


def split_at_commas(text):
    """The parts of a text between its outermost commas, stripped."""
    parts, depth, start = [], 0, 0
    for i, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if c == "," and depth == 0:
            parts.append(text[start:i].strip())
            start = i + 1
    return [x for x in parts + [text[start:].strip()] if x]


@lru_cache(maxsize=None)
def bare(path):
    """The text with comments and strings blanked, lines kept."""
    return blank(TEXT[path])


def blank(text):
    """The same for any text."""
    def spaces(m):
        keep = m.group()[0] in "\"'" and m.group()[0] * 2
        return keep or re.sub(r"[^\n]", " ", m.group())
    return SKIPPED.sub(spaces, text)


def line_at(text, place):
    """The number of the line at a place of a text, from 1."""
    return text.count("\n", 0, place) + 1


@lru_cache(maxsize=None)
def functions(path):
    """The functions that a file defines, in order."""
    found, name, begin, start = [], None, 0, 0
    for number, line in enumerate(bare(path).split("\n"), 1):
        if not start and (m := HEAD.match(line)):
            name, begin = m.group(1), number
        elif line == "{" and name:
            start = begin
        elif line == "}" and start:
            found.append(Function(path, name, start, number))
            start = name = None
        elif line.endswith(";") and not start:
            name = None
    return found


def statics(path):
    """(name, line) of what a file defines as static, outside of functions."""
    text = bare(path)
    for f in functions(path):
        if f.is_static and "inline" not in f.result:
            yield f.name, f.line
    for m in STATIC.finditer(text):
        name, at = declared(text, m.end())
        if name:
            yield name, line_at(text, at)


def declared(text, at):
    """(name, its place) of the variable that a declaration declares whose text goes
    on at `at`; name is None if a function is declared."""
    name, depth = re.match("", text), 0
    for m in re.compile(r"\w+|[{}\[\]()=;,]").finditer(text, at):
        depth += (m.group() in "{[") - (m.group() in "}]")
        if depth == 0 and m.group() in ("=", ";", ","):
            return name.group(), name.start()
        if depth == 0 and m.group() == "(":
            if name.group() != "__aligned" and name.group() != "__attribute__":
                break
            return None, at
        if depth == 0 and m.group() not in "}]":
            name = m
    return None, at


def comments(path):
    """(line, text) of each comment of a C file; // lines that follow each other
    are one comment, its line breaks kept."""
    text = TEXT[path]
    held, begin, last = [], 0, -1
    for m in SKIPPED.finditer(text):
        if m.group()[0] != "/":
            continue
        line = line_at(text, m.start())
        if held and line != last + 1:
            yield begin, "\n".join(held)
            held = []
        if not held:
            begin = line
        held.append(m.group())
        last = line + m.group().count("\n")
    if held:
        yield begin, "\n".join(held)
