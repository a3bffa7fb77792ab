"""Machines other than QEMU's usual one: without PCI, ACPI or APIC, without IDE, with
the disks in other places."""
import pytest
from machine import built


def disk(path, index, more=""):
    """QEMU options for a disk whose changes are lost. index: 0 and 1 on the first
    channel, 2 and 3 on the second."""
    return ["-drive", f"file={path},index={index},format=raw,snapshot=on,"
            f"file.locking=off{more}"]


@pytest.fixture
def foreign(tmp_path):
    """The path of a disk that holds data, but no file system of cr3."""
    path = tmp_path / "foreign.img"
    path.write_bytes(bytes(range(256)) * (4 << 12))
    return path


def works(m):
    """Boots the machine and runs a pipe."""
    m.boot()
    assert m.run("echo one two three | wc").split() == ["1", "3", "14"]
    return m


@pytest.mark.parametrize("boot", ["disk", "kernel"])
@pytest.mark.parametrize("cpu", ["486", "pentium", "max"])
def test_isapc(machine, cpu, boot):
    """Catches a kernel that trusts the BIOS's MP table, which describes an absent I/O
    APIC here, or that looks for disks on PCI only."""
    m = works(machine(machine="isapc", cpus=1, cpu=cpu, boot=boot))
    assert "PIO" in m.output


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
    """Catches a kernel that knows the interrupt lines and tables of only one
    chipset."""
    ide = ["-device", "piix4-ide,id=ide4"]
    for n, name in enumerate(("cr3.img", "fresh.img")):
        ide += ["-drive", f"file={built(name)},if=none,id=d{n},format=raw,"
                "snapshot=on,file.locking=off",
                "-device", f"ide-hd,drive=d{n},bus=ide4.{n}"]
    m = works(machine(machine="q35", cpus=cpus, boot="none", fs=ide))
    assert f"CPUs: {cpus} of {cpus}" in m.output


@pytest.mark.parametrize("boot", ["disk", "kernel"])
def test_no_acpi(machine, boot):
    """Catches a kernel that finds CPUs and interrupt lines only in ACPI's tables, not
    in the MP table (in which this BIOS names one CPU of each socket)."""
    m = works(machine(machine="pc,acpi=off", cpus="4,sockets=4", boot=boot))
    assert "CPUs: 4 of 4" in m.output


@pytest.mark.parametrize("cpu", ["pentium,-apic", "max,-apic"])
def test_no_apic(machine, cpu):
    """Catches a kernel that needs a local APIC: it must work with the 8259 and the
    PIT."""
    assert "CPUs: 1 of 1" in works(machine(cpus=1, cpu=cpu)).output


@pytest.mark.parametrize("smp, count", [
    ("3", "3 of 3"), ("6,sockets=2,cores=3,threads=1", "6 of 6"),
    ("2,sockets=3,cores=3,maxcpus=9", "2 of 2"), ("12", "8 of 12")])
def test_cpus_listed(machine, smp, count):
    """Catches an array that is indexed with APIC ids (0 1 2 4 5 6 with two sockets of
    three), a wait for CPUs that are listed but absent, and more CPUs than the array
    holds."""
    assert f"CPUs: {count}\n" in works(machine(cpus=smp)).output


@pytest.mark.parametrize("where, name", [(2, "ide1.0"), (3, "ide1.1")])
def test_other_places(machine, foreign, where, name):
    """Catches a kernel that looks for the file system's disk in one place only, takes
    any disk for it, waits for a CD-ROM drive to answer like a disk, or takes the BIOS's
    last request to that drive for a disk's signature."""
    cdrom = ["-drive", f"if=ide,index={5 - where},media=cdrom"]
    m = works(machine(fs=disk(foreign, 1) + disk(built("fresh.img"), where) + cdrom))
    assert f"fs: root on {name}: " in m.output


def test_two_of_ours(machine):
    """Catches a kernel that does not take its root from the first disk that has one."""
    m = works(machine(fs=disk(built("fresh.img"), 1) + disk(built("fresh.img"), 2)))
    assert "fs: root on ide0.1: " in m.output


@pytest.mark.parametrize("boot", ["disk", "kernel"])
def test_only_foreign(machine, foreign, boot):
    """Catches a kernel that takes a foreign disk for its own, hangs or panics."""
    m = machine(boot=boot, fs=disk(foreign, 1) +
                disk(built("fresh.img"), 2, ",media=cdrom"))
    m.expect("fs: no disk holds a file system of ours")
    m.expect("without a root file system")


def test_no_disk(machine):
    """Catches a kernel that waits for absent disks."""
    m = machine(boot="kernel", fs=None, options=["-nodefaults", "-vga", "none"])
    m.expect("blk: no disk; only IDE disks are driven")
    m.expect("without a root file system")


def virtio(image):
    """A disk that the BIOS boots from and for which the kernel has no driver."""
    return ["-drive", f"file={image},if=none,id=v,format=raw,snapshot=on,"
            "file.locking=off",
            "-device", "virtio-blk-pci,drive=v,bootindex=1"]


def test_boot_from_elsewhere(machine):
    """Catches a boot block that hangs, or reads the disk that the BIOS used last, when
    it was loaded from another disk than the first IDE disk."""
    cr3, fs = built("cr3.img"), built("fresh.img")
    machine(boot=None, fs=virtio(cr3)).expect("the first IDE disk does not answer")
    machine(boot=None, fs=virtio(cr3) + disk(fs, 0)).expect(
        "there is no kernel on the first IDE disk")
    works(machine(boot=None, fs=virtio(cr3) + disk(cr3, 0) + disk(fs, 1)))


@pytest.mark.parametrize("mem", [4, 15])
def test_too_little_memory(machine, mem):
    """Catches a kernel that dies without a reason where memory is short."""
    m = machine(mem=mem)
    m.expect_panic = True
    m.expect(f"panic: {mem - 1} MB of RAM found, 16 MB needed")
    m.finish()
