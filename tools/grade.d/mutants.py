"""Small changes of a solution, made by rules: the tests of a lab should notice them.

A mutant is the solution with one token changed, or one statement left out, in a hole. A
mutant that no test notices is either equal to the solution (a faster path left out, an
assertion) or a gap in the tests; a person decides which, and writes the equal ones into
labs/NAME/equal.txt, a line each: FILE: what is changed.
"""
import os
import re
from collections import Counter, namedtuple

import gates
import holes

# name: "FILE FUNCTION: what is changed"; text: the whole file.
Mutant = namedtuple("Mutant", "name file text")
TOKEN = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"])*\"|'(?:\\.|[^'])*'|\w+"
                   r"|->|<<|>>|[<>=!]=|&&|\|\||\+\+|--|[^\s\w]", re.S)
# What may stand for a token.
SWAPS = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==", "&&": "||",
         "||": "&&", "PTE_P": "PTE_W", "PTE_W": "PTE_U", "PTE_U": "PTE_W", "true": "false",
         "false": "true", "PDX": "PTX", "PTX": "PDX", "V2P": "(paddr_t)(vaddr_t)",
         "PGROUNDUP": "PGROUNDDOWN", "PGROUNDDOWN": "PGROUNDUP", "!": ""}
# With these a statement begins that is no action.
KEPT = {"return", "else", "for", "while", "do", "break", "continue", "goto", "struct",
        "const", "static", "enum", "bool", "int", "uint", "void", "char", "pte_t", "pde_t",
        "paddr_t", "vaddr_t", "uint32_t", "volatile", "unsigned", "assert", "assertf"}


def tokens(text):
    """(start, end, token) of all tokens but comments and strings."""
    return [(m.start(), m.end(), m[0]) for m in TOKEN.finditer(text)
            if not m[0].startswith(("//", "/*", '"', "'"))]


def changed_tokens(text):
    """(what, new text) for each token that has another one in SWAPS, or is a number."""
    for start, end, token in tokens(text):
        new = SWAPS.get(token)
        if new is None and token.isdigit():
            new = str(int(token) + 1)
        if new is not None:
            yield f"{line_of(text, start)}: {token} becomes {new or 'nothing'}", \
                text[:start] + new + text[end:]


def left_out(text):
    """(what, new text) for each statement that can be left out."""
    begin, depth = None, 0
    for start, end, token in tokens(text[text.index("{"):]):
        start, end = (x + text.index("{") for x in (start, end))
        depth += {"(": 1, ")": -1}.get(token, 0)
        if token in "{}":
            begin = None
        elif begin is None:
            begin = (start, token)
        if token == ";" and depth == 0 and begin:
            if begin[1] not in KEPT:
                yield f"{line_of(text, begin[0])}: left out", \
                    text[:begin[0]] + ";" + text[end:]
            begin = None


def line_of(text, at):
    """The line of a text that holds a position, without its indent."""
    return text[text.rfind("\n", 0, at) + 1:text.find("\n", at)].strip()


def all_of(root, lab):
    """All Mutants of a lab's holes in C."""
    files, seen = gates.kept(root, lab, []), Counter()
    for hole in lab.holes:
        text = files[hole.file]
        for name in [*hole.helpers, hole.name] if hole.file.endswith(".c") else []:
            start, end = holes.find(text, hole.file, name)
            body = text[start:end]
            for what, new in [*changed_tokens(body), *left_out(body)]:
                full = f"{hole.file} {name}: {what}"
                seen[full] += 1
                yield Mutant(full + f" ({seen[full]})" * (seen[full] > 1), hole.file,
                             text[:start] + new + text[end:])


def judge(root, lab, mutant):
    """"killed", "survived" or "does not compile"."""
    files = gates.kept(root, lab, []) | {mutant.file: mutant.text}
    result = gates.graded(lab, files)
    if result["error"]:
        return "does not compile"
    return "survived" if result["correct"] else "killed"


def equal(lab):
    """The names of the mutants that a person found to be equal to the solution."""
    path = f"{lab.folder}/equal.txt"
    if not os.path.exists(path):
        return set()
    with open(path, encoding="utf-8") as f:
        return {x.strip() for x in f if x.strip() and x[0] != "#"}


def report(root, lab, every=1):
    """Lines: each mutant that survived and is not known as equal, then the sum. every:
    take each n-th mutant only."""
    known = equal(lab)
    chosen = [m for m in all_of(root, lab) if m.name not in known][::every]
    killed, lived = 0, 0
    for mutant, seen in zip(chosen, gates.side_by_side(
            lambda m: [judge(root, lab, m)], chosen)):
        killed, lived = killed + (seen == "killed"), lived + (seen == "survived")
        if seen == "survived":
            yield f"survived: {mutant.name}"
    share = 100 * killed / max(1, killed + lived)
    yield f"{lab.name}: {killed} of {killed + lived} mutants killed ({share:.0f} %), " \
        f"{len(chosen) - killed - lived} do not compile, {len(known)} known as equal"

