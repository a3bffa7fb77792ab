"""A whole class: 200 submissions, graded over ssh on this machine, the run killed once."""
import csv
import getpass
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest
from machine import ROOT

sys.path[:0] = [f"{ROOT}/tools/grade.d", f"{ROOT}/tools/cutlab.d"]
import manifest  # noqa: E402 (the path comes first)
import sandbox  # noqa: E402

COUNT = 200
BUILT = 4       # so many of them are compiled; the others are refused before that
SSHD = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")


def free_port():
    """A port of the loopback device that nobody listens at."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


@pytest.fixture
def logins(tmp_path):
    """The path of a file for --sshlogin, with two servers of our own on loopback."""
    for name in "host", "user":
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                        f"{tmp_path}/{name}"], check=True)
    if os.getuid() == 0:
        os.makedirs("/run/sshd", mode=0o755, exist_ok=True)
    servers, lines = [], []
    for _ in range(2):
        port = free_port()
        servers.append(subprocess.Popen(
            [SSHD, "-D", "-e", "-f", "/dev/null", "-h", f"{tmp_path}/host", "-p",
             str(port), "-o", "ListenAddress=127.0.0.1", "-o", "StrictModes=no",
             "-o", f"AuthorizedKeysFile={tmp_path}/user.pub", "-o", "UsePAM=no",
             "-o", "PidFile=none", "-o", "MaxStartups=100"],
            stderr=subprocess.DEVNULL))
        lines.append(f"1/ssh -p {port} -i {tmp_path}/user -o BatchMode=yes "
                     "-o StrictHostKeyChecking=no -o LogLevel=ERROR "
                     f"-o UserKnownHostsFile={tmp_path}/known "
                     f"{getpass.getuser()}@127.0.0.1\n")
        wait_until(lambda port=port: listens(port), 60)
    (tmp_path / "logins").write_text("".join(lines))
    yield tmp_path / "logins"
    for s in servers:
        s.kill()
        s.wait()


def listens(port):
    """Does a server answer at that port?"""
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


def wait_until(holds, seconds):
    """Waits until something is true."""
    end = time.time() + seconds
    while not holds():
        assert time.time() < end, f"not within {seconds} seconds: {holds}"
        time.sleep(0.1)


def hand_in(folder, lab):
    """A class: most hand in a link, which is refused; BUILT do not compile. One has a
    name with a space."""
    for i in range(COUNT):
        home = folder / ("mary ann" if i == 7 else f"s{i:03}")
        home.mkdir(parents=True)
        if i < BUILT:
            (home / lab.keep[0]).write_text(f"#error this is number {i}\n")
        else:
            os.symlink("/etc/passwd", home / lab.keep[0])


def jobs(out):
    """{number of the job: (host, exit status)} of GNU parallel's log, the last of each."""
    with open(out / "jobs", encoding="utf-8") as f:
        rows = [line.split("\t") for line in f][1:]
    return {int(r[0]): (r[1], int(r[6])) for r in rows}


@pytest.mark.in_tree
@pytest.mark.skipif(not (SSHD and shutil.which("parallel") and sandbox.available()),
                    reason="no sshd, GNU parallel or bubblewrap")
def test_class_over_ssh(tmp_path, logins):
    """Catches a class that loses a submission when its run is killed, grades one twice,
    or leaves a machine idle."""
    lab = manifest.load(ROOT, manifest.names(ROOT)[0])
    hand_in(tmp_path / "class", lab)
    out = tmp_path / "out"
    words = [sys.executable, f"{ROOT}/tools/grade", "-l", lab.name, "--class",
             str(tmp_path / "class"), "--out", str(out), "--sshlogin", str(logins)]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          start_new_session=True) as first:
        wait_until(lambda: first.poll() is not None or
                   (out / "jobs").exists() and len(jobs(out)) > 20, 600)
        assert first.poll() is None, "the run ended at once"
        os.killpg(first.pid, signal.SIGKILL)
    before = {n for n, (_, status) in jobs(out).items() if status == 0}
    assert 20 <= len(before) < COUNT
    done = subprocess.run(words, check=False, timeout=900, text=True,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "100%" in done.stderr, "no progress bar"
    after = jobs(out)
    assert set(after) == set(range(1, COUNT + 1))
    assert {status for _, status in after.values()} == {0}
    assert len({host for host, _ in after.values()}) == 2
    with open(out / "jobs", encoding="utf-8") as f:
        numbers = [int(line.split("\t")[0]) for line in f if line[0].isdigit()]
    assert not [n for n in before if numbers.count(n) > 1], "graded twice"
    with open(out / "grades.csv", encoding="utf-8", newline="") as f:
        rows = list(csv.DictReader(f))
    assert len(rows) == COUNT and {r["score"] for r in rows} == {"0"}
    assert sum("symbolic link" in r["error"] for r in rows) == COUNT - BUILT
    assert len(os.listdir(out / "pages")) == COUNT
    assert "mary ann" in {r["name"] for r in rows}
    assert (out / "similar.txt").exists()
