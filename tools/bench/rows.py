"""The rows of bench: the table rows.tsv, and the lines that the program prints."""
import os
import re
import sys

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


def number(text):
    """An integer, or None for "-"."""
    return None if text == "-" else int(text)


def table():
    """{row: {"xv6", "linux", "floor", "goal": int or None, "operation": str}}, in
    the order of the file."""
    with open(f"{HERE}/rows.tsv", encoding="utf-8") as f:
        lines = [x.rstrip("\n").split("\t") for x in f if x[0] != "#"]
    return {name: dict(zip(lines[0][1:], [*map(number, cells[:4]), cells[4]]))
            for name, *cells in lines[1:]}


def parse(text):
    """{row: {"figure": int or None, "operations": int, "waits": int}} of bench's
    output. ValueError: the output has another line, a message of bench."""
    rows = {}
    for line in text.strip().split("\n"):
        if line.startswith("row "):
            continue
        if not (m := re.fullmatch(r"(\S+) +(\d+|-) +(\d+) +(\d+)", line)):
            raise ValueError(f"bench says: {line}")
        rows[m[1]] = {"figure": number(m[2]), "operations": int(m[3]),
                      "waits": int(m[4])}
    return rows


def at_goal(found, goal):
    """Whether a row, as parse returns it, is a figure and not above its goal."""
    return goal is not None and found["figure"] is not None and \
        not found["waits"] and found["figure"] <= goal
