"""Backtraces across traps: tells GDB how to get from the assembler of an entry to the
code that was interrupted.

	user code, or a C function of the kernel   <- what `bt` goes on with
	vectorN, alltraps, trapret                 <- no C: the unwinder's own frames
	trap(tf)                                   <- C again

In these stubs the distance from %esp to the trapframe depends on the number of pushes
before %eip. The unwinder counts them in the code itself, so a backtrace is right at each
instruction, also after x86/trapasm.S has changed. GDB has no symbols of programs: there
the unwinder follows the chain of %ebp to its end.
"""
import re

import gdb
import gdb.unwinder

PUSHED = {"push": 4, "pusha": 32, "pushf": 4, "pop": -4, "popa": -32, "popf": -4}
SEGMENTS, GENERAL = 12, 32      # bytes of ds, es, fs and of pushal
REGISTERS = ("edi", "esi", "ebp", "ebx", "edx", "ecx", "eax")
FRAME = ("eip", "cs", "eflags")
kept = {}


class FrameId:
    """The identity of a frame: its %esp and its %eip."""

    def __init__(self, sp, pc):
        self.sp, self.pc = sp, pc


def symbol(name):
    """A label's address. Raises gdb.error."""
    return int(gdb.parse_and_eval(f"(unsigned)&{name}")) & 0xFFFFFFFF


def instructions(start, end):
    """[(address, mnemonic without its size letter, operands)] of [start, end]."""
    out = []
    for i in gdb.selected_inferior().architecture().disassemble(start, end):
        name, _, operands = i["asm"].partition(" ")
        if name not in PUSHED and name[:-1] in (*PUSHED, "add", "iret"):
            name = name[:-1]
        out.append((i["addr"], name, operands.strip()))
    return out


def depths():
    """{address: bytes pushed below trapno when %eip is there} for all instructions
    from alltraps to trapret's iret. Read once for a program."""
    name = gdb.current_progspace().filename
    if name in kept:
        return kept[name]
    alltraps, trapret = symbol("alltraps"), symbol("trapret")
    out, pushed = {}, 0
    for at, op, operands in instructions(alltraps, trapret + 64):
        if at == trapret:
            pushed = SEGMENTS + GENERAL
        out[at] = pushed
        if op == "iret":
            break
        pushed += PUSHED.get(op, 0)
        if op == "add" and "esp" in operands:
            pushed -= int(re.search(r"0x[0-9a-f]+", operands).group(), 16)
    kept[name] = out
    return out


def trapno_at(pc, sp):
    """Where the trapframe's trapno lies, or will lie when it has been pushed, for a
    frame at pc with %esp = sp; None if pc is in no entry."""
    if pc in depths():
        return sp + depths()[pc]
    if not symbol("vector0") <= pc < symbol("vector255") + 12:
        return None
    pushes = 0
    for _, op, _ in instructions(pc, pc + 12):
        if op.startswith("jmp"):
            return sp - 4 * pushes
        pushes += op == "push"
    return None


def word_at(va):
    """The word at an address, as a gdb.Value."""
    kind = gdb.lookup_type("unsigned int")
    return gdb.Value(va).cast(kind.pointer()).dereference()


class TrapUnwinder(gdb.unwinder.Unwinder):
    """Finds the registers of the interrupted code in the trapframe."""

    def __init__(self):
        super().__init__("cr3 traps")

    def __call__(self, pending):
        pc = int(pending.read_register("pc")) & 0xFFFFFFFF
        sp = int(pending.read_register("esp")) & 0xFFFFFFFF
        if pc < 0x80000000:
            return None if symbols_at(pc) or not paging() else program(pending, sp)
        try:
            trapno = trapno_at(pc, sp)
        except gdb.error:
            return None         # no symbols, or no memory there yet
        return None if trapno is None else registers(pending, trapno, sp)


def symbols_at(pc):
    """Does GDB know the program there (`add-symbol-file build/user/sh`)?"""
    return gdb.find_pc_line(pc).symtab is not None


def paging():
    """Is paging on? Before, code of the kernel and the boot block runs low."""
    return bool(int(gdb.parse_and_eval("(unsigned)$cr0")) & 1 << 31)


def program(pending, sp):
    """The caller of a program's function, by its saved %ebp; the end of the chain is
    a caller at 0, at which GDB stops silently."""
    pc, ebp = pending.read_register("pc"), pending.read_register("ebp")
    kind = gdb.lookup_type("unsigned int")
    at, caller, old = int(ebp) & 0xFFFFFFFF, gdb.Value(0), gdb.Value(0)
    try:
        if at >= sp:
            old, caller = word_at(at), word_at(at + 4)
        if int(caller) >= 0x80000000:   # what exec has main return to
            caller = gdb.Value(0)
    except gdb.MemoryError:
        caller = old = gdb.Value(0)
    # A program's stack lies below the kernel's: GDB would take the chain for broken,
    # if these frames did not count as 4 GB higher.
    info = pending.create_unwind_info(FrameId(gdb.Value(sp + (1 << 32)), pc))
    for name, value in (("eip", caller), ("ebp", old),
                        ("esp", gdb.Value(max(at, sp) + 8))):
        info.add_saved_register(name, value.cast(kind))
    return info


def registers(pending, trapno, sp):
    """What the interrupted code had, as gdb.UnwindInfo."""
    tf = gdb.lookup_type("struct trapframe")
    at = {f.name: trapno + f.bitpos // 8 for f in tf.fields()}
    first = at["trapno"] - trapno       # trapno's offset in the struct
    at = {name: where - first for name, where in at.items()}
    pc = pending.read_register("pc")
    info = pending.create_unwind_info(FrameId(gdb.Value(at["esp"]), pc))
    for name in FRAME:
        info.add_saved_register(name, word_at(at[name]))
    # The general registers are still the CPU's own before pushal and after popal.
    saved = trapno - sp >= SEGMENTS + GENERAL
    for name in REGISTERS:
        info.add_saved_register(name, word_at(at[name]) if saved else
                                pending.read_register(name))
    # From the kernel itself, the CPU pushes no %esp: it is where the frame ends.
    user = int(word_at(at["cs"])) & 3
    kind = gdb.lookup_type("unsigned int")
    info.add_saved_register("esp", word_at(at["esp"]) if user else
                            gdb.Value(at["esp"]).cast(kind))
    return info


gdb.unwinder.register_unwinder(None, TrapUnwinder(), replace=True)
