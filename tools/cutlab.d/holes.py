"""Finding a definition in a source by its name, and putting another text there.

The house's layout makes this simple: the return type of a function stands on a line of
its own, so its name begins a line; its last brace stands alone in column 1. A hole
covers the comment above the definition too, because that comment may say how it is done.
"""
import re

from problem import Problem

# The comment above a definition: lines that begin with //.
COMMENT = r"(?://[^\n]*\n)*"
FUNCTION = COMMENT + r"[A-Za-z_][\w *]*\n{name}\([^;{{]*\)\n\{{\n.*?^\}}\n"
TABLE = COMMENT + r"[^\n/]*\b{name}\[[^\n;]*\] = \{{\n.*?^\}};\n"
# In assembler: from a label to the next line that begins with a label or a directive.
BLOCK = r"{name}:\n(?:(?![.\w])[^\n]*\n)+"


def patterns(path, name):
    """The patterns that may be the definition of a name in a file."""
    kinds = [BLOCK] if path.endswith(".S") else [FUNCTION, TABLE]
    return [re.compile("^" + k.format(name=re.escape(name)), re.M | re.S)
            for k in kinds]


def find(text, path, name):
    """(start, end) of the one definition of a name in the text of a file. Raises
    Problem if there is none, or more than one."""
    found = [m.span() for p in patterns(path, name) for m in p.finditer(text)]
    if not found:
        raise Problem(f"{path}: there is no definition of {name}")
    if len(found) > 1:
        raise Problem(f"{path}: {name} is defined {len(found)} times")
    return found[0]


def include(text, header):
    """The text of a C file with a header included after the first one, once."""
    line = f'#include "{header}"\n'
    return text if line in text else re.sub(r'(?m)^#include "[^"]*"\n',
                                            lambda m: m[0] + line, text, count=1)


def cut(text, path, name, instead):
    """(the text with `instead` in the place of the definition, what stood there)."""
    start, end = find(text, path, name)
    return text[:start] + instead + text[end:], text[start:end]
