"""Backtraces across traps: tells GDB how to get from the assembler of an entry to the
code that was interrupted.

	user code, or a C function of the kernel   <- what `bt` goes on with
	vectorN, alltraps, trapret                 <- no C: the unwinder's own frames
	trap(tf)                                   <- C again

In these stubs the distance from %esp to the trapframe follows from how many pushes
lie before %eip, which is read from the code itself. So a backtrace is right at each of
their instructions, and stays so when x86/trapasm.S changes.
"""
import gdb
import gdb.unwinder
import target

VECTORS = 256
PUSHED = {"pushl": 4, "push": 4, "pushal": 32, "pusha": 32, "pushfl": 4, "pushf": 4,
          "popl": -4, "pop": -4, "popal": -32, "popa": -32, "popfl": -4, "popf": -4}
REGISTERS = ("edi", "esi", "ebp", "ebx", "edx", "ecx", "eax", "eip", "eflags", "cs")
kept = {}


class FrameId:
    """What makes a frame this frame: its %esp and where its function begins."""

    def __init__(self, sp, pc):
        self.sp, self.pc = sp, pc


def code():
    """{"stubs": (first vector, alltraps), "traps": (alltraps, trapret's end),
    "depth": {address: bytes that the entry has pushed there, below trapno}}; None
    without symbols. Read once."""
    name = gdb.current_progspace().filename
    if name not in kept:
        kept[name] = read_code()
    return kept[name]


def symbol(name):
    """A label's address. Raises gdb.error."""
    return int(gdb.parse_and_eval(f"(unsigned)&{name}")) & 0xFFFFFFFF


def read_code():
    """code() from the program's file."""
    try:
        alltraps, trapret = symbol("alltraps"), symbol("trapret")
        first, last = symbol("vector0"), symbol("vector255")
    except gdb.error:
        return None
    arch = gdb.lookup_static_symbol("trap") and gdb.selected_inferior().architecture()
    arch = arch or gdb.selected_inferior().architecture()
    depth, at, end = {}, 0, trapret
    for start in (alltraps, trapret):
        at = 0 if start == alltraps else 12 + 32     # trapret: %esp is at edi
        for i in arch.disassemble(start, start + 200):
            end = i["addr"]
            if start == alltraps and end >= trapret:
                break
            depth[end] = at
            words = i["asm"].split()
            if words[0] == "iret":
                break
            at += PUSHED.get(words[0], 0) + added(i["asm"])
    return {"stubs": (first, last + 16), "traps": (alltraps, end + 1),
            "depth": depth}


def added(text):
    """What `add $N,%esp` takes off, as a negative number of bytes pushed."""
    words = text.replace(",", " ").split()
    if words[0] in ("add", "addl") and words[-1] == "%esp":
        return -int(words[1].lstrip("$"), 0)
    return 0


def in_stub(pc, sp):
    """In vectorN: the address that trapno has, or will have when it is pushed."""
    number = gdb.execute(f"info symbol {pc:#x}", to_string=True).split()
    name = number[0] if number else ""
    start = symbol(name)
    arch = gdb.selected_inferior().architecture()
    pushes = [i["addr"] for i in arch.disassemble(start, start + 12)
              if i["asm"].startswith("push")][:2]
    todo = [a for a in pushes if a >= pc and a < start + 10]
    return sp - 4 * len(todo)


def trapno_at(pc, sp):
    """Where the trapframe's trapno lies, for a frame at pc with %esp = sp; None if
    pc is in no entry."""
    c = code()
    if c is None:
        return None
    if c["traps"][0] <= pc < c["traps"][1] and pc in c["depth"]:
        return sp + c["depth"][pc]
    if c["stubs"][0] <= pc < c["stubs"][1]:
        return in_stub(pc, sp)
    return None


class TrapUnwinder(gdb.unwinder.Unwinder):
    """Finds the registers of the interrupted code in the trapframe."""

    def __init__(self):
        super().__init__("cr3 traps")

    def __call__(self, pending):
        pc = int(pending.read_register("pc")) & 0xFFFFFFFF
        sp = int(pending.read_register("esp")) & 0xFFFFFFFF
        trapno = trapno_at(pc, sp)
        if trapno is None:
            return None
        tf = gdb.lookup_type("struct trapframe")
        offset = {f.name: f.bitpos // 8 for f in tf.fields()}
        base = trapno - offset["trapno"]
        word = gdb.lookup_type("unsigned int")
        info = pending.create_unwind_info(
            FrameId(gdb.Value(base + tf.sizeof), gdb.Value(pc)))
        depth = trapno - sp
        for name in REGISTERS:
            at = base + offset[name]
            if name in ("eip", "eflags", "cs") or depth >= 44 + added_arg(pc):
                info.add_saved_register(name, gdb.Value(at).cast(
                    word.pointer()).dereference())
            else:
                info.add_saved_register(name, pending.read_register(name))
        cs = gdb.Value(base + offset["cs"]).cast(word.pointer()).dereference()
        if int(cs) & 3:
            esp = gdb.Value(base + offset["esp"]).cast(word.pointer()).dereference()
        else:
            esp = gdb.Value(base + offset["esp"]).cast(word)
        info.add_saved_register("esp", esp)
        return info


def added_arg(pc):
    """For symmetry of the depths: all registers are saved from 44 bytes on."""
    return 0


gdb.unwinder.register_unwinder(None, TrapUnwinder(), replace=True)
