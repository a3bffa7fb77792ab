"""Submissions that try to earn points without work, or to harm the grader.

all_of returns {name: f}: f(folder) writes the submission into the folder and returns its
path. The kernels among them are the skeleton with one function that does harm.
"""
import os
import zipfile

import holes
import student

# What the student's functions do before anything else.
KERNELS = {
    "prints-ok": 'for (;;)\n\t\tprintk("ok 1 LAB.boot\\n");',
    "loops": "for (;;)\n\t\t;",
    "forges-prompt": 'printk("\\n$ \\nKTAP version 1\\n1..1\\nok 1 boot\\n$ ");\n'
                     "\tfor (;;)\n\t\t;",
    "triple-faults": '__asm__ volatile("lidt 0; int3");\n\tfor (;;)\n\t\t;',
    "leaves-qemu": '__asm__ volatile("outl %0, %1" : : "a"(0), "Nd"(0xF4));\n'
                   "\tfor (;;)\n\t\t;",
}
SOURCES = {
    "includes-absolute": '#include "/etc/passwd"\n',
    "includes-answers": '#include "../../labs/LAB/lab.toml"\n',
    "assembles-files": '__asm__(".incbin \\"/proc/self/environ\\"");\n#error stop\n',
    "endless-include": '#include __FILE__\n',
}


def write(folder, name, text):
    """Writes a file of a submission; returns the folder."""
    os.makedirs(os.path.dirname(f"{folder}/{name}"), exist_ok=True)
    with open(f"{folder}/{name}", "w", encoding="utf-8") as f:
        f.write(text)
    return folder


def link(folder, name):
    """The file is a link to one of the host's."""
    os.makedirs(os.path.dirname(f"{folder}/{name}"), exist_ok=True)
    os.symlink("/etc/passwd", f"{folder}/{name}")
    return folder


def huge(folder, name):
    """The file says that it has 4 GB."""
    write(folder, name, "")
    with open(f"{folder}/{name}", "wb") as f:
        f.truncate(4 << 30)
    return folder


def bomb(folder, name):
    """An archive of some kilobytes with a file of 256 MB."""
    with zipfile.ZipFile(f"{folder}/x.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(name, "w") as f:
            for _ in range(256):
                f.write(bytes(1 << 20))
    return f"{folder}/x.zip"


def outside(folder, name):
    """An archive whose names lead out of it, and which brings a grader of its own."""
    with zipfile.ZipFile(f"{folder}/x.zip", "w") as archive:
        archive.writestr(f"../{name}", "x")
        archive.writestr("lab/tests/test_walk.py", "def test_walk_found():\n    pass\n")
    return f"{folder}/x.zip"


def harmful(lab, skeleton, text):
    """The skeleton of the first file whose functions with holes begin with `text`."""
    for hole in lab.holes:
        if hole.file != lab.keep[0]:
            continue
        start, end = holes.find(skeleton, hole.file, hole.name)
        body = skeleton.find("\n{\n", start, end)
        if body >= 0:       # no table
            skeleton = f"{skeleton[:body]}\n{{\n\t{text}\n{skeleton[body + 3:]}"
    return holes.include(skeleton, "kern/panic.h")


def all_of(root, lab):
    """{name: function of a folder} for a lab."""
    name = lab.keep[0]
    skeleton = student.tree(root, lab, None)[name]
    found = {n: lambda folder, text=text: write(
        folder, name, harmful(lab, skeleton, text.replace("LAB", lab.name)))
        for n, text in KERNELS.items()}
    found |= {n: lambda folder, text=text: write(
        folder, name, text.replace("LAB", lab.name) + skeleton)
        for n, text in SOURCES.items()}
    for f in (link, huge, bomb, outside):
        found[f.__name__] = lambda folder, f=f: f(folder, name)
    return found
