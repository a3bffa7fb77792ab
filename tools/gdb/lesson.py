"""The guided tour: `lesson` stops where the kernel makes page tables, says in two or three
sentences what happens there, and shows a view of it.

Enter goes on. Any other line is a GDB command, which is executed at once. The stops are
data (tour.py), in the order in which the machine reaches them.
"""
import os
import textwrap

import gdb
import layout
import target
from tour import END, STOPS

START = ("the tour begins before kvmalloc has run: leave GDB and QEMU, and say "
         "`make lesson`")


def at_start():
    """The number of the first stop that is still ahead, and whether the machine
    stands at it already. Raises GdbError if it is past kvmalloc."""
    cpu = target.registers()
    if not cpu.paging:
        return 0, False
    k = target.kernel()
    if cpu.cr3 & ~0xFFF != k.pa(k.symbols["entrypgdir"]) or k.variable("kpgdir"):
        raise gdb.GdbError(START)
    return 1, gdb.newest_frame().name() == "kvmalloc"


def line_of(where):
    """"FILE:/TEXT/" as "FILE:LINE", the first that has the text; anything else as it
    is."""
    name, _, text = where.partition(":/")
    if not text:
        return where
    with open(os.path.join(layout.ROOT, name), encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            if text.rstrip("/") in line:
                return f"{name}:{number}"
    raise gdb.GdbError(f"lesson: {where} is not there any more")


def run_to(stop):
    """Lets the machine run to a stop. False if it stopped somewhere else before, at a
    breakpoint of the student's."""
    where, _, condition = line_of(stop["where"]).partition(" if ")
    gdb.execute(f"thbreak {where}", to_string=True)
    mine = gdb.breakpoints()[-1]
    if condition:
        mine.condition = condition
    try:
        gdb.execute("continue", to_string=True)
    except gdb.error:
        if mine.is_valid():
            mine.delete()
        raise
    if mine.is_valid():
        mine.delete()
        return False
    return True


def present(number, stop):
    """Executes the commands before the view, prints the text, shows the views."""
    for command in stop.get("then", ()):
        gdb.execute(command, to_string=True)
    print(f"\n{number + 1}. {stop['title']}\n")
    print(textwrap.fill(" ".join(stop["text"].split()), 78))
    for command in stop["show"]:
        print(f"\n(gdb) {command}")
        gdb.execute(command)
    print()


def ask(number):
    """What the student types at a stop: commands, until an empty line. False if the
    tour is to end (Ctrl-D, or `leave`)."""
    prompt = f"(lesson {number + 1} of {len(STOPS)}: Enter goes on, `leave` ends) "
    while True:
        try:
            line = input(prompt).strip()
        except (EOFError, KeyboardInterrupt):
            print()
            return False
        if line in ("", "leave"):
            return line == ""
        try:
            gdb.execute(line, from_tty=True)
        except gdb.error as e:
            print(e)
        except KeyboardInterrupt:
            print("Quit")


class Lesson(gdb.Command):
    """lesson: a guided tour of page tables, from entry to the first copy-on-write.
At each stop: what happens there, and the view that shows it. Enter goes on to the
next; any GDB command works in between; `leave` or Ctrl-D ends the tour and leaves the
machine where it is. `make lesson` starts a machine and the tour in one terminal."""

    def __init__(self):
        super().__init__("lesson", gdb.COMMAND_RUNNING)

    def invoke(self, argument, from_tty):
        self.dont_repeat()
        paging = gdb.parameter("pagination")
        gdb.execute("set pagination off")
        try:
            tour(*at_start())
        finally:
            gdb.execute(f"set pagination {'on' if paging else 'off'}")


def tour(number, there):
    """Shows the stops from `number` on. there: the machine is at that stop already."""
    while number < len(STOPS):
        if not there and not run_to(STOPS[number]):
            print("\nThe machine stopped before the tour's next place:")
            gdb.execute("frame")
            if not ask(number):
                return
            continue
        there = False
        present(number, STOPS[number])
        if not ask(number):
            return
        number += 1
    print(END)


Lesson()
