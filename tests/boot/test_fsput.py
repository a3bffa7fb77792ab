"""tools/fsput: the user's disk is changed from outside, and is never damaged."""
import os
import random
import struct
import subprocess

import fsimage
import pytest
from machine import built

BLOCK = fsimage.BLOCK
MAX_DIRECT = fsimage.DIRECT * BLOCK
MAX_SINGLE = MAX_DIRECT + fsimage.PTRS * BLOCK


def fsput(*args, fails=False):
    """Runs it; returns what it says."""
    done = subprocess.run([built("fsput"), *map(str, args)], text=True, timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert done.returncode == (1 if fails else 0), done.stdout
    return done.stdout


class Disk:
    """An image, and files of the host to put into it."""

    def __init__(self, folder, size="8M"):
        self.folder = folder
        self.path = fsimage.make_image(folder / "disk.img", size, [
            built("user/_mkdir"), built("user/_ln")])

    def file(self, name, data):
        """A file of the host."""
        path = self.folder / "host" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        return path

    def put(self, name, data, *options, fails=False):
        """Puts a file; the disk must be clean after that."""
        said = fsput(*options, "-c", built("fsck"), self.path, self.file(name, data),
                     fails=fails)
        self.clean()
        return said

    def get(self, name):
        """What the image has under a name."""
        out = self.folder / "out"
        fsput("-g", name, "-o", out, self.path)
        data = out.read_bytes()
        out.unlink()
        return data

    def clean(self):
        """Nothing is wrong with it, and nothing lies beside it."""
        status, said = fsimage.fsck(self.path)
        assert status == 0, said
        assert not list(self.folder.glob("disk.img.*"))

    def image(self):
        """The image as the tests' own reader sees it."""
        return fsimage.Image(bytearray(self.path.read_bytes()))


@pytest.fixture
def disk(tmp_path):
    """A disk of 8 MB."""
    return Disk(tmp_path)


def bytes_of(n, seed=1):
    """n bytes that are all over the alphabet."""
    return random.Random(seed).randbytes(n)


@pytest.mark.parametrize("size", [
    0, 1, BLOCK - 1, BLOCK, BLOCK + 1, MAX_DIRECT, MAX_DIRECT + 1, MAX_SINGLE,
    MAX_SINGLE + 1, MAX_SINGLE + 3 * BLOCK])
def test_sizes(disk, size):
    """Catches a wrong block at the borders between direct blocks, one table and two,
    and tables or blocks that are lost when such a file shrinks again."""
    free = disk.image()
    used = sum(bin(b).count("1") for b in free.data[
        free.super["bitmap_start"] * BLOCK:free.super["data_start"] * BLOCK])
    data = bytes_of(size)
    disk.put("f", data)
    image = disk.image()
    assert image.read(image.find("f")) == data == disk.get("f")
    disk.put("f", b"")
    image = disk.image()
    assert sum(bin(b).count("1") for b in image.data[
        image.super["bitmap_start"] * BLOCK:image.super["data_start"] * BLOCK]) == used


def test_same_is_left_alone(disk):
    """Catches an image that is written again though nothing has changed."""
    disk.put("f", b"text")
    before = os.stat(disk.path)
    disk.put("f", b"text")
    after = os.stat(disk.path)
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_rights_are_kept(disk):
    """Catches an image that others may read, or its owner may not, after a change; and
    a link that is replaced by what it leads to."""
    os.chmod(disk.path, 0o640)
    link = disk.folder / "link"
    link.symlink_to(disk.path)
    fsput("-c", built("fsck"), link, disk.file("f", b"1"))
    assert link.is_symlink() and os.stat(disk.path).st_mode & 0o777 == 0o640
    assert disk.get("f") == b"1"


def test_refused(disk):
    """Catches a half-done change, or one to an image that is no good: each of these
    leaves every byte as it was."""
    before = disk.path.read_bytes()
    assert "full" in disk.put("big", bytes(1) * (9 << 20), fails=True)
    assert "1 to 14 characters" in disk.put("a-name-too-long", b"x", fails=True)
    assert "1 to 14 characters" in disk.put("_", b"x", fails=True)
    assert "there is no d" in disk.put("f", b"x", "-d", "d", fails=True)
    assert "is no directory" in disk.put("f", b"x", "-d", "README", fails=True)
    assert "No such file" in fsput("-c", built("fsck"), disk.path, "/none", fails=True)
    assert "cannot be run" in fsput("-c", "/none", disk.path, disk.file("f", b"x"),
                                    fails=True)
    assert "there is no none" in fsput("-g", "none", disk.path, fails=True)
    assert "/ is no file" in fsput("-g", "/", "-o", disk.folder / "o", disk.path,
                                   fails=True)
    assert "File exists" in fsput("-g", "README", "-o", disk.file("f", b"mine"),
                                  disk.path, fails=True)
    assert disk.path.read_bytes() == before
    disk.clean()
    other = disk.folder / "other"
    other.write_bytes(bytes(BLOCK * 8))
    assert "no file system of ours" in fsput("-c", built("fsck"), other,
                                             disk.file("f", b"x"), fails=True)


def test_damaged(disk):
    """Catches a file that is written over the blocks of another one: in this image the
    bitmap calls them free."""
    image = disk.image()
    block = image.blocks(image.find("sh"))[0]
    at = image.super["bitmap_start"] * BLOCK + block // 8
    image.data[at] &= ~(1 << block % 8)
    disk.path.write_bytes(image.data)
    said = fsput("-c", built("fsck"), disk.path, disk.file("f", bytes_of(BLOCK)),
                 fails=True)
    assert "damaged; nothing was changed" in said
    assert disk.path.read_bytes() == image.data
    assert not list(disk.folder.glob("disk.img.*"))


def checksum(*parts):
    """The journal's sum (fs/replay.h)."""
    total = 0x811C9DC5
    for part in parts:
        for (word,) in struct.iter_unpack("<I", part):
            total = ((total ^ word) * 0x01000193 + (total >> 15)) & 0xFFFFFFFF
    return total


def test_journal_first(disk):
    """Catches a change that is made under a transaction which waits in the journal: the
    next mount would copy the old block over the new one."""
    image = disk.image()
    home = image.blocks(fsimage.ROOT_INODE)[0]
    block = bytes(image.data[home * BLOCK:(home + 1) * BLOCK]).replace(
        b"README\0", b"ReadMe\0")
    head = struct.pack("<III", 7, 1, home)
    struct.pack_into("<4I", image.data, 2 * BLOCK, 0x676F6C33, 7, 1,
                     checksum(head, block))
    struct.pack_into("<I", image.data, 2 * BLOCK + 16, home)
    image.data[3 * BLOCK:4 * BLOCK] = block
    disk.path.write_bytes(image.data)
    status, said = fsimage.fsck(disk.path)
    assert status == 0 and "transaction 7 recovered" in said
    disk.put("f", b"text")
    entries = disk.image().entries(fsimage.ROOT_INODE)
    assert "ReadMe" in entries and "README" not in entries and "f" in entries
    assert "recovered" not in fsimage.fsck(disk.path)[1]


def test_with_the_kernel(disk, machine):
    """Catches files that the kernel does not find, directories whose holes are not
    used, a second name that loses its file, and a running machine's disk that is
    written to."""
    m = machine(fs=str(disk.path)).boot()
    m.run("mkdir d; echo old > d/x; ln d/x y; echo z > z; rm z; sync")
    assert fsput("-c", built("fsck"), disk.path, disk.file("f", b"x"), fails=True) == \
        f"fsput: a machine runs on {disk.path}: power it off first\n"
    fsput("-u", disk.path, fails=True)
    assert m.poweroff() == 0
    fsput("-u", disk.path)
    disk.put("x", b"new\n", "-d", "/d")
    disk.put("_z", b"#\n" * 5000)
    assert disk.get("d/x") == disk.get("y") == b"new\n"
    m = machine(fs=str(disk.path)).boot()
    assert m.run("cat y d/x; wc z") == "new\nnew\n5000 5000 10000 z\n"
    m.run("rm z d/x y")
    assert m.poweroff() == 0
    disk.clean()


def test_at_random(disk):
    """Catches what none of the above does: 150 files come, grow and shrink; after each
    step the disk is clean, and at the end all files are what they should be."""
    dice, files = random.Random(3), {}
    for step in range(150):
        name = f"f{dice.randrange(40)}"
        files[name] = bytes_of(dice.choice([0, 100, 5000, 50000, 300000]) +
                               dice.randrange(100), step)
        disk.put(name, files[name])
        if sum(map(len, files.values())) > 5 << 20:
            for name in files:
                files[name] = b""
                disk.put(name, b"")
    image = disk.image()
    for name, data in files.items():
        assert image.read(image.find(name)) == data, name


def test_directory_grows(tmp_path):
    """Catches a directory that cannot take more entries than its block has room for,
    and a table of inodes that overflows."""
    disk = Disk(tmp_path, "24M")
    paths = [disk.file(f"n{i}", b"%d" % i) for i in range(300)]
    fsput("-c", built("fsck"), disk.path, *paths)
    disk.clean()
    assert disk.get("n299") == b"299"
    before = disk.path.read_bytes()
    paths = [disk.file(f"m{i}", b"") for i in range(disk.image().super["inodes"])]
    assert "no free inode" in fsput("-c", built("fsck"), disk.path, *paths, fails=True)
    assert disk.path.read_bytes() == before
