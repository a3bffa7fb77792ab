"""A class: many submissions in parallel, and what a teacher gets of them.

    DIR/results/NAME.json   a result for each submission
    DIR/pages/NAME.md       a page for each student, with the command that repeats it
    DIR/grades.csv          a line for each; the column `manual` is the teacher's, and a
                            number in it stays and counts instead of the score
    DIR/similar.txt         how alike the submissions are (similarity-tester)
    DIR/jobs                GNU parallel's log: what was killed is taken up again

A submission is a job of its own, so with --sshlogin they run on other machines too, which
need the same tree at the same path.
"""
import csv
import glob
import json
import os
import shutil
import subprocess
import zipfile

import build
import emit
import sandbox
import student
from problem import Problem

SIM = "sim_c", "-p", "-t", "50"


def submissions(folder):
    """{name: path} of the entries of a folder that are submissions."""
    return {os.path.splitext(n)[0]: f"{folder}/{n}" for n in sorted(os.listdir(folder))
            if n.endswith(".zip") or os.path.isdir(f"{folder}/{n}")}


def grade(root, lab, args):
    """Grades each submission of a folder; returns the exit status."""
    if not shutil.which("parallel"):
        raise Problem("GNU parallel is missing (tools/setup dev)")
    out = os.path.abspath(args.out or f"{root}/build-labs/{lab.name}/class")
    for name in ("results", "pages"):
        os.makedirs(f"{out}/{name}", exist_ok=True)
    for kind in ("base", "solved", "bug") if lab.bug else ("base",):
        build.prepared(lab, kind)       # once, not by all jobs at a time
    found = submissions(os.path.abspath(args.folder))
    words = ["parallel", "--joblog", f"{out}/jobs", "--resume-failed", "--bar",
             "--colsep", "\t", *(["--sshloginfile", args.sshlogin] if args.sshlogin else []),
             f"{root}/tools/grade", "-l", lab.name, "--form", "json", "--out",
             f"{out}/results/{{1}}.json", "--", "{2}"]
    status = subprocess.run(words, check=False, text=True, input="".join(
        f"{name}\t{path}\n" for name, path in found.items())).returncode
    report(lab, out, found)
    similar(lab, out, found)
    return 1 if status else 0


def report(lab, out, found):
    """Writes the pages and the table; keeps the table's column `manual`."""
    manual = {}
    if os.path.exists(f"{out}/grades.csv"):
        with open(f"{out}/grades.csv", encoding="utf-8", newline="") as f:
            manual = {row["name"]: row["manual"] for row in csv.DictReader(f)}
    with open(f"{out}/grades.csv.new", "w", encoding="utf-8", newline="") as f:
        table = csv.writer(f)
        table.writerow(["name", "score", "max", "manual", "final", "error"])
        for name, path in found.items():
            try:
                with open(f"{out}/results/{name}.json", encoding="utf-8") as g:
                    result = json.load(g)
            except (OSError, ValueError):
                table.writerow([name, "", lab.points, manual.get(name, ""), "",
                                "not graded"])
                continue
            by_hand = manual.get(name, "")
            table.writerow([name, result["score"], result["max"], by_hand,
                            by_hand or result["score"], result["error"][:80]])
            with open(f"{out}/pages/{name}.md", "w", encoding="utf-8") as page:
                page.write(page_of(lab, result, path))
    os.replace(f"{out}/grades.csv.new", f"{out}/grades.csv")


def page_of(lab, result, path):
    """A student's page."""
    again = [t["id"] for t in result["tests"] if not t["passed"]]
    text = f"# {result['submission']}\n\n```\n{emit.terminal(result)}```\n"
    if again and not result["error"]:
        text += "\nTo repeat what failed:\n\n" + "".join(
            f"    make grade ONLY='{t['id']}'\n" if not t["hidden"] else
            f"    tools/grade -l {lab.name} --only {t['id']} -- {path}\n"
            for t in result["tests"] if not t["passed"])
    return text


def similar(lab, out, found):
    """Compares the C files of all submissions, the reference among them."""
    folder = f"{out}/similar"
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    sources = [n for n in lab.keep if n.endswith(".c")][:1]
    reference = {n: f"{build.prepared(lab, 'solved')}/{n}" for n in sources}
    for n, path in reference.items():
        shutil.copyfile(path, f"{folder}/reference.c")
    for name, path in found.items():
        try:
            data = sandbox.collect(path, sources)
        except sandbox.Refused:
            continue
        for text in data.values():
            with open(f"{folder}/{name}.c", "wb") as f:
                f.write(text)
    if not shutil.which(SIM[0]):
        return
    done = subprocess.run([*SIM, *sorted(map(os.path.basename, glob.glob(
        f"{folder}/*.c")))], cwd=folder, check=False, text=True, capture_output=True)
    with open(f"{out}/similar.txt", "w", encoding="utf-8") as f:
        f.write(done.stdout)


RUN = """#!/bin/sh
# Gradescope starts this for each submission; it always leaves a results.json.
cd /autograder/source/cr3 || exit 1
tools/grade -l {name} --form gradescope --out /autograder/results/results.json \\
	/autograder/submission && exit 0
echo '{{"score": 0, "output": "The grader failed. Tell your teacher."}}' \\
	>/autograder/results/results.json
"""
SETUP = """#!/bin/sh
# Gradescope runs this once, when the archive is uploaded.
set -e
cd /autograder/source/cr3
tools/setup dev
"""


def gradescope(root, lab, out):
    """Writes Gradescope's archive: setup.sh, run_autograder and the tree. Returns 0."""
    files = [f for f in student.git(root, "ls-files").split("\n")
             if f and not f.startswith("docs/pictures/")]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in ("setup.sh", SETUP), \
                ("run_autograder", RUN.format(name=lab.name)):
            info = zipfile.ZipInfo(name)
            info.external_attr = 0o755 << 16
            archive.writestr(info, text)
        for f in files:
            if not os.path.islink(f"{root}/{f}"):
                archive.write(f"{root}/{f}", f"cr3/{f}")
    print(f"{out}: {len(files)} files")
    return 0
