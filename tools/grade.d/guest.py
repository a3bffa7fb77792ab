"""A machine whose functions are called from outside, one by one.

The machine stops at the first instruction of kvmalloc: the kernel runs on entrypgdir,
kalloc works, and nothing of the student's has run yet. A test puts arguments on the
stack, lets one function run until it returns, and reads what it has done to physical
memory. Functions that it calls can be replaced by Python ("mocks"), so each function is
tested alone, although the others may be missing. Nothing that the kernel prints counts.

Time is the guest's: with -icount an instruction takes 64 ns, however busy the host is.
"""
import os
import random
import re
import struct
import tempfile

from machine import Machine, symbols
from remote import EAX, EIP, ESP, Gone, Remote
from verdict import Verdict

KERNBASE = 0x80000000
PGSIZE = 4096
PM_TIMER = 0x608        # ACPI's timer on QEMU's PC: 24 bits
PM_HZ = 3579545
BUDGET = 2.0            # seconds of the guest that a call may take
LAST = (1 << 32) - 1


class Frame:
    """A page of the machine's memory: its physical address, and its 1024 words."""

    def __init__(self, guest, pa):
        self.guest, self.pa, self.va = guest, pa, pa + KERNBASE

    def words(self):
        """All its words."""
        return list(struct.unpack("<1024I", self.guest.remote.read(self.pa, PGSIZE)))

    def set(self, index, value):
        """Writes one word."""
        self.guest.remote.write(self.pa + 4 * index, struct.pack("<I", value))

    def fill(self, words):
        """Writes all of them."""
        self.guest.remote.write(self.pa, struct.pack("<1024I", *words))


