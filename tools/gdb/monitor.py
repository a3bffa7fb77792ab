"""Reads physical memory through QEMU's monitor. Each function takes `monitor(line) ->
text`, so that the connection can be GDB's or a socket."""
import os
import tempfile

from ptcore import ReadError

MANY = 32 << 12         # bytes; a longer read is faster through a file


def saved(monitor, pa, n):
    """n bytes at pa, through a file that QEMU writes (2 MB in 5 ms). None if QEMU runs
    on another machine, or may not write here."""
    handle, path = tempfile.mkstemp(prefix="cr3-")
    os.close(handle)
    try:
        monitor(f'pmemsave {pa:#x} {n:#x} "{path}"')
        with open(path, "rb") as f:
            data = f.read()
    except OSError:
        return None
    finally:
        os.unlink(path)
    return data if len(data) == n else None


def examined(monitor, pa, n):
    """n bytes at pa, by the monitor's command xp. Raises ReadError."""
    first, last = pa & ~3, pa + n + 3 & ~3
    text = monitor(f"xp /{(last - first) // 4}wx {first:#x}")
    numbers = [int(w, 16) for line in text.splitlines() if ":" in line
               for w in line.split(":", 1)[1].split()]
    data = b"".join(w.to_bytes(4, "little") for w in numbers)
    if len(data) < last - first:
        raise ReadError(f"no memory at pa {pa:#x}")
    return data[pa - first:pa - first + n]
