"""The guided tour of page tables, taken in a terminal as a student takes it."""
import re

import pexpect
import pytest
from machine import ROOT, dies_with_us, make_env

pytestmark = pytest.mark.in_tree

# What each stop must show, in order.
STOPS = ["paging is off", r"entrypgdir, 0 tables, 2048 pages",
         r"PDE\[0x200\].*table at", r"0 low 1 MB.*all 256 pages",
         r"1 kernel text.*all \d+ pages", r"2 kernel data, RAM.*all 57\d\d\d pages",
         r"fe000000-ffffffff.*kmap\[3\]",
         r"the directory of kpgdir(?s:.*)a write faults: the PTE lacks W",
         r"the directory itself, used as a table",
         r"C reaches it at P2V(?s:.*)directory of kpgdir",
         r"error code 0x[46] \(not present(?s:.*)text \(file(?s:.*)in alltraps",
         r"copy-on-write \(2 owners\)(?s:.*)(another frame|\+W)"]


@pytest.fixture
def lesson():
    """`make lesson` in a terminal; ended after the test."""
    child = pexpect.spawn("make", ["--no-print-directory", "lesson"], cwd=ROOT,
                          timeout=60, encoding="utf-8", preexec_fn=dies_with_us,
                          dimensions=(50, 200),
                          env=make_env())
    child.delaybeforesend = None
    yield child
    child.close(force=True)


def end_of_tour(lesson):
    """The end must name a way on that exists: it promised a shell, but GDB has the
    keyboard there."""
    lesson.expect("That was the tour(?s:.*)make qemu-nox-gdb(?s:.*)page-tables.md")
    lesson.expect(r"\(gdb\) ")
    lesson.sendline("break mm_fault")
    lesson.expect(r"\(gdb\) ")
    lesson.sendline("continue")
    lesson.expect(r"Breakpoint \d+, mm_fault(?s:.*)\(gdb\) ")


def test_lesson(lesson):
    """Catches a tour that misses a stop, shows a wrong view there, does not accept a
    GDB command in between, or ends the machine."""
    for number, pattern in enumerate(STOPS, 1):
        lesson.expect(rf"\(lesson {number} of {len(STOPS)}: [^)]*\)")
        shown = lesson.before.replace("\r", "")
        assert re.search(rf"^{number}\. ", shown, re.M), shown
        assert re.search(pattern, shown), (pattern, shown)
        assert "Error" not in shown and "Python" not in shown, shown
        if number == 9:     # what the text counts is what the view counts
            tables, said = re.search(r"(?s)kpgdir's (\d+)\..*?, (\d+) tables", shown) \
                .groups()[::-1]
            assert int(said) == int(tables) + 1 and "PDE[0x3f7]" in shown, shown
        if number == 4:
            lesson.sendline("print kmap[0].end")
            lesson.expect(r"= 1048576\r\n.*\(lesson 4 of")
            lesson.sendline("break kinit")      # a stop of the student's own
            lesson.expect(r"\(lesson 4 of")
        if number == 8:
            lesson.sendline("no-such-command")
            lesson.expect(r"Undefined command(?s:.*)\(lesson 8 of")
            lesson.sendline("")
            lesson.expect(r"stopped before the tour's next place(?s:.*)kinit"
                          r"(?s:.*)\(lesson 9 of")
        lesson.sendline("")
    end_of_tour(lesson)
    lesson.sendline("lesson")
    lesson.expect("make lesson")
    lesson.sendline("quit")
    lesson.expect(pexpect.EOF)


def test_lesson_can_be_left(lesson):
    """Catches a tour that cannot be interrupted, or cannot be left in the middle."""
    lesson.expect(r"\(lesson 1 of")
    lesson.sendline("")
    lesson.expect(r"\(lesson 2 of")
    lesson.sendline("next")
    lesson.expect(r"vm\.c|\d+\t")
    lesson.expect(r"\(lesson 2 of")
    lesson.sendline("leave")
    lesson.expect(r"\(gdb\) ")
    lesson.sendline("pt")
    lesson.expect("entrypgdir")
    lesson.sendline("quit")
    lesson.expect(pexpect.EOF)
