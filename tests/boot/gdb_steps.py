"""Runs inside of gdb (`source`): steps from kvmalloc through setupkvm, mappages and
walkpgdir for every row of kmap[], as a student would, and prints what it sees:

    step FUNCTION:LINE     each line that was stepped to
    row N va size          each row of kmap[], at mappages' first line
    lost FUNCTION:LINE X   an argument or a local that gdb cannot show; a local
                           that has no value yet is not lost
"""
import gdb

OURS = {"kvmalloc", "setupkvm", "mappages", "walkpgdir"}
FEW = 45  # steps in each row, before the rest of its pages is run through


def here():
    """(function, line) of the selected frame."""
    frame = gdb.newest_frame()
    return frame.name(), frame.find_sal().line


SHOWN = []  # for each frame, outermost first: (function, variables shown in it)


def depth():
    """The number of frames."""
    n, frame = 0, gdb.newest_frame()
    while frame is not None:
        n, frame = n + 1, frame.older()
    return n


def look():
    """Reports where gdb stands and every variable that it cannot show."""
    name, line = here()
    print(f"step {name}:{line}")
    del SHOWN[depth():]
    while len(SHOWN) < depth():
        SHOWN.append(set())
    shown = SHOWN[-1]
    frame, block = gdb.newest_frame(), gdb.newest_frame().block()
    while block is not None and not block.is_global:
        for symbol in block:
            if symbol.is_variable or symbol.is_argument:
                if not frame.read_var(symbol, block).is_optimized_out:
                    shown.add(symbol.name)
                elif symbol.is_argument or symbol.name in shown:
                    print(f"lost {name}:{line} {symbol.name}")
        if block.function:
            break
        block = block.superblock


def step():
    """One line further; out again of what is not the lecture's."""
    gdb.execute("step", to_string=True)
    while here()[0] not in OURS | {"main"}:
        gdb.execute("finish", to_string=True)


gdb.execute("set pagination off")
gdb.execute("set confirm off")
rows = int(gdb.parse_and_eval("sizeof(kmap)/sizeof(kmap[0])"))
look()
for row in range(rows):
    while here()[0] != "mappages":
        step()
        look()
    va = int(gdb.parse_and_eval("(unsigned)va"))
    size = int(gdb.parse_and_eval("(unsigned)size"))
    print(f"row {row} {va:#x} {size:#x}")
    for _ in range(FEW):
        step()
        look()
        if here()[0] not in ("mappages", "walkpgdir"):
            break
    while here()[0] in ("mappages", "walkpgdir"):
        gdb.execute("finish", to_string=True)
while here()[0] != "main":
    step()
    look()
print("end")
