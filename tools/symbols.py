"""Where things stand in the sources: for print, handout and lecture.

The house's layout makes this simple: a function's name begins its line, and a
struct, macro, label or variable of a file is defined on a line of its own.
"""
import os
import re
import shlex
import subprocess
import sys

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def read(path, root=ROOT):
    """The lines of a file, tabs expanded."""
    with open(os.path.join(root, path), encoding="utf-8") as f:
        return f.read().expandtabs(8).split("\n")[:-1]


def bare(lines, strings=False):
    """The lines with comments (and strings, unless they are to be kept) blanked,
    each as long as before."""
    def blank(m):
        if strings and m.group()[0] in "\"'":
            return m.group()
        return re.sub(r"[^\n]", " ", m.group())
    text = re.sub(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'",
                  blank, "\n".join(lines), flags=re.S)
    return text.split("\n")


# What defines the symbol of its first group, and where; the first match wins.
C = [re.compile(x) for x in (
    r"\s*#\s*define (\w+)",
    r"(?:typedef )?(?:struct|union|enum) (\w+) \{",
    r"typedef [^{]*?\b(\w+);",
    r"([a-z_]\w*)\((?!.*;$)",
)]
ASM = [re.compile(x) for x in (r"\s*#\s*define (\w+)", r"(\w+):", r"(\w+) = ",
                               r"\s*\.comm (\w+)")]
LD = [re.compile(r"\s*(\w+) = ")]
# A variable of the file, or a declaration: words, then names before ; = [ or (
FILE_LEVEL = re.compile(r"(?!return|typedef|else|goto)[A-Za-z_][\w\s*]*[\s*]"
                        r"\(?\*?(\w+)(?:\[.*?\])*\)?(\s*[;=(,].*)$")
ATTRIBUTE = re.compile(r"__attribute__\(\(.*?\)\)\)?\s*")


def file_level(line):
    """The symbols of a line at file level, and whether it only declares them."""
    if re.match(r"(struct|union|enum) \w+;$", line) or \
            not (m := FILE_LEVEL.match(line)):
        return [], False
    names = [m.group(1)]
    if "(" not in line and "{" not in line:
        names += re.findall(r", \*?(\w+)", m.group(2))
    return names, line.startswith("extern") or m.group(2)[0] == "("


def enumerators(lines):
    """(number, name) of what the enums of a file define."""
    inside = False
    for number, line in enumerate(lines, 1):
        if re.match(r"(?:typedef )?enum\b.*\{", line):
            inside, line = True, line[line.index("{"):]
        if inside:
            for name in re.findall(r"\b([A-Z]\w+)\b(?=\s*(?:=[^,]*)?(?:,|\}|$))",
                                   line):
                yield number, name
            inside = "}" not in line


def definitions(path, root=ROOT):
    """({symbol: line}, {symbol: line}): what a file defines, what it declares."""
    lines = bare(read(path, root))
    defined, declared = {}, {}
    patterns = {".S": ASM, ".ld": LD}.get(os.path.splitext(path)[1], C)
    for number, line in enumerate(lines, 1):
        line = ATTRIBUTE.sub("", line)
        for m in filter(None, (p.match(line) for p in patterns)):
            defined.setdefault(m.group(1), number)
            break
        else:
            names, declares = file_level(line) if patterns is C else ([], 0)
            for name in names:
                (declared if declares else defined).setdefault(name, number)
    for number, name in enumerators(lines):
        defined.setdefault(name, number)
    return defined, declared


def macros(path, root=ROOT):
    """{macro: (value, comment)} of a header's numeric macros, in its order. The
    C preprocessor resolves them, so that one may be made of others."""
    noted = {}
    for line in read(path, root):
        if m := re.match(r"#define (\w+)\s+\S.*?(?:// (.*))?$", line):
            noted[m.group(1)] = m.group(2) or ""
    source = f'#include "{path}"\n' + "".join(f'@"{n}" {n}\n' for n in noted)
    compiler = shlex.split(os.environ.get("HOSTCC", "cc"))
    out = subprocess.run([*compiler, "-E", "-P", "-D__ASSEMBLER__", "-I.", "-x", "c",
                          "-"], input=source, stdout=subprocess.PIPE, text=True,
                         cwd=root, check=True).stdout
    values = {}
    for name, text in re.findall(r"^@\"(\w+)\" ([-+*/()|&~<>\s\dA-Fa-fxXuU]+)$", out,
                                 re.M):
        number = re.sub(r"\b(0[xX][\da-fA-F]+|\d+)[uU]\b", r"\1", text)
        values[name] = (eval(number.replace("/", "//"), {"__builtins__": {}}),
                        noted[name])
    return values
