"""How cr3's costs grow: with memory, files and processes in guest instructions; with
processors and on the disk by the wall clock, which is printed and proves nothing.
"""
import json
import os
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import rows  # noqa: E402 (the path is the tool's)
from guest import Guest  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
WORKERS = (1, 2, 4)
WORK = {"touch": "first touch of a page", "exec": "fork + exec + wait",
        "read": "read of 4 KB from the cache"}
DISK = {"write": "100 MB in order", "read": "100 MB in order",
        "random-read": "10 MB in calls of 4 KB", "random-write": "10 MB in calls of 4 KB"}
WALL = ["-accel", "tcg"]
MB = 1 << 20


def counted(build):
    """{row: figure} of the rows grow-*, in instructions or frames."""
    with Guest(f"{build}/cr3.img", f"{build}/bench.img") as guest:
        return {name: row["figure"] for name, row in
                rows.parse(guest.run("bench -g")).items()}


def boots(build, sizes=(32, 2048)):
    """{MB of memory: instructions from main to the first program}."""
    found = {}
    for mem in sizes:
        done = subprocess.run([sys.executable, f"{HERE}/profile", "--build", build,
                               "--mem", str(mem), "--json", "boot"], check=False,
                              text=True, capture_output=True)
        if done.returncode:
            raise ValueError(done.stderr.strip())
        found[mem] = json.loads(done.stdout)["instructions"]
    return found


def processors(build):
    """{work: {processes: throughput beside that of one process}}, on 4 CPUs."""
    names = [f"wall-{work}-{n}" for work in WORK for n in WORKERS]
    with Guest(f"{build}/cr3.img", f"{build}/bench.img", cpus=max(WORKERS),
               options=WALL) as guest:
        figures = {n: row["figure"] for n, row in
                   rows.parse(guest.run("bench " + " ".join(names))).items()}
    return {work: {n: n * figures[f"wall-{work}-1"] / max(1, figures[f"wall-{work}-{n}"])
                   for n in WORKERS} for work in WORK}


def disk(build):
    """{row: MB in a second} of the rows disk-*, with 64 MB of memory, so that the file
    is larger than the cache."""
    names = " ".join(f"disk-{n}" for n in DISK)
    with Guest(f"{build}/cr3.img", f"{build}/bench.img", mem=64, options=WALL) as guest:
        found = rows.parse(guest.run(f"bench {names}"))
    # A figure is tenths of a microsecond for a KB.
    return {n.removeprefix("disk-"): 1e7 / 1024 / max(1, row["figure"])
            for n, row in found.items()}


def dd():
    """{"write", "read": MB in a second} of dd with 100 MB on the host, in calls of
    4 KB; the host has the file in its cache when it is read."""
    with tempfile.TemporaryDirectory(prefix="cr3-dd-") as where:
        found = {}
        for what, args in (("write", ["if=/dev/zero", f"of={where}/file", "conv=fsync"]),
                           ("read", [f"if={where}/file", "of=/dev/null"])):
            start = time.monotonic()
            subprocess.run(["dd", "bs=4096", "count=25600", *args], check=True,
                           stderr=subprocess.DEVNULL)
            found[what] = 100 / (time.monotonic() - start)
        return found


def measure(build):
    """All of it, as --json prints it."""
    return {"counted": counted(build), "boot": boots(build),
            "processors": processors(build), "disk": disk(build), "dd": dd()}


def show(found):
    """Prints what measure returned."""
    print("Guest instructions per operation (grow-kernel: frames that the kernel and its "
          "first programs\nhave after the start; grow-idle: frames of each of 500 idle "
          "processes)")
    for name, figure in found["counted"].items():
        print(f"  {name:18}{figure:>14,}".replace(",", " "))
    for mem, count in found["boot"].items():
        print(f"  {f'boot at {mem} MB':18}{count:>14,}".replace(",", " "))
    print(f"By the wall clock on {os.cpu_count()} host processors: what so many processes "
          "do in a second, beside one")
    for work, ratios in found["processors"].items():
        print(f"  {WORK[work]:30}" + "".join(f"{n:>4}: {x:.2f}"
                                             for n, x in ratios.items()))
    print("By the wall clock: MB in a second")
    for name, rate in found["disk"].items():
        beside = found["dd"].get(name)
        print(f"  {name + ', ' + DISK[name]:38}{rate:8.1f}" +
              (f"   dd on the host {beside:.0f}" if beside else ""))
