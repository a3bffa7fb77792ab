"""Disks that are missing, foreign, damaged or failing: messages and errors, never a
hang or a panic."""
import random
import shutil
import struct
import subprocess

import fsimage
import pytest
from disks import failing
from machine import ROOT, built


FIELDS = ("magic version blocks inodes log_blocks inode_start inode_blocks "
          "bitmap_start bitmap_blocks data_start").split()  # fs/layout.h


def superblock(data):
    """The superblock's fields, by name."""
    return dict(zip(FIELDS, struct.unpack_from("<10I", data, 4096)))


@pytest.fixture
def image(tmp_path):
    """A copy of fresh.img."""
    path = tmp_path / "fs.img"
    shutil.copyfile(built("fresh.img"), path)
    return path


def test_no_disk(machine):
    """Catches a driver that waits for ever for an absent disk."""
    m = machine(boot="kernel", fs=None)
    m.expect("(?i)no (root )?(disk|file system)")


def test_foreign_image(machine, image):
    """Catches a kernel that mounts a disk without its file system."""
    image.write_bytes(b"not ours" * (1 << 17))
    m = machine(fs=str(image))
    m.expect("(?i)no .*file system")


def test_empty_image(machine, image):
    """Catches a division by the size, or a read of block 0, of an empty disk."""
    image.write_bytes(b"")
    m = machine(boot="kernel", fs=str(image))
    m.expect("(?i)no (root )?(disk|file system)")


def test_other_version(machine, image):
    """Catches a kernel that mounts a file system of another version. The word behind
    the magic number is the version."""
    data = bytearray(image.read_bytes())
    data[4096 + 4] ^= 0x40
    image.write_bytes(data)
    m = machine(fs=str(image))
    m.expect("(?i)no .*file system|version")


def test_read_error(machine, image):
    """Catches a failed read that returns old bytes of the buffer. The reader must see
    EIO, and the rest of the system must go on."""
    secret = b"line of a file that cannot be read\n" * 400
    data = image.read_bytes()
    extra = image.parent / "victim"
    extra.write_bytes(secret)
    subprocess.run([built("mkfs"), "-s", "8M", image, "README", extra] +
                   [built(f"user/_{p}") for p in
                    ("init", "sh", "cat", "echo", "ls", "wc")],
                   cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    data = image.read_bytes()
    sector = data.find(secret[:64]) // 512
    m = machine(fs=failing(image, {"event": "read_aio", "errno": 5,
                                   "sector": sector})).boot()
    out = m.run("cat victim")
    assert "Input/output error" in out
    assert "table" not in out and "line of a file" not in out
    assert m.run("echo alive") == "alive\n"


def test_write_errors(machine, image):
    """Catches a failed write that is not reported. No call may claim that the disk took
    what it refused, and the machine must live on."""
    m = machine(fs=failing(image, {"event": "write_aio", "errno": 5})).boot()
    m.run("echo hello > f", timeout=60)
    m.send("poweroff\n")
    m.expect("(?i)error|EIO", timeout=60)
    m.expect_end = True


def test_flush_error(machine, image):
    """Catches a commit that goes on after a flush has failed."""
    m = machine(fs=failing(image, {"event": "flush_to_disk", "errno": 5})).boot()
    m.run("echo hello > f", timeout=60)
    m.run("cat f")


@pytest.mark.parametrize("seed", range(8))
def test_corrupt_super(machine, image, seed):
    """Catches a kernel that trusts the superblock or the journal's header. With wrong
    numbers in them it must come to a prompt or to a message."""
    rng = random.Random(seed)
    data = bytearray(image.read_bytes())
    for _ in range(rng.choice([1, 2, 8])):
        where = rng.choice([4096 + 8 + 4 * rng.randrange(9),
                            8192 + 4 * rng.randrange(64)])
        number = rng.choice([0, 1, 0xffffffff, 0x80000000, rng.randrange(1 << 14)])
        data[where:where + 4] = struct.pack("<I", number)
    image.write_bytes(data)
    m = machine(fs=str(image))
    m.expect(r"\n\$ |(?i:no .*file system|cannot|corrupt|bad |error)")
    m.expect_end = True


@pytest.mark.parametrize("seed", range(6))
def test_corrupt_inodes(machine, image, seed):
    """Catches a kernel that trusts block numbers, sizes, types or names. Whatever an
    image says, a program ends with an error at worst."""
    rng = random.Random(100 + seed)
    data = bytearray(image.read_bytes())
    super_ = superblock(data)
    inodes, contents = (super_[k] * 4096 for k in ("inode_start", "data_start"))
    for _ in range(20):  # of the 40 or so files some; directories early in the data
        data[inodes + rng.randrange(50 * 64)] = rng.choice([0, 255, rng.randrange(256)])
        data[contents + rng.randrange(4 * 4096)] = rng.randrange(256)
    image.write_bytes(data)
    m = machine(fs=str(image))
    which = m.expect(r"\n\$ |(?i:no .*file system|cannot|corrupt|bad |error)|"
                     "init: the shell|/init ended")
    if "$" not in which.group():
        m.expect_end = True
        return
    for command in ("ls", "wc README", "rm README", "mkdir d; echo 1 > d/f; cat d/f",
                    "cat * | wc", "rm *"):
        m.send(command + "\n")
        try:
            m.expect(r"\n\$ ", timeout=10)
        except AssertionError as e:  # a file that claims to be huge
            assert "TIMEOUT" in str(e)
            m.send("\x03")
            m.expect(r"\$ ")


def test_journal_fails(machine, image):
    """Catches a file system that goes on after the journal could not be written: it must
    say so, refuse changes with EROFS, and still be read. The image stays whole."""
    sector = 2 * 8  # the header, block 2
    m = machine(fs=failing(image, {"event": "write_aio", "errno": 5,
                                   "sector": sector})).boot()
    m.run("echo one > f; sync", timeout=60)
    assert "read-only" in m.output, m.output
    assert "Read-only file system" in m.run("echo two > g", timeout=60)
    assert "cr3" in m.run("head README", timeout=60)
    m.send("poweroff\n")
    m.finish()
    assert fsimage.fsck(image, "-y")[0] == 0
    assert machine(fs=str(image)).boot().poweroff() == 0


def test_printing_does_not_wait(machine, image):
    """Catches output to the console that waits until the journal is written: the disk
    does ten requests a second (tests/user/latency.c)."""
    m = machine(fs=["-drive", f"file={image},index=1,media=disk,format=raw,"
                    "throttling.iops-total=10"]).boot(timeout=60)
    m.send("usertests 1 print_while_syncing\n")
    m.expect("usertests: 1 passed, 0 failed", timeout=60)
