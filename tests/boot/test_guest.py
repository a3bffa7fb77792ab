"""cr3 in cr3: the program vmm, on a machine whose processor has SVM."""
import pathlib
import re
import shutil
import struct
import subprocess
import time

import pytest
from machine import built

SVM = "qemu32,+svm"
GUEST = "vmm -m 128 kernel fs.img"


def boot(machine, cpus):
    """The machine, booted from the disk that holds a kernel and a guest's disk. What
    it writes is thrown away."""
    disk = ["-drive", f"file={built('vm.img')},index=1,media=disk,format=raw,"
            "snapshot=on,file.locking=off"]
    return machine(cpus=cpus, mem=300, cpu=SVM, fs=disk).boot()


@pytest.fixture
def host(machine):
    """The same with two CPUs."""
    return boot(machine, 2)


def free(m):
    """Frames that are free, or hold pages of files."""
    text = m.run("free")
    return sum(int(re.search(rf"^{row} +(\d+)", text, re.M).group(1))
               for row in ("free", "cached"))


def start_guest(m, command=GUEST):
    """Boots the guest to its prompt. Returns the seconds that took."""
    began = time.time()
    m.send(command + "\n")
    m.expect("cr3 file disk", timeout=60)
    m.expect(r"\n\$ $", timeout=60)
    return time.time() - began


def same_as_before(m, before):
    """Waits until all but 64 of the frames are free again."""
    for _ in range(20):
        now = free(m)
        if now > before - 64:
            return
        time.sleep(0.5)
    raise AssertionError(f"{before} frames were free, now {now}")


def test_boots_cr3(machine, cpus):
    """Catches a guest that does not come to its prompt, works otherwise than the host, or
    leaves something behind."""
    m = boot(machine, cpus)
    m.run("vmm kernel nofile")
    before = free(m)
    assert start_guest(m) < 15
    assert m.run("echo one two | wc").split() == ["1", "2", "8"]
    assert "CPUs: 1 of 1" in m.output
    said = m.run("usertests 1 cow_both_ways mmap_shared demand_zero")
    assert "usertests: 3 passed, 0 failed" in said
    m.send("poweroff\n")
    m.expect(r"\n\$ $", timeout=30)
    same_as_before(m, before)
    counts = m.run("vmstat")
    for what in ("hidden faults", "true faults", "table writes", "CR3 loads", "invlpg"):
        assert int(re.search(rf"(\d+) {what}", counts).group(1)) > 0, counts
    assert m.poweroff() == 0


def test_ctrl_a_x(host):
    """Catches a monitor that cannot be left, or leaves the console raw."""
    m = host
    start_guest(m)
    m.send("\x01x")
    m.expect(r"\$ $", timeout=30)
    assert m.run("echo still here") .strip() == "still here"
    assert m.poweroff() == 0


def test_guest_reboots(host):
    """Catches a reset that does not begin anew."""
    m = host
    start_guest(m)
    m.send("reboot\n")
    m.expect("cr3 file disk", timeout=60)
    m.expect(r"\n\$ $", timeout=60)
    m.send("\x01x")
    m.expect(r"\$ $", timeout=30)
    assert m.poweroff() == 0


@pytest.fixture
def dead(machine, tmp_path):
    """A function: (a machine whose disk has the kernel `dead`, that begins with these
    instructions; the address of the first)."""
    def make(code):
        image, path = tmp_path / "vm.img", tmp_path / "dead"
        shutil.copyfile(built("vm.img"), image)
        kernel = bytearray(pathlib.Path(built("vm/kernel")).read_bytes())
        entry, phdrs = struct.unpack_from("<II", kernel, 24)
        _, off, _, pa, size = struct.unpack_from("<5I", kernel, phdrs)
        assert pa <= entry < pa + size
        kernel[off + entry - pa:off + entry - pa + len(code)] = code
        path.write_bytes(kernel)
        subprocess.run([built("fsput"), "-c", built("fsck"), image, path], check=True)
        return machine(cpus=1, mem=300, cpu=SVM, fs=str(image)).boot(), entry
    return make


def test_reset_loop(dead):
    """Catches a reset that keeps what the last one had (32 files are too many), and a
    guest that resets for ever and cannot be left."""
    m, _ = dead(b"\xb0\xfe\xe6\x64\xf4")        # the keyboard controller resets
    m.send("vmm -m 8 dead fs.img\n")
    time.sleep(20)
    for _ in range(5):      # the two keys may reach two machines
        m.send("\x01x")
        time.sleep(1)
    m.send("\n")
    m.expect(r"\n\$ $")
    assert "vmm: " not in m.text, m.text[-300:]
    assert m.poweroff() == 0


def test_triple_fault(dead):
    """Catches a guest that ends without a word about where."""
    m, entry = dead(b"\x0f\x0b")                  # ud2, and no IDT
    said = m.run("vmm dead fs.img")
    assert re.fullmatch(rf"vmm: a triple fault[^\n]*\nvmm: eip {entry:x} .*\n", said), said
    assert m.poweroff() == 0


def test_two_guests(host):
    """Catches guests that disturb each other or the host's programs, or memory that stays
    when a monitor is killed. The guests have their commands from files."""
    m = host
    m.run("vmm kernel nofile")
    m.run("cp fs.img a.img; cp fs.img b.img")
    before = free(m)
    m.run("echo 'usertests 1 cow_both_ways; echo done >f; cat f; sleep 1000' >cmd")
    for name in "ab":
        m.send(f"vmm -m 48 kernel {name}.img <cmd >{name}.out &\n")
        m.expect(r"\$ $")
    m.run("usertests 1 cow_both_ways")
    for name in "ab":
        for _ in range(60):
            if m.run(f"grep ^done {name}.out"):
                break
            time.sleep(0.5)
        assert m.run(f"grep ok {name}.out").strip() == "cow_both_ways: ok"
    pids = re.findall(r"^ *(\d+) .* vmm$", m.run("ps"), re.M)
    assert len(pids) == 2, m.output[-2000:]
    m.send("kill " + " ".join(pids) + "\n")
    for _ in pids:
        m.expect(r"vmm: killed \(SIGKILL\)")
    m.send("echo\n")
    m.expect(r"\n\$ $")
    m.run("rm a.img b.img a.out b.out cmd")
    same_as_before(m, before)
    assert m.poweroff() == 0


def test_all_usertests(machine, soaking):
    """Catches a test of the kernel that fails only in a guest. Long: `make soak`."""
    if not soaking:
        pytest.skip("long: make soak")
    m = boot(machine, 2)
    start_guest(m)
    m.send("usertests\n")
    m.expect(r"usertests: \d+ passed, 0 failed", timeout=600)
    m.expect(r"\n\$ $")
    m.send("\x01x")
    m.expect(r"\$ $", timeout=30)
    assert m.poweroff() == 0


def test_without_svm(machine):
    """Catches a machine without SVM that does not say so in a line."""
    disk = ["-drive", f"file={built('vm.img')},index=1,media=disk,format=raw,"
            "snapshot=on,file.locking=off"]
    m = machine(fs=disk).boot()
    assert m.run(GUEST).strip() == \
        "vmm: this machine has no SVM (make qemu-vm has)"
    assert m.poweroff() == 0
