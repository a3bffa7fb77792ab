"""Each NAME_test.c here is a program of its own, compiled for the host with the
address and undefined-behaviour sanitizers; what it tests stands in its head."""
import glob
import os
import re
import shlex
import subprocess

import pytest
from machine import BUILD, ROOT

SOURCES = sorted(glob.glob(os.path.join(ROOT, "tests/host/*_test.c")))
FLAGS = ["-std=gnu11", "-g", "-O1", "-fsanitize=address,undefined",
         "-fno-sanitize-recover=all", "-I.", "-Itests/host", "-DHOST"]


# Tests with random numbers: the argument that makes a test a long one.
LONG = {"fs_corrupt_test": "10000", "fs_crash_test": "15", "fs_ops_test": "400",
        "regex_test": "100000", "shadow_test": "100000"}


@pytest.mark.parametrize("source", SOURCES,
                         ids=lambda s: os.path.basename(s)[:-len("_test.c")])
def test_host(source, soaking, done):
    """Catches bugs in pure code: wrong results, and reads or writes that stray. A test
    may say at its end what it has done: `done: 500 images`."""
    name = os.path.basename(source)[:-2]
    os.makedirs(f"{BUILD}/tests", exist_ok=True)
    compiler = shlex.split(os.environ.get("HOSTCC", "cc"))
    subprocess.run([*compiler, *FLAGS, os.path.relpath(source, ROOT),
                    "-o", f"{BUILD}/tests/{name}", "-lm"], cwd=ROOT, check=True,
                   timeout=120)
    more = [LONG[name]] if soaking and name in LONG else []
    run = subprocess.run([f"{BUILD}/tests/{name}", *more], cwd=ROOT,
                         timeout=2400 if more else 240,
                         stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, check=False)
    output = run.stdout.decode(errors="replace")
    assert run.returncode == 0, output[-20000:]
    for number, what in re.findall(r"^done: (\d+) (.*)", output, re.M):
        done(int(number), what)
