"""One dialect: `if (err)` for results that are 0 or an error, `!p` for pointers.

What a function returns is found from its return statements: an errno function is
one that returns only 0, -E..., a variable called err, or what another errno
function returns. All of it is text: a file that does not compile can be checked.
"""
import re
from functools import lru_cache

from csource import bare, closing, functions, line_at
from tree import C_FILES, KERNEL

NULL_TEST = re.compile(r"[=!]=\s*NULL\b|\bNULL\s*[=!]=")
ERR_TEST = re.compile(r"\b((?:\w+(?:->|\.))*err)\s*([<>=!]=|[<>])\s*0\b(?!x)")
ERROR = re.compile(r"-\s*E[A-Z0-9]+\b")
CALL = re.compile(r"\b([a-z_]\w*)\s*\(")
DECLARED = re.compile(r"(?<![\w*])int\s+([^;{}()]*?(?:\([^;{}]*\))?[^;{}]*);")


def choices(text):
    """The values that an expression may have: both arms of a ?:, the parentheses
    around it taken off."""
    text = text.strip()
    while text.startswith("(") and closing(text, 0) == len(text) - 1:
        text = text[1:-1].strip()
    depth = 0
    for i, c in enumerate(text):
        depth += (c in "([{") - (c in ")]}")
        if c == "?" and depth == 0:
            return arms(text, i)
    return [text]


def arms(text, question):
    """The values of the two arms of the ?: whose ? stands at `question`."""
    depth = nested = 0
    for i in range(question + 1, len(text)):
        depth += (text[i] in "([{") - (text[i] in ")]}")
        if depth == 0 and text[i] == "?":
            nested += 1
        if depth == 0 and text[i] == ":":
            if nested == 0:
                first = text[question + 1:i] or text[:question]
                return choices(first) + choices(text[i + 1:])
            nested -= 1
    return [text]


def call_of(text):
    """The name of the function if the whole expression is one call, else None."""
    m = CALL.match(text)
    if m and closing(text, m.end() - 1) == len(text) - 1:
        return m.group(1)
    return None


def expression_at(text, start):
    """The expression from `start` up to a ; or an unmatched bracket or comma."""
    depth = 0
    for i in range(start, len(text)):
        if text[i] in "([{":
            depth += 1
        elif text[i] in ")]}":
            depth -= 1
        if depth < 0 or (depth == 0 and text[i] in ";,"):
            return text[start:i]
    return text[start:]


def is_errno(expression, known):
    """Is each value of the expression 0, an error, or a known errno's?"""
    return all(re.fullmatch(r"0|-\s*E[A-Z0-9]+", x) or x in known or
               (call_of(x) or "") + "()" in known for x in choices(expression))


def locals_of(f):
    """The int variables that a function declares."""
    for m in DECLARED.finditer(f.body):
        for part in re.split(r",(?![^(]*\))", m.group(1)):
            if name := re.match(r"\s*(\w+)\s*(=|$)", part):
                yield name.group(1), line_at(f.body, m.start()) + f.body_line - 1


def values_of(f, name):
    """The expressions that a function assigns to a variable; None if it changes in
    another way too (&name, name++, name += 1)."""
    if re.search(rf"&\s*{name}\b|(\+\+|--)\s*{name}\b|\b{name}\s*(\+\+|--|[-+*/|&^%]=)",
                 re.sub(r"&&", "  ", f.body)):
        return None
    return [expression_at(f.body, m.end()) for m in re.finditer(
        rf"(?<![\w.>]){name}\s*=(?!=)", f.body)]


def errno_locals(f, known):
    """The variables of a function that only ever hold 0 or an error."""
    found = set()
    for name in {name for name, _ in locals_of(f)}:
        values = values_of(f, name)
        if values and all(is_errno(re.sub(r"^\s*\w+\s*=(?!=)", "", x), known)
                          for x in values) and \
                any(not re.fullmatch(r"\s*0\s*", x) for x in values):
            found.add(name)
    return found


def counts_in(f, name):
    """The numbers other than 0 that a function assigns to a variable: then it holds
    a count, whatever it is called."""
    return re.findall(rf"(?<![\w.>]){name}\s*=\s*([1-9]\w*)\s*;", f.body)


def returns_errno(f, known):
    """Does the function return only 0 or an error, and an error somewhere?"""
    values = [expression_at(f.body, m.end())
              for m in re.finditer(r"\breturn\b", f.body)]
    mine = known | errno_locals(f, known)
    if not counts_in(f, "err"):
        mine = mine | {"err"}
    return "int" in f.result.split() and values and \
        all(is_errno(x, mine) for x in values) and \
        any(not re.fullmatch(r"\s*0\s*", x) for x in values)


@lru_cache(maxsize=None)
def errno_functions():
    """{path or "": {"name()"}}: the kernel's errno functions, static ones by the
    file that has them."""
    known, before = {"": set()}, -1
    while before != sum(map(len, known.values())):
        before = sum(map(len, known.values()))
        for path in KERNEL:
            for f in functions(path) if path.endswith(".c") else ():
                mine = known[""] | known.get(path, set())
                if returns_errno(f, mine):
                    place = path if f.is_static else ""
                    known.setdefault(place, set()).add(f.name + "()")
    return known


def call_tests(f, known):
    """(line, name) of each errno function's call that is compared with 0."""
    for m in CALL.finditer(f.body):
        after = f.body[closing(f.body, m.end() - 1) + 1:]
        if m.group(1) + "()" in known and \
                re.match(r"\s*([<>=!]=|[<>])\s*0\b(?!x)", after):
            yield line_at(f.body, m.start()) + f.body_line - 1, m.group(1)


# ---- Rules ----------------------------------------------------------------------
def check_null():
    """A pointer is tested as p or !p, not compared with NULL."""
    for path in C_FILES:
        for m in NULL_TEST.finditer(bare(path)):
            yield f"{path}:{line_at(bare(path), m.start())}: compares with NULL; " \
                "say p or !p"


def check_err():
    """An error is tested as err or !err, not compared with 0."""
    for path in C_FILES:
        for m in ERR_TEST.finditer(bare(path)):
            yield f"{path}:{line_at(bare(path), m.start())}: {m.group()}; say " \
                f"{m.group(1)} or !{m.group(1)}"


def check_errno_calls():
    """A call that returns 0 or an error is tested as such, and kept in `err`."""
    found = errno_functions()
    for path in KERNEL:
        known = found[""] | found.get(path, set())
        for f in functions(path) if path.endswith(".c") else ():
            for line, name in call_tests(f, known):
                yield f"{path}:{line}: compares {name}() with 0, which returns " \
                    f"an error: say {name}() or !{name}()"
            held = errno_locals(f, known) - {"err"}
            for name, line in locals_of(f):
                if name in held and not name.endswith("err"):
                    yield f"{path}:{line}: {name} holds only 0 or an error: " \
                        "call it err"
            if counts_in(f, "err"):
                yield f"{path}:{f.line}: err of {f.name} holds a count: call it " \
                    "something else"
