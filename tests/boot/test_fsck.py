"""build/fsck finds what is wrong, says it in words, and survives whatever it is
given; the kernel lives with the same images. Each damage is done to an image that
cr3 itself has filled and fsck has called clean."""
import glob
import os
import random
import re
import shlex
import struct
import subprocess

import pytest
import fsimage
from fsimage import BLOCK, DIRECT
from machine import BUILD, ROOT, Machine

FUZZED = 20
SOURCES = [*sorted(glob.glob(f"{ROOT}/tools/fsck/*.c")), "fs/replay.c"]
TYPE, MAJOR, NLINK, SIZE, ADDRS = 0, 2, 6, 8, 12  # places in an inode


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    """The bytes of a clean image with directories, links and a deep file in it."""
    where = tmp_path_factory.mktemp("fsck")
    deep = where / "deep"
    deep.write_bytes(bytes(range(256)) * 20000)  # 5 MB: with a table of tables
    path = fsimage.make_image(where / "fs.img", files=[
        deep, *(f"{BUILD}/user/_{p}" for p in ("mkdir", "ln"))])
    m = Machine(fs=str(path))
    try:
        m.boot()
        m.run("mkdir d; mkdir d/e; mkdir d/e/x; echo one > d/f; ln d/f d/g")
        m.run("cat usertests > d/large")
        assert m.poweroff() == 0
    finally:
        m.close()
    assert fsimage.fsck(path) == (0, f"{path}: clean\n")
    return path.read_bytes()


class Patient(fsimage.Image):
    """An image, and ways to damage it."""

    def put(self, at, fmt, *values):
        struct.pack_into("<" + fmt, self.data, at, *values)

    def put_super(self, name, value):
        self.put(BLOCK + 4 * fsimage.FIELDS.index(name), "I", value)

    def put_inode(self, path, place, fmt, *values):
        self.put(self.inode_at(self.find(path)) + place, fmt, *values)

    def addr(self, path, index):
        """The number in place `index` of a file's block numbers."""
        return self.inode(self.find(path))[3][index]

    def bit(self, block, value):
        at = self.super["bitmap_start"] * BLOCK + block // 8
        self.data[at] = self.data[at] & ~(1 << block % 8) | value << block % 8

    def free_block(self):
        """An unused block at the image's end."""
        return self.super["blocks"] - 3

    def entry(self, path, index):
        """Where entry `index` of a small directory stands."""
        return self.addr(path, 0) * BLOCK + index * 16

    def put_entry(self, path, index, number, name):
        """Writes an entry, and makes the directory long enough for it."""
        self.put(self.entry(path, index), "H14s", number, name)
        size = max(self.inode(self.find(path))[2], 16 * (index + 1))
        self.put_inode(path, SIZE, "I", size)

    def orphan(self, number, following=0):
        """Makes a free inode an orphan."""
        self.put(self.inode_at(number), "hHHhI", fsimage.FILE, following, 0, 0, 0)
        self.put_super("orphan", number)


def root_type(p):
    """The root becomes a file."""
    p.put(p.inode_at(fsimage.ROOT_INODE) + TYPE, "h", fsimage.FILE)


def lose_directory(p):
    """d/e vanishes from d and is its own child: a loop that no path reaches."""
    e = p.find("d/e")
    p.put_entry("d/e", 3, e, b"self")
    names = list(p.entries(p.find("d")))
    p.put(p.entry("d", names.index("e")), "H", 0)


def named_orphan(p):
    """d/f is in the list of orphans, but d and d/g name it."""
    p.put_super("orphan", p.find("d/f"))
    p.put_inode("d/f", NLINK, "h", 0)


def hole_in_directory(p):
    """d/e has lost its only block."""
    p.bit(p.addr("d/e", 0), 0)
    p.put_inode("d/e", ADDRS, "I", 0)


