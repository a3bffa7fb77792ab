"""Commands that touch what a student has written, and what a submission is.

In the sandbox (bubblewrap) there is no network, no home, no hidden test and no solution:
only the system's programs, read-only, and one tree. A submission is the files that the
lab names, and nothing else is taken from it.
"""
import os
import re
import shutil
import stat
import subprocess
import zipfile

MOST = 1 << 20          # bytes of one file of a submission
SECONDS = 240           # for a build, on a busy machine


class Refused(Exception):
    """A submission that cannot be graded: why, in words for the student."""


def available():
    """Can a sandbox be made here?"""
    return bool(shutil.which("bwrap")) and subprocess.run(
        ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"], check=False,
        capture_output=True).returncode == 0


def command(tree, *words):
    """The command line that runs words in the sandbox, in a tree that is writable."""
    return ["bwrap", "--unshare-all", "--die-with-parent", "--ro-bind", "/usr", "/usr",
            "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64",
            "--symlink", "usr/bin", "/bin", "--ro-bind", "/etc/alternatives",
            "/etc/alternatives", "--dev", "/dev", "--proc", "/proc",
            "--tmpfs", "/tmp", "--bind", tree, "/lab", "--chdir", "/lab",
            "--clearenv", "--setenv", "PATH", "/usr/bin", "--setenv", "LC_ALL", "C",
            "prlimit", "--fsize=1073741824", "--core=0", "--nproc=4096",
            "--as=4294967296", *words]


def run(tree, *words):
    """Runs a command in the sandbox; returns (status, the end of what it printed)."""
    try:
        done = subprocess.run(command(tree, *words), check=False, timeout=SECONDS,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT)
    except subprocess.TimeoutExpired:
        return 124, f"the build has not ended after {SECONDS} seconds"
    return done.returncode, done.stdout[-4000:].decode("utf-8", "replace")


def from_folder(folder, name):
    """The bytes of a file of a folder; None if it is not there."""
    path = os.path.join(folder, name)
    if not os.path.lexists(path):
        return None
    if os.path.realpath(path) != os.path.join(os.path.realpath(folder), name) or \
            not stat.S_ISREG(os.lstat(path).st_mode):
        raise Refused(f"{name} is no plain file (a symbolic link?)")
    with open(path, "rb") as f:
        return f.read(MOST + 1)


def from_zip(archive, name):
    """The bytes of a file of an archive; None if it is not there. Archives may have all
    files in one folder."""
    found = [i for i in archive.infolist()
             if re.fullmatch(rf"(?:[^/]+/)?{re.escape(name)}", i.filename)]
    if not found:
        return None
    if len(found) > 1 or (found[0].external_attr >> 28) not in (0, 8):
        raise Refused(f"{name} is no plain file, or stands twice in the archive")
    with archive.open(found[0]) as f:
        return f.read(MOST + 1)


def collect(submission, keep):
    """{name: bytes} of the files of a submission (a folder or a zip archive) that the
    lab keeps. Raises Refused."""
    try:
        if os.path.isdir(submission):
            found = {n: from_folder(submission, n) for n in keep}
        else:
            with zipfile.ZipFile(submission) as archive:
                found = {n: from_zip(archive, n) for n in keep}
    except (OSError, RuntimeError, ValueError, zipfile.BadZipFile, EOFError,
            NotImplementedError) as e:
        raise Refused(f"the submission cannot be read: {e}") from None
    for name, data in found.items():
        if data is not None and len(data) > MOST:
            raise Refused(f"{name} is longer than {MOST >> 20} MB")
    return {n: d for n, d in found.items() if d is not None}
