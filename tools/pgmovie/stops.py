"""Where the machine is stopped inside of gdb, and what it holds there."""
import os

import gdb
import film
import target
from ptcore import words

CODE = film.Code()
MMU = film.A | film.D   # what the MMU sets by itself


# ---- The session ---------------------------------------------------------------
def connect():
    """Begins: the stub at PGMOVIE_PORT has stopped the machine."""
    gdb.execute("set pagination off")
    gdb.execute("set confirm off")
    gdb.execute(f"target remote 127.0.0.1:{os.environ['PGMOVIE_PORT']}", to_string=True)


def finish(rec):
    """Writes what a record.Recorder has, and ends the machine."""
    rec.write(os.environ["PGMOVIE_OUT"])
    print(f"pgmovie: {len(rec.steps)} steps")
    gdb.execute("kill", to_string=True)
    gdb.execute("quit")


# ---- The stopped machine -------------------------------------------------------
def value(expression):
    """An expression of gdb's as 32 bits."""
    return int(gdb.parse_and_eval(f"(unsigned)({expression})")) & 0xFFFFFFFF


def register(name):
    """A register, 32 bits."""
    return value(f"${name}")


def argument(i):
    """Argument i of the function at whose first instruction the machine stands."""
    return words(bytes(gdb.selected_inferior().read_memory(
        register("esp") + 4 + 4 * i, 4)))[0]


def text_at(va, n=64):
    """The text of at most n bytes at a virtual address."""
    out = b""
    for i in range(n):
        c = bytes(gdb.selected_inferior().read_memory(va + i, 1))
        if c == b"\0":
            break
        out += c
    return out.decode("ascii", "replace")


def current():
    """The physical address of the directory in CR3."""
    return target.registers().cr3 & ~0xFFF


def callers():
    """The functions between main and the selected frame, outermost first, as text."""
    names, frame = [], gdb.newest_frame().older()
    while frame is not None and frame.name() != "main":
        names.insert(0, frame.name())
        frame = frame.older()
    return " › ".join(names)


# ---- Stops ---------------------------------------------------------------------
def places(path, text, within):
    """The addresses of a line of the source."""
    _, number = CODE.find(path, text, within)
    return [where.pc for where in gdb.decode_line(f"{path}:{number}")[1]]


class Stops:
    """Where the machine stops, and what is done there.

    at(address, do)      do() each time the machine comes there
    when_back(do)        do() when the function now entered returns to its caller
    run(until)           goes on until do() of a stop has set self.done to `until`
    """

    def __init__(self):
        self.here, self.back, self.done = {}, [], None

    def at(self, address, do):
        """Stops at an address, or at a function's first instruction."""
        if isinstance(address, str):
            address = value(f"&{address}")
        self.remove(address)
        self.here[address] = (do, gdb.Breakpoint(f"*{address:#x}", internal=True))

    def line(self, path, text, within, do):
        """Stops at a line of the source, wherever the compiler has put it."""
        for pc in places(path, text, within):
            self.at(pc, do)

    def no_line(self, path, text, within):
        """Stops there no longer."""
        for pc in places(path, text, within):
            self.remove(pc)

    def remove(self, address):
        """Stops there no longer."""
        if isinstance(address, str):
            address = value(f"&{address}")
        if address in self.here:
            self.here.pop(address)[1].delete()

    def when_back(self, do):
        """At a function's first instruction: stop when it has returned."""
        esp = register("esp")
        ret = words(bytes(gdb.selected_inferior().read_memory(esp, 4)))[0]
        # The stop before this one at that address, if any, may go on.
        self.back.append((ret, esp + 4, do,
                          gdb.Breakpoint(f"*{ret:#x}", internal=True)))

    def run(self, until):
        """Goes on from stop to stop."""
        while self.done != until:
            gdb.execute("continue", to_string=True)
            self.arrived(register("eip"), register("esp"))

    def arrived(self, eip, esp):
        """Does what is to be done at a stop: returns first."""
        for entry in [b for b in self.back if b[:2] == (eip, esp)]:
            self.back.remove(entry)
            entry[3].delete()
            entry[2]()
        if eip in self.here:
            self.here[eip][0]()


def go_to(path, text, within):
    """Lets the machine run to a line's next code in the file, past all stops."""
    _, number = CODE.find(path, text, within)
    table = gdb.decode_line(f"{path}:{number}")[1][0].symtab.linetable()
    ahead = [e.pc for e in table.line(number) if e.pc > register("eip")]
    stop = gdb.Breakpoint(f"*{min(ahead):#x}", internal=True)
    gdb.execute("continue", to_string=True)
    stop.delete()


STOPS = Stops()