# name: (what is done to the image p, what fsck must say)
DAMAGES = {
    "magic": (lambda p: p.put_super("magic", 7), "magic number is 0x7"),
    "version": (lambda p: p.put_super("version", 9), "version 9"),
    "geometry": (lambda p: p.put_super("inode_start", 1), "contradict"),
    "log_size": (lambda p: p.put_super("log_blocks", 1 << 30), "contradict"),
    "orphan_number": (lambda p: p.put_super("orphan", 1 << 20), "contradict"),
    "cut_off": (lambda p: p.data.__delitem__(slice(9 << 20, None)), "has only 2304"),
    "empty": (lambda p: p.data.__delitem__(slice(BLOCK, None)), "no superblock"),
    "twice": (lambda p: p.put_inode("d/f", ADDRS, "I", p.addr("deep", 3)),
              "belongs to inode .* too"),
    "outside": (lambda p: p.put_inode("d/f", ADDRS, "I", 5), "outside of the data"),
    "table": (lambda p: p.put(p.addr("deep", DIRECT + 1) * BLOCK, "I", 1 << 30),
              "its table is block"),
    "tables": (lambda p: p.put_inode("deep", ADDRS + 48, "I", 4), "table of tables"),
    "free": (lambda p: p.bit(p.addr("d/f", 0), 0), "is free, but inode"),
    "lost": (lambda p: p.bit(p.free_block(), 1), "is used, but nobody's"),
    "metadata_free": (lambda p: p.bit(3, 0), "block 3, no data, is free"),
    "type": (lambda p: p.put_inode("d/f", TYPE, "h", 9), "type 9.*impossible"),
    "size": (lambda p: p.put_inode("d/f", SIZE, "I", 1 << 31), "size .*impossible"),
    "directory_size": (lambda p: p.put_inode("d", SIZE, "I", 37), "impossible"),
    "negative": (lambda p: p.put_inode("d/f", NLINK, "h", -1), "-1 links.*impossible"),
    "links": (lambda p: p.put_inode("d/f", NLINK, "h", 5), "5 links, but there are 2"),
    "subdirectories": (lambda p: p.put_inode("d", NLINK, "h", 1),
                       "1 links, but there are 2"),
    "nameless": (lambda p: p.put_inode("d/f", NLINK, "h", 0), "not in the list of orph"),
    "no_name": (lambda p: p.put(p.inode_at(900), "hHHhI", fsimage.FILE, 0, 0, 1, 0),
                "inode 900: no name leads to it"),
    "freed": (lambda p: p.put_inode("d/f", TYPE, "h", 0), "inode .*, which is free"),
    "no_inode": (lambda p: p.put_entry("d/e", 3, 65000, b"bad"), "which is no inode"),
    "loop": (lambda p: p.put_entry("d/e/x", 2, p.find("d"), b"up"), "a second name, up"),
    "lost_loop": (lose_directory, "no name leads to it"),
    "dot": (lambda p: p.put_entry("d/e", 0, p.find("d"), b"."), r"not \. ->"),
    "dotdot": (lambda p: p.put_entry("d/e", 1, p.find("d/e"), b".."), r"not \.\. ->"),
    "dots_gone": (lambda p: p.put_inode("d/e", SIZE, "I", 16), r"no room for \. and"),
    "twins": (lambda p: p.put_entry("d/e", 3, p.find("d/f"), b"x"), "two entries are "
              "named x"),
    "slash": (lambda p: p.put_entry("d/e", 2, p.find("d/e/x"), b"a/b"), "is damaged"),
    "tail": (lambda p: p.put_entry("d/e", 2, p.find("d/e/x"), b"x\0y"), "is damaged"),
    "hole": (hole_in_directory, "page 0 has no block"),
    "root": (root_type, "the root, is no directory"),
    "behind": (lambda p: p.put_inode("deep", SIZE, "I", 1), "lies behind its end"),
    "orphan_named": (lambda p: p.put_super("orphan", p.find("d/f")), "but is named"),
    "orphan_free": (lambda p: p.put_super("orphan", 901), "901 is in .* but is free"),
    "orphan_circle": (lambda p: p.orphan(902, 902), "runs in a circle at inode 902"),
    "orphan_leads": (lambda p: p.orphan(903, 65000), "leads to inode 65000"),
    "orphan_entry": (named_orphan, "an orphan, but it has a name"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_found(good, tmp_path, damage):
    """Catches a damaged image that fsck calls clean, or a damage that it does not
    name."""
    do, words = DAMAGES[damage]
    patient = Patient(bytearray(good))
    do(patient)
    path = tmp_path / "fs.img"
    path.write_bytes(patient.data)
    status, text = fsimage.fsck(path)
    path.unlink()
    assert status == 1, text
    assert re.search(words, text), text


def contents(data, without=()):
    """The bytes of each file of an image, as a list; without some inodes."""
    image = fsimage.Image(data)
    return [image.read(n) for n in range(1, image.super["inodes"])
            if image.inode(n)[0] == fsimage.FILE and n not in without]


# What fsck -y cannot mend: the image is none, or its blocks are not there.
HOPELESS = {"magic", "version", "geometry", "log_size", "cut_off", "empty"}


@pytest.mark.parametrize("damage", sorted(set(DAMAGES) - HOPELESS))
def test_mended(good, tmp_path, damage):
    """Catches an fsck -y that leaves a damage, or that loses a file that was whole: its
    bytes must be there, under some name."""
    patient = Patient(bytearray(good))
    hurt = [patient.find("d/f"), patient.find("deep")]
    DAMAGES[damage][0](patient)
    path = tmp_path / "fs.img"
    path.write_bytes(patient.data)
    status, text = fsimage.fsck(path, "-y")
    assert status == 0 and "mended" in text, text
    assert fsimage.fsck(path) == (0, f"{path}: clean\n")
    after = contents(bytearray(path.read_bytes()))
    path.unlink()
    for whole in contents(bytearray(good), hurt):
        assert whole in after, "a file that was whole is lost"


@pytest.mark.parametrize("damage", sorted(HOPELESS))
def test_hopeless(good, tmp_path, damage):
    """Catches an fsck -y that claims to have mended what it cannot know."""
    patient = Patient(bytearray(good))
    DAMAGES[damage][0](patient)
    path = tmp_path / "fs.img"
    path.write_bytes(patient.data)
    assert fsimage.fsck(path, "-y")[0] == 1
    path.unlink()


def test_lost_tree(good, machine, tmp_path):
    """Catches an fsck -y that takes a lost directory to pieces, or a copy of a block
    that two files claim which is not both files'."""
    patient = Patient(bytearray(good))
    root = fsimage.ROOT_INODE
    index = list(patient.entries(root)).index("d")
    patient.put(patient.inode(root)[3][0] * BLOCK + index * 16, "H", 0)
    patient.put_inode("README", ADDRS, "I", patient.addr("deep", 3))
    number = Patient(bytearray(good)).find("d")
    path = tmp_path / "fs.img"
    path.write_bytes(patient.data)
    assert fsimage.fsck(path, "-y")[0] == 0
    image = fsimage.Image(bytearray(path.read_bytes()))
    assert image.read(image.find(f"#{number}/f")) == b"one\n"
    assert image.find(f"#{number}/e/x"), "the directories keep their places"
    assert image.read(image.find("deep")) == bytes(range(256)) * 20000
    m = machine(fs=str(path)).boot()
    assert m.run(f"cat '#{number}/g'") == "one\n"
    assert m.poweroff() == 0
    assert fsimage.fsck(path) == (0, f"{path}: clean\n")


def test_orphans_are_no_damage(good, tmp_path):
    """Catches an fsck that complains about a file without names: the next mount frees
    it. And one that takes a torn header of the journal for a transaction."""
    patient = Patient(bytearray(good))
    patient.orphan(902)
    patient.put(2 * BLOCK, "4I", 0x676F6C33, 5, 3, 12345)
    path = tmp_path / "fs.img"
    path.write_bytes(patient.data)
    status, text = fsimage.fsck(path)
    assert status == 0 and "1 files without names" in text, text


@pytest.mark.parametrize("options", [[], ["-x"], ["nothing"], ["/"], ["a", "b", "c"]])
def test_no_image(options):
    """Catches an fsck that ends with "clean" when it is used wrongly or cannot read the
    file."""
    status, text = fsimage.fsck(options[-1] if options else "-y", *options[:-1])
    assert status == 2 and re.match("usage: fsck|fsck: ", text), text


# ---- Anything at all -----------------------------------------------------------

@pytest.fixture(scope="module")
def careful_fsck(tmp_path_factory):
    """fsck, built with sanitizers; each worker of pytest builds its own."""
    path = str(tmp_path_factory.mktemp("careful") / "fsck")
    subprocess.run([*shlex.split(os.environ.get("HOSTCC", "cc")), "-std=gnu11", "-g",
                    "-O1", "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
                    "-I.", *SOURCES, "-o", path], cwd=ROOT, check=True, timeout=120)
    return path


def scribble(patient, rng):
    """Changes some bytes of the metadata: the superblock, the journal, inodes, the
    bitmap, tables, directories."""
    sup = patient.super
    inodes = sup["inode_start"] * BLOCK
    places = [(BLOCK, 44), (2 * BLOCK, 64), (inodes, 64 * 64), (inodes, 64 * 64),
              (sup["bitmap_start"] * BLOCK, sup["blocks"] // 8),
              (patient.addr("deep", DIRECT) * BLOCK, BLOCK),
              (patient.addr("deep", DIRECT + 1) * BLOCK, 64)]
    places += [(patient.entry(d, 0), 16 * 8) for d in ("d", "d/e", "d/e/x")]
    for _ in range(rng.choice([1, 3, 30])):
        at, size = rng.choice(places)
        value = rng.choice([0, 1, 0x7f, 0xff, rng.randrange(256)])
        patient.data[at + rng.randrange(size)] = value


@pytest.mark.parametrize("seed", range(FUZZED))
def test_fuzzed(good, careful_fsck, tmp_path, seed):
    """Catches reads beyond the image, overflows and endless loops in fsck: sanitizers
    watch it, and it has a minute."""
    patient = Patient(bytearray(good))
    scribble(patient, random.Random(seed))
    path = tmp_path / "fs.img"
    path.write_bytes(patient.data)
    done = subprocess.run([careful_fsck, path], timeout=60, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    path.unlink()
    assert done.returncode in (0, 1) and "ERROR" not in done.stdout, done.stdout


# ---- The kernel on the same images ---------------------------------------------

@pytest.mark.parametrize("damage", ["twice", "loop", "lost_loop", "dotdot", "freed",
                                    "orphan_circle", "orphan_named", "tables", "root"])
def test_kernel_lives(machine, good, tmp_path, damage):
    """Catches a kernel that panics or hangs on an image that fsck calls damaged.
    Reading, writing and removing give errors at worst."""
    patient = Patient(bytearray(good))
    DAMAGES[damage][0](patient)
    path = tmp_path / "fs.img"
    path.write_bytes(patient.data)
    m = machine(fs=str(path))
    if "$" not in m.expect(r"\n\$ |no root directory|init: ").group():
        m.expect_end = True
        return
    for command in ("ls d d/e d/e/x", "wc deep d/f", "echo new > d/e/x/new",
                    "rm -r d", "rm deep", "sync", "ls"):
        m.run(command)
    assert m.run("echo alive") == "alive\n"
