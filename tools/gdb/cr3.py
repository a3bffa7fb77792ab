"""GDB's commands for cr3: sourced by build/gdbinit (`make gdb`), or by hand with
`source tools/gdb/cr3.py`. `help cr3` lists them.

    pt, walk, ptdiff, kmap, areas, ps, frame   views (commands.py)
    info locals                                locals.py
    bt across traps                            unwind.py
    lesson                                     a guided tour (lesson.py)
    who-wrote                                  backwards (reverse.py)
"""
import os
import sys

import gdb

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
if HERE not in sys.path:
    sys.path.insert(0, HERE)


class Cr3(gdb.Command):
    """The commands that show page tables; each has its own help.

    pt [PID | -d DIRECTORY]      a directory, folded into ranges
    walk [VA [PID]]              one address, step by step; after a page fault: CR2
    walk -p VA [PID]             ... and who translates the access to that very entry
    pt -g, walk -g VA            a guest's: its tables, its monitor's, the shadow
    ptdiff [on | off]            what changed since the last stop
    kmap                         the rows of kmap[] against what is installed
    ps, areas [PID], frame PA    processes, their areas, a physical page
    lesson                       a guided tour from entry to the first copy-on-write
    who-wrote [-d] VA [PID]      backwards to the line that wrote VA's entry (needs
                                 `make qemu-rr`); replay: once more from its end"""

    def __init__(self):
        super().__init__("cr3", gdb.COMMAND_USER)

    def invoke(self, argument, from_tty):
        gdb.execute("help cr3")


Cr3()
# entry.S defines _start, a physical address. Without a limit GDB names addresses of the
# kernel by their distance from it: "0x80100000 <_start+2147483636>".
gdb.execute("set print max-symbolic-offset 0x100000")
for name in ("commands", "locals", "unwind", "lesson", "reverse"):
    if os.path.exists(os.path.join(HERE, name + ".py")):
        __import__(name)
