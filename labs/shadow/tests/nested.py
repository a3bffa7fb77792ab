"""cr3 in cr3: a machine with SVM, on whose disk are a kernel and a guest's disk."""
import os
import shutil
import tempfile
import time

import dwarf
import guestview
import sources
from booted import Booted, Watched
from kernel import Kernel
from machine import built, symbols
from verdict import Verdict



def layout():
    """The structs of the kernel, with the places of their members."""
    return dwarf.of_kernel(built("kernel"))


PROMPT = r"cr3 file disk[^$]*\n\$ $"


class Nested(Booted):
    """The machine after the prompt of its guest. `ready` raises what it found."""

    def __init__(self):     # pylint: disable=super-init-not-called
        self.cpus, self.mem, self.error, self.kept = 2, 300, None, {}
        self.names, self.dir = symbols(), tempfile.mkdtemp(prefix="v-")
        self.path = f"{self.dir}/qmp"
        disk = f"{self.dir}/vm.img"
        shutil.copyfile(built("vm.img"), disk)
        self.machine = Watched(cpus=2, mem=300, cpu="qemu32,+svm", fs=disk, options=[
            "-qmp", f"unix:{self.path},server=on,wait=off"])
        self.machine.expect_end = self.machine.expect_panic = True
        try:
            self.start()
        except AssertionError as e:
            self.error = e if isinstance(e, Verdict) else Verdict(
                "the guest's prompt", "the machine " + (
                    "hangs" if self.machine.child.isalive() else "resets") +
                " after: " + self.machine.output[-300:],
                "an entry of the shadow is missing or wrong", "the table of symptoms")

    def start(self):
        """Boots both machines; raises Verdict if one of them panics."""
        for command, prompt in (None, r"\n\$ "), ("vmm -m 64 kernel fs.img", PROMPT):
            if command:
                self.machine.send(command + "\n")
            self.machine.expect(rf"{prompt}|\npanic: [^\n]*\n|\nvmm: [^\n]*\n",
                                timeout=100)
            said = self.machine.child.match.group()
            if "panic: " in said or "\nvmm: " in said:
                raise Verdict("the guest's prompt", said.strip().splitlines()[-1],
                              "not yet written" if "not implemented" in said else
                              "see the table of symptoms in the handout")

    def look(self):
        """(What is wrong in the shadows, how many pages they have) now."""
        with sources.Qmp(self.path) as source:
            try:
                g = guestview.find(Kernel(layout(), source.read))
            except LookupError:
                return [], 0
            return g.wrong(), sum(len(g.pages(root, cr3)) for cr3, root in g.roots())

    def watch(self, points):
        """Looks so many times; (pages compared, what was wrong)."""
        compared, wrong = 0, []
        for _ in range(points):
            bad, pages = self.look()
            compared, wrong = compared + pages, wrong + bad
            time.sleep(0.2)
        return compared, wrong

    def close(self):
        self.machine.close()
        shutil.rmtree(self.dir, ignore_errors=True)
        assert not os.path.exists(self.path)
