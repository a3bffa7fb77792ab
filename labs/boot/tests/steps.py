"""The kernel's first instructions, executed one by one from outside."""
import struct
import tempfile
from collections import namedtuple

from machine import Machine, symbols
from remote import EAX, EBP, Gone, Remote
from verdict import Verdict

KERNBASE = 0x80000000
PG, WP, PSE = 1 << 31, 1 << 16, 1 << 4
BOOT_STACK = 8192
MOST = 100              # instructions from entry to main; 15 are enough

# A CPU before an instruction.
State = namedtuple("State", "cr0 cr3 cr4 eip esp")


class Steps:
    """states: one State for each instruction from entry on, up to main or to the end of
    the machine; directory: entrypgdir's words before the first of them; given: %eax and
    %ebx at entry; ebp, stack: %ebp at main, and the words from %esp on."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="s-")
        self.names, self.states = symbols(), []
        self.ebp, self.stack, self.ended = None, None, False
        self.machine = Machine(
            cpus=1, mem=64, boot="kernel", fs=None, debug_exit=False, options=[
                "-S", "-chardev", f"socket,id=g,path={self.dir}/gdb,server=on,wait=off",
                "-gdb", "chardev:g"])
        self.machine.expect_end = self.machine.expect_panic = True
        self.remote = Remote(f"{self.dir}/gdb")
        try:
            self.to_entry()
            self.to_main()
        except (Gone, OSError):     # a reset closes both connections
            self.ended = True
        finally:
            self.machine.close()

    def to_entry(self):
        """Runs up to the first instruction, where the loader has left it."""
        self.remote.stop_at(self.names["entry"] - KERNBASE)
        self.remote.send("c")
        self.remote.answer()
        self.remote.stop_at(self.names["entry"] - KERNBASE, False)
        self.directory = self.words(self.names["entrypgdir"] - KERNBASE, 1024)
        self.given = self.remote.register(EAX), self.remote.register(3)

    def to_main(self):
        """Steps."""
        while len(self.states) < MOST:
            regs = self.machine.registers()
            self.states.append(State(*(regs[n] for n in ("CR0", "CR3", "CR4", "EIP",
                                                         "ESP"))))
            if regs["EIP"] in (self.names["main"], self.names["main"] - KERNBASE):
                break
            self.remote.send("s")
            self.remote.answer(timeout=10)
        self.ebp = self.remote.register(EBP)
        self.stack = self.words(self.states[-1].esp & 0x7FFFFFFC, 3)

    def words(self, pa, n):
        """Words of physical memory."""
        return struct.unpack(f"<{n}I", self.remote.read(pa, 4 * n))

    def at_paging(self):
        """The State after the instruction that sets CR0.PG."""
        for state in self.states:
            if state.cr0 & PG:
                return state
        raise Verdict("an instruction sets CR0.PG", "paging stays off", "not yet written, "
                      "or PG is not set in CR0", "part B")

    def at_main(self):
        """The State at main, at its linked address."""
        last = self.states[-1]
        if self.ended:
            raise Verdict("main runs", f"the machine resets after the instruction at "
                          f"{last.eip:#x}", "the next instruction cannot be fetched: a "
                          "triple fault. Which address does it have, and which entry maps "
                          "it?", "make qemu-fault")
        if last.eip != self.names["main"]:
            raise Verdict(f"main runs at {self.names['main']:#x}", f"EIP {last.eip:#x}",
                          "a jump relative to EIP stays at the low address" if
                          last.eip + KERNBASE == self.names["main"] else
                          "main is never reached", "part C")
        return last
