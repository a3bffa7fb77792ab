"""A disk whose cache is lost with the power: replay of QEMU's blklogwrites.

    guest -> [blklogwrites] -> image            the medium and its cache, all kept
                  |
                  +----------> log              each write and flush, in order

With the log an image can be made as it would be after a power cut at any entry:
what was written before the last flush is there; of what came later, any part, down
to single sectors. Format of the log: docs of dm-log-writes, which QEMU follows.
"""
import struct

SECTOR = 512
MAGIC = 0x6a736677736872
FLUSH, FUA, DISCARD = 1, 2, 4


def drive(image, log):
    """QEMU options for the second disk: image, its writes noted in log."""
    open(log, "wb").close()
    return ["-blockdev", f"driver=blklogwrites,node-name=logged,"
            f"file.driver=file,file.filename={image},"
            f"log.driver=file,log.filename={log},log-sector-size={SECTOR}",
            "-blockdev", "driver=raw,node-name=fs,file=logged",
            "-device", "ide-hd,drive=fs,bus=ide.0,unit=1"]


class WriteLog:
    """The entries of a log: (kind, place on the disk, place in the log, bytes, end);
    kind is 'write' or 'flush', end the log's size when the entry was in it."""

    def __init__(self, path):
        with open(path, "rb") as f:
            self.data = f.read()
        self.entries = []
        magic, _, _, sector = struct.unpack_from("<QQQI", self.data.ljust(SECTOR, b"\0"))
        # QEMU writes it with the first flush, which may not have come.
        assert (magic, sector) in ((MAGIC, SECTOR), (0, 0)), "blklogwrites' superblock"
        at = SECTOR
        while at + 32 <= len(self.data):
            place, count, flags, _ = struct.unpack_from("<QQQQ", self.data, at)
            at += SECTOR
            size = count * SECTOR
            if (not count and not flags) or at + size > len(self.data):
                break  # being written when QEMU was killed
            assert not flags & ~FLUSH, f"flags {flags}"
            if count:
                self.entries.append(("write", place * SECTOR, at, size, at + size))
                at += size
            if flags & FLUSH:
                self.entries.append(("flush", 0, 0, 0, at))

    def flushes(self):
        """The indices of the flushes."""
        return [i for i, e in enumerate(self.entries) if e[0] == "flush"]

    def durable(self, cut):
        """How much of the log is safe for good when the power fails before entry
        cut: its size at the last flush before."""
        return max([e[4] for e in self.entries[:cut] if e[0] == "flush"], default=0)

    def apply(self, image, entry, rng=None, keep=1.0):
        """Writes an entry to image, or (with keep < 1) any part of its sectors."""
        _, place, at, size, _ = entry
        if keep >= 1 or rng.random() < keep:
            if keep >= 1 or rng.random() < 0.7:
                image[place:place + size] = self.data[at:at + size]
                return
            for off in range(0, size, SECTOR):  # torn
                if rng.random() < keep:
                    image[place + off:place + off + SECTOR] = \
                        self.data[at + off:at + off + SECTOR]

    def image_at(self, base, cut, rng, keep):
        """The image after a power cut before entry cut: what a flush made safe,
        and of the rest each write with probability keep."""
        image = bytearray(base)
        last = max((i for i in self.flushes() if i < cut), default=-1)
        for i, entry in enumerate(self.entries[:cut]):
            if entry[0] == "write":
                self.apply(image, entry, rng, 1.0 if i < last else keep)
        return image
