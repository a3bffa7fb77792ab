"""The same images in Bochs, which is stricter than QEMU about time (its UART and disk
need some) and about what hardware lets pass. The serial line is a pseudo-terminal;
Bochs' own screen goes to a second one, so that no network is used. Skipped where
Bochs is not installed (tools/setup dev installs it)."""
import os
import pty
import shutil
import subprocess
import tty

import pexpect
import pytest
from machine import BOOT_SECONDS, ROOT, built, dies_with_us
from pexpect import fdpexpect

CONFIG = """
display_library: term
romimage: file=/usr/share/bochs/BIOS-bochs-latest
vgaromimage: file=/usr/share/bochs/VGABIOS-lgpl-latest
megs: {mem}
cpu: model={cpu}, count=1, ips=50000000, reset_on_triple_fault=0
pci: enabled={pci}, chipset=i440fx
boot: disk
ata0: enabled=1, ioaddr1=0x1f0, ioaddr2=0x3f0, irq=14
ata0-master: type=disk, path="{dir}/cr3.img", mode=flat, {cr3}
ata0-slave: type=disk, path="{dir}/fs.img", mode=flat, {fs}
com1: enabled=1, mode=term, dev={serial}
clock: sync=none
sound: driver=dummy
log: {dir}/bochs.log
"""

pytestmark = pytest.mark.skipif(
    not shutil.which("bochs") or
    not os.path.exists("/usr/share/bochs/BIOS-bochs-latest"),
    reason="no Bochs (packages bochs bochs-term bochsbios vgabios)")


def geometry(path):
    """16 heads of 32 sectors: cylinders of 256 KB, which Bochs wants to fit exactly;
    both images are multiples of that."""
    cylinders, rest = divmod(os.path.getsize(path), 16 * 32 * 512)
    assert rest == 0, f"{path}: not a multiple of 256 KB"
    return f"cylinders={cylinders}, heads=16, spt=32"


class Bochs:
    """Bochs with cr3 in it."""

    def __init__(self, tmp, **choices):
        shutil.copyfile(built("cr3.img"), tmp / "cr3.img")
        shutil.copyfile(built("fresh.img"), tmp / "fs.img")
        self.log = tmp / "bochs.log"
        master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        (tmp / "bochsrc").write_text(CONFIG.format(
            dir=tmp, serial=os.ttyname(self.slave), **choices,
            cr3=geometry(tmp / "cr3.img"), fs=geometry(tmp / "fs.img")))
        (tmp / "go").write_text("c\n")  # Debian's Bochs waits in its debugger
        self.said = tmp / "said"
        with open(self.said, "wb") as said:
            self.bochs = subprocess.Popen(
                ["bochs", "-q", "-f", tmp / "bochsrc", "-rc", tmp / "go"],
                env=dict(os.environ, TERM="vt100"), preexec_fn=dies_with_us,
                stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        self.line = fdpexpect.fdspawn(master, encoding="utf-8",
                                      codec_errors="replace",
                                      timeout=BOOT_SECONDS)

    def expect(self, pattern):
        """What the serial line said before the pattern."""
        try:
            self.line.expect([pattern])
        except (pexpect.TIMEOUT, pexpect.EOF):
            log = self.log if self.log.exists() else self.said
            raise AssertionError(
                f"no {pattern!r} from Bochs; serial line:\n{self.line.before}\n"
                f"end of {log}:\n" + log.read_text(errors="replace")[-2000:]
            ) from None
        return self.line.before.replace("\r", "")

    def run(self, command):
        """Types a command; returns what it printed."""
        self.line.send(command + "\n")
        self.expect(command.replace("|", r"\|") + r"\r*\n")
        return self.expect(r"(?:^|(?<=\n))\$ ")

    def close(self):
        """Ends Bochs."""
        self.bochs.kill()
        self.bochs.wait()
        self.line.close()
        os.close(self.slave)


@pytest.fixture
def bochs(tmp_path):
    """Makes a Bochs; it is ended after the test."""
    made = []

    def make(cpu="bx_generic", pci=1, mem=64):
        made.append(Bochs(tmp_path, cpu=cpu, pci=pci, mem=mem))
        return made[-1]
    yield make
    for b in made:
        b.close()


@pytest.mark.parametrize("cpu, pci", [("bx_generic", 1), ("pentium", 1),
                                      ("bx_generic", 0)])
def test_bochs(bochs, cpu, pci):
    """Catches a kernel that writes to the UART or the disk without waiting until they
    are ready, and code that works only in QEMU. Without PCI there is no DMA."""
    b = bochs(cpu=cpu, pci=pci)
    said = b.expect(r"\n\$ ")
    assert "cr3: the kernel to learn virtual memory with\n" in said
    assert "CPUs: 1 of 1\n" in said
    assert ("DMA" in said) == bool(pci)
    assert b.run("echo one two three | wc").split() == ["1", "3", "14"]
    # Long output: no letter of it is lost.
    assert b.run("cat README") == open(os.path.join(ROOT, "README"),
                                       encoding="utf-8").read()


def test_bochs_poweroff(bochs):
    """Catches a power-off that uses QEMU's ports only, not those of the ACPI tables."""
    b = bochs()
    b.expect(r"\n\$ ")
    b.line.send("poweroff\n")
    b.bochs.wait(BOOT_SECONDS)
    assert "soft power off" in b.said.read_text(errors="replace")


def test_bochs_fpu(bochs):
    """Catches FPU state that is saved in a way in which an exception that a program
    left pending stops the kernel: a Pentium has no fxsave, and Bochs raises the
    exception at every FPU instruction that waits, QEMU at fwait alone."""
    b = bochs(cpu="pentium")
    b.expect(r"\n\$ ")
    b.line.send("usertests fpu_is_kept fpu_fork fpu_exec fpu_pending\n")
    assert "4 passed, 0 failed" in b.expect(r"(?:^|(?<=\n))\$ ")