class Guest:
    """The machine, stopped at kvmalloc."""

    def __init__(self, mem=64, at="kvmalloc"):
        self.dir = tempfile.mkdtemp(prefix="g-")
        self.machine = Machine(
            cpus=1, mem=mem, boot="kernel", fs=None, debug_exit=False, options=[
                "-S", "-icount", "shift=6,sleep=off",
                "-d", "int,cpu_reset", "-D", f"{self.dir}/trace",
                "-chardev", f"socket,id=g,path={self.dir}/gdb,server=on,wait=off",
                "-gdb", "chardev:g"])
        self.machine.expect_end = self.machine.expect_panic = True
        self.names, self.dead = symbols(), False
        self.remote = Remote(f"{self.dir}/gdb")
        self.back = self.names["entry"]     # nothing executes it any more
        self.remote.stop_at(self.names[at])
        self.run(60)
        self.remote.stop_at(self.names[at], False)
        for name in ("panic", "assert_fail"):
            self.remote.stop_at(self.names[name])
        self.remote.stop_at(self.back)
        self.start = self.remote.registers()
        self.random = random.Random(int(os.environ.get("GRADE_SEED", "1")))

    # ---- Memory -------------------------------------------------------------
    def frame(self, words=None):
        """A new Frame: random words, or those given. It comes from kalloc."""
        frame = Frame(self, self.call("kalloc") - KERNBASE)
        frame.fill(words or self.noise())
        return frame

    def empty(self):
        """A new Frame of zeros."""
        return self.frame([0] * 1024)

    def noise(self):
        """1024 random words: what a frame holds that nobody has cleared."""
        return [self.random.getrandbits(32) for _ in range(1024)]

    def word(self, pa):
        """The word at a physical address."""
        return struct.unpack("<I", self.remote.read(pa, 4))[0]

    def variable(self, name):
        """A global variable of the kernel, 32 bits."""
        return self.word(self.names[name] - KERNBASE)

    def set_variable(self, name, value):
        """Changes one."""
        self.remote.write(self.names[name] - KERNBASE, struct.pack("<I", value))

    def text(self, va):
        """The C string at an address of the kernel."""
        data = self.remote.read(va - KERNBASE, 128)
        return data.split(b"\0")[0].decode("ascii", "replace")

    # ---- Running ------------------------------------------------------------
    def clock(self):
        """The guest's time, as ticks of ACPI's timer."""
        found = re.search(r"= 0x(\w+)", self.machine.hmp(f"i /w {PM_TIMER:#x}"))
        return int(found.group(1), 16) if found else 0

    def run(self, budget=BUDGET):
        """Lets the machine run until it stops. Raises Verdict if it takes longer than
        `budget` seconds of its own time, or ends."""
        self.remote.send("c")
        used, before = 0, None
        while True:
            try:
                self.remote.answer(timeout=0.5)
                return
            except TimeoutError:
                now = self.clock()
                used += 0 if before is None else (now - before) & 0xFFFFFF
                before = now
                if used > budget * PM_HZ:
                    self.dead = True
                    raise Verdict("the function returns", f"it still runs after {budget}"
                                  " seconds of the machine's time",
                                  "a loop whose end is never met") from None
            except Gone:
                self.dead = True
                raise Verdict("the function returns", "the machine has ended: " +
                              self.last_fault(), "a triple fault: an access to an "
                              "address that no entry maps", "docs: make qemu-fault") \
                    from None

    def last_fault(self):
        """The last exception of QEMU's trace, in words."""
        with open(f"{self.dir}/trace", encoding="ascii", errors="replace") as f:
            text = f.read()
        found = re.findall(r"v=0e e=(\w+).*?IP=\w+:(\w+).*?CR2=(\w+)", text)
        if not found:
            return "a triple fault without a page fault"
        error, eip, cr2 = found[-1] if len(found) < 2 else found[0]
        return f"page fault at EIP {eip}, address {cr2}, error code {error}"

    def call(self, name, *args, mocks=None, budget=BUDGET):
        """Calls a function of the kernel with 32-bit arguments; returns EAX. mocks is
        {name: f}: instead of that function of the kernel f(arguments) runs, and its
        result is returned; arguments[i] reads the i-th."""
        mocks = {self.names[n]: f for n, f in (mocks or {}).items()}
        top = struct.unpack("<I", bytes.fromhex(self.start[32:40]))[0] - 256
        stack = struct.pack(f"<{1 + len(args)}I", self.back,
                            *(a & LAST for a in args))
        self.remote.write(top - KERNBASE, stack)
        self.remote.set_registers(self.start, esp=top, eip=self.names[name])
        for va in mocks:
            self.remote.stop_at(va)
        try:
            return self.until_return(mocks, budget)
        finally:
            for va in mocks if not self.dead else ():
                self.remote.stop_at(va, False)

    def until_return(self, mocks, budget):
        """Runs until the called function returns; returns EAX."""
        while True:
            self.run(budget)
            eip = self.remote.register(EIP)
            esp = self.remote.register(ESP)
            if eip == self.back:
                return self.remote.register(EAX)
            if eip in mocks:
                self.answer(mocks[eip], esp)
            else:
                raise self.panicked(eip, esp)

    def answer(self, mock, esp):
        """Returns from the function at whose first instruction the machine stands."""
        words = struct.unpack("<9I", self.remote.read(esp - KERNBASE, 36))
        regs = self.remote.registers()
        value = mock(words[1:])
        self.remote.set_registers(regs, eip=words[0], esp=esp + 4, eax=value or 0)

    def panicked(self, eip, esp):
        """The Verdict of a machine that stands in panic or assert_fail."""
        text = self.text(self.word(esp - KERNBASE + 4))
        if eip == self.names["assert_fail"]:
            text = f"assertion failed: {text}"
        return Panicked(text)

    def close(self):
        """Ends the machine."""
        self.machine.close()


class Panicked(Verdict):
    """The kernel panicked where it should not."""

    def __init__(self, text):
        super().__init__("the function returns", f"the kernel panics: {text}",
                         "not yet written" if "not implemented" in text else
                         "an assertion or a panic in the function that was called")
        self.text = text
