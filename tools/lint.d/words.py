"""Comments: that there is one, that it is true, and what must not be said."""
import ast
import os
import re
from functools import lru_cache

from csource import bare, comments, line_at
from tree import CODE, FILES, FOLDERS, PYTHON, SPINE, TEXT, folder

# Folders in which only the world can be wrong: assert, never panic.
NO_PANIC = ["fs", "file", "sys", "mm", "dev", "user"]
HOSTS = re.compile(r"\b(deb|security|archive|ports|snapshot)\.(debian|ubuntu)\."
                   r"(org|com)|\b(pypi|npmjs|crates)\.(org|io|com)|mirrors?\.",
                   re.I)
LATER = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
FILE_NAME = re.compile(r"(?<![\w<./-])((?:[\w-]+/)*[\w-]+\.(?:c|h|S|py|pl|ld|md|js))\b")
FUNCTION_NAME = re.compile(r"\b([A-Za-z_]\w*)\(\)")
SNAKE_NAME = re.compile(r"(?<![\w./-])([a-z][a-z0-9]*(?:_[a-z0-9]+)+)(?![\w/]|\.\w)")


def check_panic():
    """No panic where only a user, a disk or an image can be wrong."""
    for path in CODE:
        for m in re.finditer(r"\bpanic\s*\(", bare(path)):
            if folder(path) in NO_PANIC:
                yield f"{path}:{line_at(bare(path), m.start())}: calls panic; " \
                    "assert what we did wrong, return an error for the rest"


def check_heads():
    """Every file opens with a comment that says what it is."""
    for path, text in TEXT.items():
        if path.endswith((".c", ".h", ".S", ".ld")) and \
                not re.match(r"//|/\*|# ", text):
            yield f"{path}: has no head comment"
    for path in PYTHON:
        tree = ast.parse(TEXT[path])
        if not ast.get_docstring(tree):
            yield f"{path}: has no docstring that says what it is"
        for node in ast.walk(tree):
            if os.path.basename(path).startswith("test_") and \
                    isinstance(node, ast.FunctionDef) and \
                    node.name.startswith("test_") and not ast.get_docstring(node):
                yield f"{path}:{node.lineno}: {node.name} does not say " \
                    "which bug it would catch"


def check_hosts():
    """The repository names no package host."""
    for path, text in TEXT.items():
        for m in HOSTS.finditer(text):
            if not path.startswith("tools/lint.d/"):
                yield f"{path}:{line_at(text, m.start())}: names a package host"


def check_later():
    """No comment puts work off: no TODO, no FIXME."""
    for path in CODE:
        for line, text in comments(path):
            for m in LATER.finditer(text):
                yield f"{path}:{line_at(text, m.start()) + line - 1}: {m.group()}"


@lru_cache(maxsize=None)
def identifiers():
    """Every word of the project's code, comments and documents left out."""
    words = set()
    for path in TEXT:
        if path in CODE:
            text = bare(path) + "".join(re.findall(r'"[^"\n]*"', TEXT[path]))
        elif path.endswith((".md", ".css", ".html", ".json")) or path == "README":
            continue
        else:
            text = re.sub(r"^\s*#.*", "", TEXT[path], flags=re.M)
        words.update(re.findall(r"[A-Za-z_]\w*", text))
    return words


def is_file(name):
    """Is a name that of a file, of one that is made by a script, or a placeholder
    as in user/NAME.c?"""
    stem = os.path.splitext(os.path.basename(name))[0]
    return name in FILES or stem.isupper() or any(
        os.path.basename(f) in (name, stem + ".pl") for f in FILES)


def check_names():
    """A file or function that a comment names is there."""
    for path in CODE:
        for line, text in comments(path):
            for m in FILE_NAME.finditer(text):
                if not is_file(m.group(1)) and "<" + m.group(1) not in text:
                    yield f"{path}:{line_at(text, m.start()) + line - 1}: there " \
                        f"is no file {m.group(1)}"
            for pattern in (FUNCTION_NAME, SNAKE_NAME):
                for m in pattern.finditer(text):
                    if m.group(1) not in identifiers():
                        yield f"{path}:{line_at(text, m.start()) + line - 1}: " \
                            f"nothing is called {m.group(1)}"


def print_comments():
    """Prints the share of lines with a comment; 20 to 25 in 100 are meant."""
    shares = []
    for name in ["spine", *FOLDERS, "user", "tests"]:
        files = [f for f in CODE if f in SPINE or name != "spine"]
        files = [f for f in files if name == "spine" or folder(f) == name]
        lines = [x for f in files for x in TEXT[f].split("\n") if x.strip()]
        comment = sum(1 for x in lines if "//" in x or
                      re.match(r"\s*(/?\*|#(?!\s*(define|include|if|el|en|un|pr)))",
                               x))
        if lines:
            shares.append(f"{name} {100 * comment // len(lines)} %")
    print("comments: " + ", ".join(shares))
