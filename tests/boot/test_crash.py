"""Machines that are killed while they write. `usertests N crash_load` works on files
until QEMU gets SIGKILL; what tests/user/crash.c promises must hold of the image that
is left, and of the images that power cuts would have left (tests/writelog.py).

`make check-crash` kills 30 machines. The seed stands in the test's name; the guest's
timing is not part of it, so that a seed makes a failure likely, not certain: the
message names what is kept for a look, the image and the log of writes.
"""
import os
import random
import re
import shutil
import signal
import struct
import time

import pexpect
import pytest
import fsimage
import writelog
from disks import swap_disk

REPLAYS = 12  # power cuts of each run
SECTOR = 512
JOURNAL = 2 * fsimage.BLOCK  # where its header stands
FAR, MAPPED, MAPPER = 4300 * 1024, 128 * 1024, 3  # tests/user/crash.c
WORK = "usertests.tmp"


def pytest_generate_tests(metafunc):
    """Makes a run for each seed."""
    if "seed" in metafunc.fixturenames:
        first = metafunc.config.getoption("--seed")
        metafunc.parametrize("seed", range(first, first +
                                           metafunc.config.getoption("--crashes")))


# ---- What must hold of an image ------------------------------------------------

def sector_of(keeper, number, generation, index):
    """A sector as crash.c's fill() writes it."""
    return struct.pack("<IiiI", 0xC4A50000 + keeper, number, generation, index) * 32


