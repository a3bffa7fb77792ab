"""Building: the skeleton once for each lab, a submission on top of a copy of it.

    build-labs/NAME/base     the skeleton, built, with a kernel that does not work
    build-labs/NAME/solved   the solution, with kernel.unit, for the bug
    build-labs/NAME/bug      the same with the bug

They are made again when a source changes. A submission's copy compiles only the files of
the submission, in seconds.
"""
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys

import sandbox

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.path.insert(0, f"{ROOT}/tools/cutlab.d")
from problem import Problem  # noqa: E402 (the path comes first)

GOALS = ["build/kernel", "build/cr3.img"]


class BuildError(Exception):
    """A tree that does not build: the end of what make printed."""


def make(tree, *goals):
    """Builds goals in a tree, in the sandbox. Raises BuildError."""
    status, text = sandbox.run(tree, "make", "-s", f"-j{os.cpu_count()}", *goals)
    if status:
        raise BuildError(text)


def key_of(files):
    """A text that changes when one of {path: text} does."""
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path}\0{files[path]}\0".encode())
    return digest.hexdigest()


def prepared(lab, kind):
    """The path of base, solved or bug, built if it is not there yet. Jobs that run side
    by side wait for the one that builds it."""
    folder = f"{ROOT}/build-labs/{lab.name}/{kind}"
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    with open(f"{folder}.lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            return prepare(lab, kind, folder)
        except BuildError as e:     # no student is to blame
            raise Problem(f"{kind} of {lab.name} does not build:\n{e}") from None


def prepare(lab, kind, folder):
    """The same, while nobody else builds it."""
    import student  # pylint: disable=import-outside-toplevel
    files = student.tree(ROOT, lab, None if kind == "base" else [])
    key = key_of(files)
    try:
        with open(f"{folder}.key", encoding="ascii") as f:
            if f.read() == key:
                return folder
    except FileNotFoundError:
        pass
    shutil.rmtree(folder, ignore_errors=True)
    student.write(ROOT, files, folder)
    if kind == "bug":
        patch(folder, f"{lab.folder}/files/{lab.bug['patch']}")
    make(folder, *GOALS, *(["build/kernel.unit"] if kind != "base" else lab.disks))
    with open(f"{folder}.key", "w", encoding="ascii") as f:
        f.write(key)
    return folder


def patch(folder, path):
    """Applies a patch to a tree. Raises BuildError if it does not fit exactly."""
    done = subprocess.run(["patch", "-s", "-p1", "-F0", "-d", folder, "-i", path],
                          text=True, check=False, capture_output=True)
    if done.returncode:
        raise BuildError(f"{path}: {done.stdout}{done.stderr}")


def copy(base, folder):
    """Copies a prepared tree, without what only programs need; the times of the files
    stay, so that make sees what is new. Disks are links: tests only copy them."""
    disks = {n for n in os.listdir(f"{base}/build") if n.endswith(".img")} - {"cr3.img"}

    def ignore(path, names):
        if path == f"{base}/build":
            return disks | {"user", "ulib", "tests", "vm"} | \
                {n for n in names if n.endswith((".asm", ".sym", ".a"))}
        return {".git"} if path == base else ()
    shutil.copytree(base, folder, ignore=ignore, dirs_exist_ok=True)
    for name in disks:
        os.symlink(f"{base}/build/{name}", f"{folder}/build/{name}")


def submission(base, folder, files):
    """Copies base, puts {name: bytes} into it, builds. Raises BuildError."""
    copy(base, folder)
    for name, data in files.items():
        path = f"{folder}/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)
    make(folder, *GOALS)
