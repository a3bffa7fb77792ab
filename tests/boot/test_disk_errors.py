"""Each kind of block that a file system has, on a disk that refuses to read it, to
write it, or to flush: a program sees an error, the rest goes on, and what was synced is
there when the disk is well again."""
import os
import re
import signal

import fsimage
import pytest
from disks import failing
from machine import built

FILLERS = 100  # so that the victim's inode is not in the block of the first programs'
VICTIM = b"line of the victim\n" * 4000  # 19 blocks: some behind the first table
OTHER = b"line of another file\n" * 4000
EIO = 5


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """An image with the files victim and other."""
    there = tmp_path_factory.mktemp("sound")
    names = {f"fill{n}": b"x" for n in range(FILLERS)}
    files = []
    for name, data in {**names, "victim": VICTIM, "other": OTHER}.items():
        (there / name).write_bytes(data)
        files.append(there / name)
    path = fsimage.make_image(there / "fs.img",
                              files=[built("user/_mkdir"), *files])
    return path.read_bytes()


def block_of(place, data):
    """The number of the block of that kind."""
    image = fsimage.Image(bytearray(data))
    victim = image.find("victim")
    _, _, _, addrs = image.inode(victim)
    return {"superblock": 1, "journal header": 2, "journal": 3,
            "inode": image.inode_at(victim) // fsimage.BLOCK,
            "bitmap": image.super["bitmap_start"],
            "root directory": image.blocks(fsimage.ROOT_INODE)[0],
            "table": addrs[fsimage.DIRECT],
            "first data": addrs[0], "later data": image.blocks(victim)[-1],
            }[place]


def bad_disk(path, event, block=None):
    """QEMU options: the second disk, which fails `event` (blkdebug's iotype), for one
    block or all."""
    where = {} if block is None else {"sector": block * 8}
    return failing(path, {"event": "none", "iotype": event, "errno": EIO, **where})


def work(m):
    """Uses the files. Returns (what `cat victim` printed, was `promised` synced)."""
    m.expect(r"\n\$ |(?i:no .*file system|cannot|corrupt|init ended)[^\n]*\n")
    if "$" not in m.child.after:
        return None, False
    text = re.sub(r"ide0\.1: .*\n", "", m.run("cat victim"))
    for command in ("echo new > fresh", "cat other > copy", "mkdir dir", "rm fill7",
                    "echo more >> victim", "sync"):
        m.run(command)
    synced = "synced" in m.run("echo kept > promised && sync && echo syn''ced")
    assert m.run("echo alive") == "alive\n"
    return text, synced


def after(path, synced):
    """The disk is well: the journal is recovered, the image is sound, and nothing is
    lost that should be there."""
    assert fsimage.fsck(path, "-y")[0] == 0
    status, text = fsimage.fsck(path)
    assert (status, text) == (0, f"{path}: clean\n")
    image = fsimage.Image(bytearray(path.read_bytes()))
    assert image.read(image.find("other")) == OTHER
    assert image.read(image.find("victim")).startswith(VICTIM)
    if synced:
        assert image.read(image.find("promised")) == b"kept\n"


def run(machine, path, options):
    """Works on the disk, and powers the machine off, or ends it if that is not
    possible. Returns what work() does."""
    m = machine(boot="kernel", fs=options)
    m.expect_end = True
    text, synced = work(m)
    if text is not None:
        m.send("poweroff\n")
    else:
        os.kill(m.child.pid, signal.SIGKILL)
    m.finish(timeout=60)
    after(path, synced)
    return text, synced


# The driver gives a request 10 seconds. QEMU's null disk answers after that; in a reset,
# QEMU waits for it.
SILENT = ["-blockdev", "driver=null-co,node-name=silent,size=16777216,read-zeroes=on,"
          "latency-ns=11500000000", "-device", "ide-hd,drive=silent,bus=ide.1,unit=0"]


def test_disk_stops_answering(machine):
    """Catches a program that waits for ever for a disk, a machine that waits with it,
    and a disk that is asked again and again."""
    m = machine(options=SILENT).boot()
    for n in range(3):
        m.send("swapon &\n")
        m.run(f"echo kept > f{n}; cat f{n}")
        m.expect("ide1.0: no answer, reset", timeout=30)
        m.expect("swapon: /swap: Input/output error", timeout=30)
    assert "ide1.0: given up" in m.output
    assert "Input/output error" in m.run("swapon", timeout=5)
    assert m.output.count("no answer") == 3
    assert m.run("cat f0 f1 f2") == "kept\n" * 3
    assert m.poweroff() == 0


READ = ("superblock", "journal header", "inode", "bitmap", "root directory", "table",
        "first data", "later data")
WRITTEN = ("journal header", "journal", "inode", "bitmap", "root directory")


@pytest.mark.parametrize("place", READ)
def test_read_fails(machine, tmp_path, sound, place):
    """Catches a block that cannot be read and is taken for zeros or for an older
    block, and an error that spreads to other files."""
    path = tmp_path / "fs.img"
    path.write_bytes(sound)
    text, synced = run(machine, path, bad_disk(path, "read", block_of(place, sound)))
    if place in ("inode", "table", "first data", "later data"):
        assert "Input/output error" in text
        shown = text.split("cat:")[0].encode()
        assert VICTIM.startswith(shown), "other bytes than the file's"
        assert synced


@pytest.mark.parametrize("place", WRITTEN)
def test_write_fails(machine, tmp_path, sound, place):
    """Catches a commit that goes on after a block was refused: a promise of sync that
    is not kept, or an image that contradicts itself."""
    path = tmp_path / "fs.img"
    path.write_bytes(sound)
    text, _ = run(machine, path, bad_disk(path, "write", block_of(place, sound)))
    assert text.encode() == VICTIM


@pytest.mark.parametrize("event", ["read", "write", "flush"])
def test_all_fails(machine, tmp_path, sound, event):
    """Catches a machine that hangs on a disk that refuses everything of one kind."""
    path = tmp_path / "fs.img"
    path.write_bytes(sound)
    _, synced = run(machine, path, bad_disk(path, event))
    assert not synced
