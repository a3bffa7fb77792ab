"""cr3 reaches its shell: on each count of CPUs, each size of memory, each CPU, from
the boot disk and by -kernel. `make check` boots a set in which every pair of choices
occurs; --matrix boots all."""
import itertools
import re
import shutil

import pytest
from machine import built

CPUS, MEM = (1, 2, 4, 8), (32, 224, 2048)
CPU, BOOT = ("max", "qemu32", "pentium"), ("disk", "kernel")
MATRIX = list(itertools.product(CPUS, MEM, CPU, BOOT))


def covering_set():
    """A few of the matrix such that every two values occur together."""
    def pairs(row):
        return set(itertools.combinations(enumerate(row), 2))
    missing = set().union(*(pairs(row) for row in MATRIX))
    chosen = []
    while missing:
        best = max(MATRIX, key=lambda row: len(pairs(row) & missing))
        missing -= pairs(best)
        chosen.append(best)
    return chosen


def pytest_generate_tests(metafunc):
    """The rows of the matrix that this run boots."""
    if "row" in metafunc.fixturenames:
        rows = MATRIX if metafunc.config.getoption("--matrix") else covering_set()
        metafunc.parametrize("row", rows, ids=lambda r: "-".join(map(str, r)))


def test_boot(machine, row):
    """Catches a lost or miscounted CPU, memory that is overlooked or overrun, an
    instruction that an old CPU lacks, and one of the two ways to boot that is
    broken."""
    cpus, mem, cpu, boot = row
    m = machine(cpus=cpus, mem=mem, cpu=cpu, boot=boot).boot()
    assert f"CPUs: {cpus} of {cpus}" in m.output
    assert m.run("echo one two three | wc").split() == ["1", "3", "14"]


@pytest.mark.parametrize("mem", [32, 64, 225, 1000, 2048])
def test_phystop(machine, mem):
    """Catches a kernel that does not take the size of RAM from the BIOS's map. The
    third row of kmap ends at the top of RAM, rounded up to 4 MB, but below the kernel's
    stacks."""
    m = machine(mem=mem).boot()
    end = int(re.search(r"kernel data, RAM.*-> \w+-(\w+)", m.output).group(1), 16)
    top = (mem + 3) // 4 * 4 << 20
    assert end + 1 == min(top, 0x7D000000), hex(end)


def test_sparse_apic_ids(machine):
    """Catches a kernel that uses a CPU's index as its APIC id. When an id is missing in
    the row, interrupts go to no CPU and the disk never answers."""
    m = machine(cpus="4,maxcpus=6,sockets=2,cores=3,threads=1").boot()
    assert "CPUs: 4 of 4" in m.output
    m.run("ls")


def test_more_cpus_than_used(machine):
    """Catches an overrun of the table of CPUs when there are more than it holds."""
    m = machine(cpus=12).boot()
    assert "CPUs: 8 of 12" in m.output


def test_without_acpi(machine):
    """Catches a kernel that needs ACPI. Without ACPI the MP table lists the CPUs (as
    sockets: this BIOS's table lists no cores)."""
    m = machine(cpus="2,sockets=2,cores=1,threads=1", machine="pc,acpi=off").boot()
    assert "CPUs: 2 of 2" in m.output
    m.run("ls")


def test_without_apic(machine):
    """Catches a kernel that needs an APIC: it must work with the 8259 and the PIT."""
    m = machine(cpus=1, cpu="pentium,-apic").boot()
    m.run("ls")


def test_fpu_without_fxsave(machine, cpus):
    """Catches FPU state that is mixed up or lost where there is only fnsave."""
    m = machine(cpus=cpus, cpu="pentium").boot()
    said = m.run("usertests fpu_is_kept fpu_fork fpu_exec fpu_pending", timeout=240)
    assert "4 passed, 0 failed" in said


def test_extra_memory_option(machine):
    """Catches a kernel that uses more RAM than it can map, which is below 2 GB."""
    machine(mem=3072).boot().run("ls")


def test_boot_disk_says_what_is_missing(machine, tmp_path):
    """Catches a boot block that hangs in silence when its disk holds no kernel."""
    image = tmp_path / "no-kernel.img"
    whole = open(built("cr3.img"), "rb").read()
    image.write_bytes(whole[:16 * 512] + bytes(4 << 20))
    m = machine(boot=None, fs=["-drive", f"file={image},index=0,media=disk,"
                                 "format=raw"])
    m.expect("there is no kernel on the first IDE disk")


def test_boot_disk_read_error(machine, tmp_path):
    """Catches a boot block that runs what a failed read left in memory."""
    image = shutil.copy(built("cr3.img"), tmp_path)
    m = machine(boot=None, fs=[
        "-blockdev", f"driver=blkdebug,node-name=bad,image.driver=file,"
        f"image.filename={image},inject-error.0.event=read_aio,"
        "inject-error.0.errno=5,inject-error.0.sector=100",
        "-blockdev", "driver=raw,node-name=boot,file=bad",
        "-device", "ide-hd,drive=boot,bus=ide.0,unit=0,bootindex=0"])
    m.expect("cr3: the boot disk cannot be read")