def check_bytes(data, keeper, name, number=None):
    """Fails unless every sector of a file belongs there. Returns the file's number. The
    file that is overwritten (`over`) may have sectors of different generations."""
    start = 0
    if len(data) > FAR:
        assert not data[:FAR].strip(b"\0"), f"k{keeper}/{name}: a hole with bytes in it"
        start = FAR
    for at in range(start, len(data), SECTOR):
        piece = data[at:at + SECTOR].ljust(16, b"\0")
        magic, i, generation, index = struct.unpack_from("<IiiI", piece)
        if len(data) - at < 16:
            break
        if number is None:
            number = i
        want = sector_of(keeper, number, generation if name == "over" else 0,
                         at // SECTOR)
        assert data[at:at + SECTOR] == want[:len(data) - at], (
            f"k{keeper}/{name}, {len(data)} bytes: at {at} are bytes of "
            f"{magic:#x} {i} {generation} {index}")
    return number


def check_map(data, generations):
    """The mapper's file: each 16 bytes of half t are of generations[t] or a later one.
    Bytes of generation 0 are zeros. Returns what msync has made safe, as the lines of
    the console say it: {("S", 2 * generation + half)}."""
    assert len(data) == MAPPED or not any(generations.values()), f"map: {len(data)} bytes"
    oldest = {}
    for at in range(0, len(data), 16):
        half = at >= MAPPED // 2
        magic, i, generation, index = struct.unpack_from("<IiiI", data, at)
        assert (magic, i, index) == (0xC4A50000 + MAPPER, half, at // SECTOR) or \
            not any(data[at:at + 16]), f"map: foreign bytes at {at}"
        assert generation >= generations[half], (
            f"map: at {at} generation {generation}, but {generations[half]} was synced")
        oldest[half] = min(generation, oldest.get(half, generation))
    return {("S", 2 * n + half) for half in oldest for n in range(oldest[half] + 1)}


def keeper_log(keeper, log):
    """A keeper's log, as (kept, doubtful, current, mapped, lines): {file: size}, files
    that are about to go, the oldest `current` that may be there, {half: generation},
    {(kind, number)}."""
    lines = re.findall(r"([KGDCM]) +(\d+) +(\d+)\n", log.decode("latin-1"))
    assert len(lines) == len(log) // 16, f"k{keeper}/log is damaged: {log!r}"
    kept, gone, current, mapped = {}, {"G": set(), "D": set()}, -1, {0: 0, 1: 0}
    for kind, number, size in ((k, int(i), int(n)) for k, i, n in lines):
        if kind == "K":
            kept[number] = size
        elif kind == "M":
            mapped[number] = size
        elif kind == "C":
            current = number
        else:
            gone[kind].add(number)
    return kept, gone, current, mapped, {(k, int(i)) for k, i, _ in lines}


def check_keeper(image, keeper, files):
    """The promises of one keeper's log. Returns its lines as (kind, number)."""
    log = image.read(files["log"]) if "log" in files else b""
    kept, gone, current, mapped, lines = keeper_log(keeper, log)
    for number in gone["D"]:
        assert f"f{number}" not in files, f"k{keeper}/f{number} has come back"
    for number, size in kept.items():
        if number not in gone["G"]:
            assert f"f{number}" in files, f"k{keeper}/f{number} is lost"
            got = image.inode(files[f"f{number}"])[2]
            assert got == size, f"k{keeper}/f{number} has {got} bytes, not {size}"
    for name, num in files.items():
        if name == "map":
            lines |= check_map(image.read(num), mapped)
        elif name not in (".", "..", "log"):
            number = -1 if name == "over" else \
                int(name[1:]) if re.fullmatch(r"f\d+", name) else None
            check_bytes(image.read(num), keeper, name, number)
    if current >= 0:
        assert "current" in files, f"k{keeper}/current is lost"
    if "current" in files:
        data = image.read(files["current"])
        assert data, f"k{keeper}/current is empty"
        assert check_bytes(data, keeper, "current") >= current, "current is an old one"
    return lines


def check_zeros(image, directory, path=""):
    """Fails unless a churner's file holds only zeros: other bytes come from a block's
    former owner."""
    for name, num in image.entries(directory).items():
        kind = image.inode(num)[0]
        if name in (".", "..") or (not path and re.fullmatch(r"k\d", name)):
            continue
        if kind == fsimage.DIR:
            check_zeros(image, num, f"{path}/{name}")
        else:
            data = image.read(num)
            assert not data.strip(b"\0"), f"{path}/{name} shows foreign bytes"


def check_image(path, promised):
    """fsck recovers the image at path and calls it clean; then all promises hold,
    those in its own logs and those that were seen on the console."""
    status, text = fsimage.fsck(path)
    assert status == 0, f"fsck: {text}"
    status, text = fsimage.fsck(path, "-y")
    assert status == 0, f"fsck -y: {text}"
    status, text = fsimage.fsck(path)
    assert status == 0 and "recovered" not in text, f"after fsck -y: {text}"
    with open(path, "rb") as f:
        image = fsimage.Image(f.read())
    work = image.find(WORK)
    assert work or not promised, f"/{WORK} is lost"
    if not work:
        return
    found = set()
    for name, num in image.entries(work).items():
        if m := re.fullmatch(r"k(\d)", name):
            keeper = int(m.group(1))
            found |= {(k, keeper, i) for k, i in
                      check_keeper(image, keeper, image.entries(num))}
    check_zeros(image, work)
    assert not promised - found, f"promised, not there: {sorted(promised - found)[:5]}"


# ---- A run ---------------------------------------------------------------------

def work_until(m, log, seconds):
    """Reads the console until the time is over. Returns what was promised there, as
    {(kind, keeper, number): size of the log of writes by then}."""
    promised, seen = {}, len(m.text)
    deadline = time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0:
        try:
            m.child.read_nonblocking(65536, left)
        except pexpect.TIMEOUT:
            break
        size = os.path.getsize(log)
        for kind, keeper, number in re.findall(r"<(\w) (\d) (\d+)>", m.text[seen:]):
            promised.setdefault((kind, int(keeper), int(number)), size)
    assert "is not so" not in m.output and "panic" not in m.output, m.output
    return promised


def run_and_kill(machine, image, log, seed, begin=r"crash_load\r*\n"):
    """Boots with the image, works for a random time from when it says `begin`, kills
    QEMU. Returns what was promised since (work_until)."""
    rng = random.Random(seed)
    choices = {}
    if seed % 3 == 0:  # crash.c's hog makes pages go to a third disk
        choices = {"mem": 32, "options": swap_disk(image.parent, 64)[0]}
    m = machine(cpus=rng.choice([1, 2, 2, 4]), fs=writelog.drive(image, log),
                **choices).boot()
    m.send(f"usertests {seed} crash_load\n")
    m.expect(begin)
    promised = work_until(m, log, 0.1 + rng.expovariate(1 / 0.7))
    os.kill(m.child.pid, signal.SIGKILL)
    m.finish()
    return promised


def cuts(log, rng, count):
    """Yields (cut, probability that an unflushed write is kept): at random places, and
    around the flushes, where a missing flush would show."""
    total, flushes = len(log.entries), log.flushes()
    for k in range(count):
        cut = rng.randrange(total + 1)
        if k % 2 and flushes:
            cut = min(rng.choice(flushes) + rng.randrange(-1, 4), total)
        yield max(cut, 0), rng.choice([0, 0.2, 0.5, 0.8, 0.95, 1.0])


def replay_power_cuts(base, log, promised, rng, path):
    """Makes the images of REPLAYS power cuts at path, and checks each."""
    for cut, keep in cuts(log, rng, REPLAYS):
        end = log.entries[cut - 1][4] if cut else 0
        with open(path, "wb") as f:
            f.write(log.image_at(base, cut, rng, keep))
        try:
            check_image(path, {p for p, size in promised.items() if size <= end})
        except AssertionError as e:
            raise AssertionError(f"power cut before entry {cut} of "
                                 f"{len(log.entries)}, unflushed writes kept with "
                                 f"{keep}: {e}") from None


def boot_again(machine, path, recovered, seed):
    """The kernel mounts what is left at path, sees what fsck -y has made of a copy
    (recovered), and leaves it clean."""
    with open(recovered, "rb") as f:
        image = fsimage.Image(f.read())
    log = image.find(f"{WORK}/k0/log")
    want = image.read(log).decode("latin-1") if log else None
    m = machine(fs=str(path)).boot()
    if want:
        assert m.run(f"cat {WORK}/k0/log") == want, "the guest sees other bytes"
    assert m.run("echo more > more; cat more") == "more\n"
    if seed % 2:
        m.run(f"rm -r {WORK}")
    assert m.poweroff() == 0
    assert not re.search("fs: .*(error|run fsck)", m.output), m.output
    status, text = fsimage.fsck(path)
    assert (status, text) == (0, f"{path}: clean\n")


def test_killed(machine, tmp_path, done, seed):
    """Catches a write, flush or journal step in a wrong order. It shows as metadata
    that contradict each other, a lost file that fsync had promised, a block with its
    former contents, or an orphan that is never freed."""
    image, log = tmp_path / "fs.img", tmp_path / "writes.log"
    base = fsimage.make_image(image).read_bytes()
    promised = run_and_kill(machine, image, log, seed)
    rng = random.Random(1000 + seed)
    writes = writelog.WriteLog(log)
    print(f"seed {seed}: {len(promised)} promises, {len(writes.entries)} entries")
    replay_power_cuts(base, writes, promised, rng, tmp_path / "cut.img")
    killed = shutil.copy(image, tmp_path / "killed.img")
    check_image(killed, set(promised))
    boot_again(machine, image, killed, seed)
    boot_again(machine, tmp_path / "cut.img", tmp_path / "cut.img", seed)
    done(REPLAYS + 1, "crashes of a whole machine")
    for path in (image, log, killed, tmp_path / "cut.img"):
        os.remove(path)


# ---- Recovery that is killed ---------------------------------------------------

def commits(log):
    """The cuts right behind each commit: the journal's header is written and not empty,
    and none of its blocks is copied to its place yet."""
    for i, (kind, place, at, size, _) in enumerate(log.entries):
        if kind == "write" and place <= JOURNAL < place + size:
            _, _, count, _ = struct.unpack_from("<4I", log.data, at + JOURNAL - place)
            if count:
                yield i + 1


def recover_logged(machine, path, log):
    """Boots the image at path, which has a commit to recover, and records its
    writes."""
    m = machine(fs=writelog.drive(path, log))
    m.expect(r"recovered \d+ blocks of the journal")
    m.boot()
    os.kill(m.child.pid, signal.SIGKILL)
    m.finish()
    return writelog.WriteLog(log)


def test_recovery_killed(machine, tmp_path, seed):
    """Catches a recovery that the next boot cannot finish. A machine is cut off right
    behind a commit, and the boot that recovers it is cut off at each of its writes."""
    image, log = tmp_path / "fs.img", tmp_path / "writes.log"
    base = fsimage.make_image(image).read_bytes()
    promised = run_and_kill(machine, image, log, seed, r"<\w \d \d+>")
    rng, writes = random.Random(seed), writelog.WriteLog(log)
    cut = rng.choice(list(commits(writes)))
    end = writes.entries[cut - 1][4]
    promised = {p for p, size in promised.items() if size <= end}
    base = bytes(writes.image_at(base, cut, rng, 1.0))
    image.write_bytes(base)
    recovery = recover_logged(machine, image, log)
    for cut in range(min(len(recovery.entries), 60) + 1):
        image.write_bytes(recovery.image_at(base, cut, rng, rng.choice([0, 0.5, 1.0])))
        try:
            check_image(image, promised)
        except AssertionError as e:
            raise AssertionError(f"recovery cut before its entry {cut}: {e}") from None
    os.remove(image)
    os.remove(log)
