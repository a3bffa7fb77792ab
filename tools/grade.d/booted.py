"""A machine that has booted, and its page tables as they are in physical memory.

It must prove that it runs: a prompt can be printed by anything, so the grader waits for
a CPU in user mode, in a directory of its own, whose instructions are those of a program
on the disk.
"""
import re
import struct
import time

import ptcore
from machine import Machine, symbols
from verdict import Verdict

KERNBASE = 0x80000000


FLOOD = 1 << 20         # characters that no boot prints


class Watched(Machine):
    """A machine that is given up when it floods the console."""

    def write(self, text):
        super().write(text)
        if len(self.text) > FLOOD:
            raise Verdict("some lines of messages", f"{FLOOD} characters: " +
                          repr(text[-60:]), "a loop that prints")


class Booted:
    """The machine after its first prompt. `ready` raises what boot found. Another lab may
    have a machine of its own: it overrides new_machine and begin."""

    ends = ("hangs", "resets (a triple fault)")     # without a prompt

    def __init__(self, cpus, mem):
        self.cpus, self.mem, self.error = cpus, mem, None
        self.names = symbols()
        self.kept = {}
        self.machine = self.new_machine()
        self.machine.expect_end = self.machine.expect_panic = True
        try:
            self.begin()
        except Verdict as e:
            self.error = e
        except AssertionError:
            self.error = Verdict(
                "the shell's prompt", "the machine " + self.ends[
                    not self.machine.child.isalive()] + " after: " +
                self.machine.output[-300:],
                "the CPU cannot translate an address that it needs: an entry is "
                "missing or wrong", "make qemu-fault")

    def new_machine(self):
        """The machine, which has not said anything yet."""
        return Watched(cpus=self.cpus, mem=self.mem)

    def begin(self):
        """Waits for the prompt, and stops the machine there."""
        self.prompt(r"\n\$ ")
        self.machine.qmp("stop")

    def prompt(self, pattern, last=r"\npanic: [^\n]*\n"):
        """Waits for a prompt; Verdict if a last word comes instead."""
        self.machine.expect(f"{pattern}|{last}", timeout=100)
        said = self.machine.child.match.group()
        if re.fullmatch(last, said):
            raise Verdict("the shell's prompt", said.strip(),
                          "not yet written" if "not implemented" in said else
                          "see the table of symptoms in the handout")

    def ready(self):
        """This machine, stopped at the prompt; raises if it does not come so far."""
        if self.error:
            raise self.error
        return self

    def read(self, pa, size):
        """Bytes of physical memory (ptcore's read)."""
        return struct.pack(f"<{size // 4}I", *self.machine.words(pa, size // 4))

    def space(self, cr3):
        """The directory at a physical address, with its tables."""
        if cr3 not in self.kept:
            self.kept[cr3] = ptcore.Space(self.read, cr3)
        return self.kept[cr3]

    def kernel(self):
        """The space that kpgdir names."""
        pointer = self.machine.words(self.names["kpgdir"] - KERNBASE, 1)[0]
        return self.space(pointer - KERNBASE)

    def registers(self, cpu=0):
        """Control registers and EIP of a CPU."""
        return self.machine.registers(cpu)

    def process(self):
        """The space of a process, taken while a CPU runs in it in user mode."""
        if "process" not in self.kept:
            self.kept["process"] = self.find_process()
        return self.kept["process"]

    def find_process(self):
        """Starts a program, and stops the machine until it is caught."""
        self.machine.qmp("cont")
        self.machine.send("usertests\n")
        kernel = self.kernel().cr3
        for _ in range(600):
            self.machine.qmp("stop")
            for cpu in range(self.cpus):
                regs = self.registers(cpu)
                if regs["CR3"] & ~0xFFF == kernel or regs["EIP"] >= KERNBASE:
                    continue
                space = ptcore.Space(self.read, regs["CR3"])
                if space.pte(regs["EIP"]) & ptcore.P:
                    return space
            self.machine.qmp("cont")
            time.sleep(0.01)
        raise Verdict("a process in user mode", "no CPU ever runs one",
                      "the kernel prints a prompt, but runs no program")

    def close(self):
        """Ends the machine."""
        self.machine.close()
