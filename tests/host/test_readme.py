"""README: what it names is there, its order is the machine's, and a screen shows it."""
import os
import re

from machine import ROOT


def read(name):
    """A text of the tree."""
    with open(os.path.join(ROOT, name), encoding="utf-8") as f:
        return f.read()


README = read("README")


def floors():
    """The floors as docs/house.md has them, which lint makes: [[name, ...], ...]."""
    text = re.search(r"Lowest first:\n\n(.*?)\n\n", read("docs/house.md"), re.S).group(1)
    return [floor.split() for floor in text.split("|")]


def test_width():
    """Catches lines that `more` on the machine's screen of 80 columns has to break."""
    for name in "README", "CONTRIBUTING":
        assert not [x for x in read(name).split("\n") if len(x) > 79]


def test_names():
    """Catches a file, or a part of a document, that is not there."""
    text = README + read("CONTRIBUTING")
    names = set(re.findall(r"\b(?:[a-z]\w*/)+[\w.-]+\w|\b\w+\.[chS]\b", text))
    assert "mm/fault_case.c" in names and "docs/page-tables.md" in names
    made = {n for n in names if n.startswith("build/")} | {"NAME.c"}
    for name in names - made:
        if "NAME" in name or "hello" in name:
            continue
        assert os.path.exists(f"{ROOT}/{name}") or \
            os.path.exists(f"{ROOT}/{name}.md"), name
    parts = re.findall(r'(docs/[\w-]+\.md),\s+"([^"]+)"', README)
    assert len(parts) >= 2
    for name, title in parts:
        assert f"\n## {title}\n" in read(name), title


def test_floors():
    """Catches a list of floors in README that is not the one that lint checks. (That
    its readings are in the order of the floors is a rule of lint.)"""
    said = re.search(r"Folders are floors.*?\n\n(.*?)\n\n", README, re.S).group(1)
    short = [[n for n in floor if n not in
              ("entrypgdir", "entry", "bootasm", "bootmain")] for floor in floors()]
    said = [n.removesuffix(".h") for n in said.replace("|", " ").split()]
    assert said == [n for floor in short for n in floor]


def test_limits_are_lints():
    """Catches a number in README that is not the one that lint checks."""
    shape = read("tools/lint.d/shape.py")
    assert re.search(r'"vm\.c": 250', shape) and "at most 250 lines" in \
        " ".join(README.split())
    lines = re.search(r"^FUNCTION_LINES = (\d+)", shape, re.M).group(1)
    assert f"Functions are at most {lines} lines long" in README
