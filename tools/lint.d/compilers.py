"""What other programs check: the compiler, sparse, clang-format."""
import os
import re
import shlex
import shutil
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

from tree import C_FILES, KERNEL, flags_for, parallel, run

LOADER = SourceFileLoader("format", os.path.join(os.path.dirname(
    os.path.dirname(os.path.abspath(__file__))), "format"))
FORMAT = module_from_spec(spec_from_loader("format", LOADER))
LOADER.exec_module(FORMAT)
# Functions whose lock is taken or released elsewhere, which sparse cannot see.
LOCK_CROSSES = {
    "printk_lock": "not in a panic", "printk_unlock": "not in a panic",
    "thread_begin": "the run queue's lock comes along with the switch",
    "thread_exit": "lk may be NULL", "sleep_on": "lk may be NULL",
    "sched_sleep": "lk may be NULL",
    "table_lock": "nothing to lock: NULL", "table_hold": "as table_lock",
    "table_unlock": "as table_lock",
    "pageout_reclaim": "mutex_lock_killable may fail",
}


def check_headers():
    """Every header compiles alone."""
    def one(path):
        out = run(*shlex.split(os.environ["CC"]), *flags_for(path),
                  "-fsyntax-only", "-Wno-unused-function", "-include", path,
                  "-x", "c", "/dev/null")
        if out.returncode or out.stdout:
            said = out.stdout.rstrip().replace("\n", "\n  ")
            yield f"{path}: does not compile alone:\n  {said}"
    yield from parallel(one, [f for f in C_FILES if f.endswith(".h") and
                              not f.startswith(("tests/", "labs/", "tools/"))])


def gcc_headers():
    """The folder of a gcc's <stdint.h> and friends, the compiler's own if it is one:
    clang's ask for more of a preprocessor than sparse has."""
    for compiler in (os.environ["CC"], "gcc", "cc"):
        if shutil.which(shlex.split(compiler)[0]):
            where = run(*shlex.split(compiler), "-print-file-name=include")
            if os.path.exists(where.stdout.strip() + "/stdint-gcc.h"):
                break
    return where.stdout.strip()


def check_sparse():
    """sparse has nothing to say: user pointers, lock contexts, constants."""
    alone = ["-nostdinc", "-isystem", gcc_headers(),
             "-D__STDC_HOSTED__=0", "-D__float128=double"]
    root = os.getcwd()  # absolute, so that #pragma once knows a file again

    def one(path):
        flags = [f"-I{root}" if x == "-I." else x for x in flags_for(path)]
        out = run("sparse", *flags, *alone, f"{root}/{path}").stdout
        for line in out.rstrip().replace(root + "/", "").split("\n"):
            crosses = re.search(r"context imbalance in '(\w+)'", line)
            if line and not (crosses and crosses.group(1) in LOCK_CROSSES):
                yield line
    yield from parallel(one, [f for f in KERNEL if f.endswith(".c")])


def check_format():
    """C files are laid out as .clang-format says (`make format` does it)."""
    def one(path):
        old, new = FORMAT.formatted(path)
        for number, (a, b) in enumerate(zip(old, new), 1):
            if a != b:
                yield f"{path}:{number}: not as `make format` would have it:\n" \
                    f"  - {a}\n  + {b}"
                return
        for number, line in enumerate(old, 1):
            if FORMAT.too_long(line):
                yield f"{path}:{number}: beyond column 80"
    yield from parallel(one, C_FILES)
