"""docs/views.md is executed: its commands run, and its lines are what they print."""
import re
import time

import ptviewer
from machine import ROOT

BLOCK = re.compile(r"^```(terminal|machine)\n(.*?)^```$", re.M | re.S)
ANY = "..."


def shape(line):
    """A line without what differs from build to build: addresses, bytes, counts."""
    line = re.sub(r"\b[0-9a-f]{8}\b", "#", line)
    return re.sub(r"(?<!CR)(?<!PTE\[)(?<!PDE\[)\b\d+\b|0x[0-9a-f]+", "#",
                  re.sub(r" +", " ", line)).strip()


def steps():
    """(where, command, lines) of the page, in order."""
    with open(f"{ROOT}/docs/views.md", encoding="utf-8") as f:
        for where, text in BLOCK.findall(f.read()):
            for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
                command, _, lines = part.partition("\n")
                yield where, command, lines.rstrip("\n").split("\n")


def same(shown, printed):
    """Are the shown lines those printed, where "..." is any number of lines?"""
    pattern = "".join(r"(?:.*\n)*?" if line == ANY else re.escape(shape(line)) + "\n"
                      for line in shown)
    text = "".join(shape(line) + "\n" for line in printed.rstrip("\n").split("\n"))
    return re.fullmatch(pattern, text) is not None


def test_views_page(machine, tmp_path_factory):
    """Catches a page whose commands do not exist any more or print something else."""
    monitor = str(tmp_path_factory.mktemp("m") / "qmp")
    m = machine(options=["-qmp", f"unix:{monitor},server=on,wait=off"]).boot()
    # The prompt is there before the shell sleeps.
    while ptviewer.run("--qmp", monitor, "ps").count(" sleeping ") < 2:
        time.sleep(0.1)
    count = {"terminal": 0, "machine": 0}
    for where, command, lines in steps():
        count[where] += 1
        if where == "machine":
            out = m.run(command)
        else:
            tool, *args = command.split()
            assert tool == "tools/ptview"
            out = ptviewer.run("--qmp", monitor, *args)
        assert same(lines, out), f"{command} prints:\n{out}"
    assert count == {"terminal": 4, "machine": 2}
