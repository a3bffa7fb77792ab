"""Each NAME_test.c here is a program of its own, compiled for the host with the
address and undefined-behaviour sanitizers; what it tests stands in its head."""
import glob
import os
import shlex
import subprocess

import pytest
from machine import BUILD, ROOT

SOURCES = sorted(glob.glob(os.path.join(ROOT, "tests/host/*_test.c")))
FLAGS = ["-std=gnu11", "-g", "-O1", "-fsanitize=address,undefined",
         "-fno-sanitize-recover=all", "-I.", "-Itests/host", "-DHOST"]


@pytest.mark.parametrize("source", SOURCES,
                         ids=lambda s: os.path.basename(s)[:-len("_test.c")])
def test_host(source):
    """Catches bugs in pure code: wrong results, and reads or writes that stray."""
    name = os.path.basename(source)[:-2]
    os.makedirs(f"{BUILD}/tests", exist_ok=True)
    compiler = shlex.split(os.environ.get("HOSTCC", "cc"))
    subprocess.run([*compiler, *FLAGS, os.path.relpath(source, ROOT),
                    "-o", f"{BUILD}/tests/{name}"], cwd=ROOT, check=True,
                   timeout=120)
    done = subprocess.run([f"{BUILD}/tests/{name}"], cwd=ROOT, timeout=240,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-20000:]
