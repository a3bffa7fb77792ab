"""Makes the repository that a student starts with.

labs/student.list says which files of the kernel a student gets. The files of the lab
come as the folder lab/ beside them: the manifest and the tests, without the hidden ones.
The repository has one commit, whose date is fixed: two cuts of one kernel are equal.
"""
import fnmatch
import glob
import os
import re
import shutil
import subprocess

import holes
import leaks
from problem import Problem

COMMIT = {"GIT_AUTHOR_NAME": "cr3 labs", "GIT_AUTHOR_EMAIL": "labs@cr3.invalid",
          "GIT_AUTHOR_DATE": "2000-01-01T00:00:00Z"}
COMMIT |= {k.replace("AUTHOR", "COMMITTER"): v for k, v in COMMIT.items()}
# A part of the Makefile that stands in a file of its own.
PART = re.compile(r"^include (tools/\w+\.mk)\n", re.M)


def git(folder, *words):
    """Runs git in a folder; returns what it prints."""
    done = subprocess.run(["git", "-C", folder, *words], text=True, check=False,
                          capture_output=True, env=os.environ | COMMIT)
    if done.returncode:
        raise Problem(f"git {words[0]}: {done.stderr.strip()}")
    return done.stdout


def kernel_files(root, also=()):
    """The paths of the files of the kernel that a student gets; also: more patterns."""
    with open(f"{root}/labs/student.list", encoding="utf-8") as f:
        wanted = [x.strip() for x in f if x.strip() and x[0] != "#"] + list(also)
    listed = git(root, "ls-files", "-co", "--exclude-standard").split("\n")
    chosen = set()
    for pattern in wanted:
        found = set(fnmatch.filter(listed, pattern.lstrip("!")))
        if not found:
            raise Problem(f"labs/student.list: nothing matches {pattern}")
        chosen = chosen - found if pattern[0] == "!" else chosen | found
    return sorted(chosen)


def read(path):
    """The text of a file."""
    with open(path, encoding="utf-8") as f:
        return f.read()


def open_holes(files, chosen, empty=False):
    """Cuts the holes into {path: text}, with their texts, or with nothing, in their
    place; returns what stood there, a list of texts."""
    cut_out = []
    for hole in chosen:
        if hole.file not in files:
            raise Problem(f"{hole.id}: a student does not get {hole.file}")
        if hole.text is None:
            raise Problem(f"{hole.id}: its text is missing in holes/")
        # The helpers come first: the hole's text may define functions of their names.
        instead = {name: "" for name in hole.helpers} | \
            {hole.name: "" if empty else hole.text}
        for name, new in instead.items():
            files[hole.file], text = holes.cut(files[hole.file], hole.file, name, new)
            cut_out.append(text)
        if hole.include and not empty:
            files[hole.file] = holes.include(files[hole.file], hole.include)
    return cut_out


def public(manifest):
    """The manifest without the tests that are hidden."""
    blocks = re.split(r"(?m)^(?=\[)", manifest)
    return "".join(b for b in blocks if not re.search(r'^visible *= *"hidden"', b, re.M))


def answers(lab):
    """The text of answers.toml: a place for each answer, and for the time."""
    lines = [f"# Lab {lab.number}: your answers. Write them between the quotes.", ""]
    for q in lab.questions:
        lines += [f"# {line}".rstrip() for line in q.text.strip().split("\n")]
        lines += [f'{q.id} = ""', ""]
    return "\n".join(lines + ["# How many hours did it take?", 'hours = ""', ""])


def lab_files(root, lab):
    """{path in the repository: text} of all that does not come from the kernel."""
    files = {"lab/lab.toml": public(read(f"{lab.folder}/lab.toml")),
             "lab/lab.mk": read(f"{root}/labs/lab.mk"),
             "README.md": read(f"{lab.folder}/README.md"),
             "README": f"cr3, lab {lab.number}: {lab.title}\n\nREADME.md is the "
                       "handout. `make help` lists what there is to make.\n",
             "answers.toml": answers(lab)}
    for path in glob.glob(f"{lab.folder}/tests/*.py"):
        name = os.path.basename(path)
        if not name.startswith("test_hidden"):
            files[f"lab/tests/{name}"] = read(path)
    for path in glob.glob(f"{lab.folder}/files/**", recursive=True):
        if os.path.isfile(path):
            files[os.path.relpath(path, f"{lab.folder}/files")] = read(path)
    return files


def tree(root, lab, opened=None):
    """{path: text} of a student's repository. `opened` holds the ids of the holes to
    cut, None all. Raises Problem for a leak."""
    files = {path: read(f"{root}/{path}") for path in kernel_files(root, lab.also)}
    chosen = [h for h in lab.holes if opened is None or h.id in opened]
    if opened and len(chosen) != len(opened):
        raise Problem(f"{lab.name} has not all of the holes {' '.join(opened)}")
    rest = dict(files)
    secret = leaks.secrets(open_holes(rest, chosen, empty=True), rest.values())
    open_holes(files, chosen)
    files |= lab_files(root, lab)
    files["Makefile"] = PART.sub(lambda m: m[0] if m[1] in files else "",
                                 files["Makefile"]) + "include lab/lab.mk\n"
    for path, run in leaks.scan(files, secret):
        raise Problem(f"{path} tells what stands in a hole: {run}")
    return files


def write(root, files, folder):
    """Writes {path: text} into a folder; what is executable in the tree stays so."""
    for path, text in files.items():
        os.makedirs(os.path.dirname(f"{folder}/{path}"), exist_ok=True)
        with open(f"{folder}/{path}", "w", encoding="utf-8") as f:
            f.write(text)
        if os.path.exists(f"{root}/{path}"):
            shutil.copymode(f"{root}/{path}", f"{folder}/{path}")


def make(root, lab, folder, opened=None):
    """Makes the repository in a folder, which must be new or empty."""
    commit(root, tree(root, lab, opened), folder, f"Lab {lab.number}: {lab.title}")


def make_plain(root, labs, folder):
    """The same of the plain kernel: each lab that has a plain skeleton gives its holes, and
    nothing else."""
    labs = [x for x in labs if x.plain]
    files = {path: read(f"{root}/{path}") for path in kernel_files(root)}
    open_holes(files, [h for lab in labs for h in lab.holes])
    files["README.md"] = read(f"{root}/labs/plain.md")
    files["Makefile"] = PART.sub(lambda m: m[0] if m[1] in files else "",
                                 files["Makefile"])
    commit(root, files, folder, "The plain kernel")


def commit(root, files, folder, message):
    """Writes {path: text} into a folder, as a repository of one commit."""
    if os.path.exists(folder) and os.listdir(folder):
        raise Problem(f"{folder} is not empty")
    os.makedirs(folder, exist_ok=True)
    write(root, files, folder)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", message)
