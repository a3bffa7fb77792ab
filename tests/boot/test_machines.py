"""Machines other than QEMU's usual one: without PCI and ACPI, or without IDE."""
import pytest
from machine import built


@pytest.mark.parametrize("boot", ["disk", "kernel"])
@pytest.mark.parametrize("cpu", ["486", "pentium", "max"])
def test_isapc(machine, cpu, boot):
    """Catches trust in the BIOS's MP table, which here describes an I/O APIC that
    does not exist, and disks that are looked for on PCI alone."""
    m = machine(machine="isapc", cpus=1, cpu=cpu, boot=boot).boot()
    assert "PIO" in m.output
    assert m.run("echo one two three | wc").split() == ["1", "3", "14"]


def test_q35_boot_disk(machine):
    """Catches a boot block that hangs, or says nothing of use, where the disk has an
    AHCI controller."""
    m = machine(machine="q35", fs=None)
    m.expect(r"there is no IDE disk \(AHCI is not supported; in QEMU, -M pc has IDE\)")


def test_q35_kernel(machine):
    """Catches a kernel that does not say why it has no disk."""
    m = machine(machine="q35", boot="kernel")
    m.expect("this machine has an AHCI controller")
    m.expect("without a root file system")


def test_q35_with_ide(machine, cpus):
    """Catches a kernel that knows the lines and tables of one chipset alone."""
    ide = ["-device", "piix4-ide,id=ide4"]
    for n, name in enumerate(("cr3.img", "fs.img")):
        ide += ["-drive", f"file={built(name)},if=none,id=d{n},format=raw,"
                "snapshot=on", "-device", f"ide-hd,drive=d{n},bus=ide4.{n}"]
    m = machine(machine="q35", cpus=cpus, boot="none", fs=ide).boot()
    assert f"CPUs: {cpus} of {cpus}" in m.output
    assert m.run("echo one two three | wc").split() == ["1", "3", "14"]
