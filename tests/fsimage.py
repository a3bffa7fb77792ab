"""A file system's image, read by the host: an implementation of fs/layout.h of its
own, so that a test does not depend on the kernel. It expects a sound image whose
journal has been recovered (build/fsck -y)."""
import struct
import subprocess

from machine import ROOT, built

BLOCK = 4096
PTRS = BLOCK // 4
DIRECT = 11
ROOT_INODE = 1
DIR, FILE = 1, 2
FIELDS = ("magic version blocks inodes log_blocks inode_start inode_blocks "
          "bitmap_start bitmap_blocks data_start orphan").split()


def make_image(path, size="24M", files=()):
    """A fresh image with the programs that most tests need, and files."""
    programs = [built(f"user/_{p}") for p in
                ("init", "sh", "cat", "echo", "free", "ls", "more", "poweroff", "rm",
                 "sync", "usertests", "wc")]
    subprocess.run([built("mkfs"), "-s", size, str(path), "README", *programs,
                    *map(str, files)],
                   cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return path


def fsck(path, *options):
    """build/fsck: (exit status, what it says)."""
    done = subprocess.run([built("fsck"), *options, str(path)], timeout=60, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          check=False)
    return done.returncode, done.stdout


class Image:
    """The bytes of an image (a bytearray, changed in place) by their meaning."""

    def __init__(self, data):
        self.data = data
        self.super = dict(zip(FIELDS, struct.unpack_from("<11I", data, BLOCK)))

    def inode_at(self, num):
        """Where inode num stands: type, major, minor, nlink, size, 13 blocks."""
        return self.super["inode_start"] * BLOCK + num * 64

    def inode(self, num):
        """(type, nlink, size, blocks) of an inode."""
        kind, _, _, nlink, size, *addrs = struct.unpack_from("<hHHhI13I", self.data,
                                                             self.inode_at(num))
        return kind, nlink, size, addrs

    def pointers(self, block):
        """The block numbers in a table. An absent table has none."""
        if not block:
            return (0,) * PTRS
        return struct.unpack_from(f"<{PTRS}I", self.data, block * BLOCK)

    def blocks(self, num):
        """The blocks of a file, in order; 0 is a hole."""
        _, _, size, addrs = self.inode(num)
        count = -(-size // BLOCK)
        found = list(addrs[:DIRECT])
        if count > DIRECT:
            found += self.pointers(addrs[DIRECT])
        if count > len(found):
            for table in self.pointers(addrs[DIRECT + 1]):
                found += self.pointers(table)
                if len(found) >= count:
                    break
        return found[:count]

    def read(self, num):
        """The contents of a file."""
        parts = [self.data[b * BLOCK:(b + 1) * BLOCK] if b else bytes(BLOCK)
                 for b in self.blocks(num)]
        return b"".join(parts)[:self.inode(num)[2]]

    def entries(self, num):
        """{name: inode} of a directory."""
        data = self.read(num)
        pairs = (struct.unpack_from("<H14s", data, at)
                 for at in range(0, len(data), 16))
        return {n.rstrip(b"\0").decode("latin-1"): i for i, n in pairs if i}

    def find(self, path):
        """The inode of a path from the root, or None."""
        num = ROOT_INODE
        for part in path.strip("/").split("/"):
            num = self.entries(num).get(part)
            if num is None:
                return None
        return num
