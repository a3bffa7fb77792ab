"""cr3 in cr3: a machine with SVM, on whose disk are a kernel and a guest's disk."""
import shutil
import tempfile
import time

import guestview
import sources
from booted import Booted, Watched
from kernel import Kernel
from machine import built
from model import layout

PROMPT = r"cr3 file disk[^$]*\n\$ $"


class Nested(Booted):
    """The machine after the prompt of its guest. `ready` raises what it found."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="v-")
        self.path = f"{self.dir}/qmp"
        super().__init__(2, 300)

    def new_machine(self):
        disk = f"{self.dir}/vm.img"
        shutil.copyfile(built("vm.img"), disk)
        return Watched(cpus=self.cpus, mem=self.mem, cpu="qemu32,+svm", fs=disk, options=[
            "-qmp", f"unix:{self.path},server=on,wait=off"])

    def begin(self):
        """Boots both machines."""
        self.prompt(r"\n\$ ")
        self.machine.send("vmm -m 64 kernel fs.img\n")
        self.prompt(PROMPT, r"\n(?:panic|vmm): [^\n]*\n")

    def look(self):
        """(What is wrong in the shadows, how many pages they have) now."""
        with sources.Qmp(self.path) as source:
            return guestview.compare(Kernel(layout(), source.read))

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
