"""fuzz (user/fuzz.c) tries what no program would do; the kernel must not notice."""
import shutil

import fsimage
import pytest
from machine import built

SHORT, LONG = 12000, 500000  # attempts of a seed


def used(path):
    """(blocks, inodes) of an image that are in use."""
    fsimage.fsck(path, "-y")  # recovers the journal
    image = fsimage.Image(bytearray(path.read_bytes()))
    sup = image.super
    at = sup["bitmap_start"] * fsimage.BLOCK
    bits = image.data[at:at + sup["bitmap_blocks"] * fsimage.BLOCK]
    inodes = sum(image.inode(n)[0] != 0 for n in range(1, sup["inodes"]))
    return sum(byte.bit_count() for byte in bits), inodes


@pytest.fixture
def disk(machine, tmp_path):
    """An image that a machine has used: init has made its files."""
    path = tmp_path / "fs.img"
    shutil.copyfile(built("fresh.img"), path)
    assert machine(fs=str(path)).boot().poweroff() == 0
    return path


def pytest_generate_tests(metafunc):
    """One seed; in the long run ten."""
    if "seed" in metafunc.fixturenames:
        seeds = 10 if metafunc.config.getoption("--soak") else 1
        metafunc.parametrize("seed", range(1, 1 + seeds))


def test_fuzz(machine, disk, soaking, done, cpus, seed):
    """Catches a kernel that panics, hangs or loses pages, blocks or inodes for some
    mixture of wrong calls, damaged programs and odd instructions."""
    before = used(disk)
    m = machine(cpus=cpus, fs=str(disk)).boot()
    m.send(f"fuzz {seed * 8 + cpus} {LONG if soaking else SHORT}\n")
    found = m.expect(r"fuzz: seed \d+: (\d+) attempts .*, (\d+) pages missing", 500)
    m.expect(r"\n\$ ")
    assert int(found.group(2)) <= 100, found.group()  # what fuzz allows
    assert "fuzz" not in m.run("ps")
    m.send("usertests\n" if soaking else "usertests no_frames_lost process_limit\n")
    m.expect(r"usertests: [1-9]\d* passed, 0 failed", timeout=500)
    m.expect(r"\n\$ ")
    assert m.poweroff() == 0
    assert fsimage.fsck(disk)[0] == 0
    # The next boot frees what was still open.
    assert machine(fs=str(disk)).boot().poweroff() == 0
    assert fsimage.fsck(disk) == (0, f"{disk}: clean\n")
    after = used(disk)
    assert after[1] == before[1] and after[0] <= before[0] + 1, (before, after)
    done(int(found.group(1)), "random calls, programs and instructions")
