"""What every lab promises: a gate is a generator of one line for each breach.

A gate takes the root of the tree, the lab, and the options of tools/labscheck. What it
grades is a submission like any other: files in a folder.
"""
import contextlib
import fnmatch
import glob
import json
import os
import re
import subprocess
import tempfile
import tomllib
import xml.etree.ElementTree as xml
from concurrent.futures import ThreadPoolExecutor

import build
import emit
import grading
import hostile
import student


@contextlib.contextmanager
def folder_with(files):
    """A folder with {path: text} in it."""
    with tempfile.TemporaryDirectory(prefix="cr3-gate-") as folder:
        for path, text in files.items():
            os.makedirs(os.path.dirname(f"{folder}/{path}"), exist_ok=True)
            with open(f"{folder}/{path}", "w", encoding="utf-8") as f:
                f.write(text)
        yield folder


def kept(root, lab, opened):
    """{path: text} of the files of a submission with these holes open, None all."""
    files = student.tree(root, lab, opened)
    return {path: files[path] for path in lab.keep if path in files}


def graded(lab, files, **options):
    """The result of a submission that consists of {path: text}."""
    with folder_with(files) as folder:
        return grading.grade_submission(lab, folder, **({"questions": False} | options))


def patched(root, lab, path):
    """The files of the solution with a patch of the lab."""
    with folder_with(kept(root, lab, [])) as folder:
        build.patch(folder, path)
        return {name: open(f"{folder}/{name}", encoding="utf-8").read()
                for name in lab.keep}


def side_by_side(function, items):
    """All that a generator function yields for the items, run on all CPUs."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for found in pool.map(lambda x: list(function(x)), items):
            yield from found


def failed(result):
    """The ids of the tests that failed."""
    return {t["id"] for t in result["tests"] if not t["passed"]}


def function_of(test):
    """The function of a test, by its id."""
    return "test_" + test.split(".")[1].replace("-", "_")


def g1_builds(root, lab, args):
    """The skeleton builds without warnings, with gcc and with clang."""
    files = student.tree(root, lab, None)
    for compiler in ["gcc"] if args.short else ["gcc", "clang"]:
        with tempfile.TemporaryDirectory(prefix="cr3-gate-") as folder:
            student.write(root, files, folder)
            goals = ["build/" + os.path.splitext(f)[0] + ".o" for f in
                     {h.file for h in lab.holes}] if args.short else ["build/kernel"]
            done = subprocess.run(["make", "-s", "-C", folder, f"CC={compiler}",
                                   "WERROR=1", "-j2", *goals], check=False, text=True,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if done.returncode:
                yield f"{compiler}: {done.stdout[-600:]}"


def g3_skeleton(root, lab, args):
    """The skeleton shows the handout's symptom, and fails exactly what it should."""
    only = [function_of(lab.shows)] if args.short else []
    result = graded(lab, kept(root, lab, None), only=only)
    shown = next(t for t in result["tests"] if t["id"] == lab.shows)
    if lab.expect["symptom"] not in shown.get("seen", ""):
        yield f"the symptom is {shown.get('seen', 'none: it passes')!r}"
    for t in [shown] if args.short else result["tests"]:
        should = any(fnmatch.fnmatch(t["id"], p) for p in lab.expect["fail"])
        if should == t["passed"]:
            yield f"{t['id']} {'passes' if t['passed'] else 'fails'}"


def g4_solution(root, lab, args):
    """The solution passes every test, each time."""
    if args.short:
        return
    for seed in range(1, args.repeat + 1):
        result = graded(lab, kept(root, lab, []), seed=seed)
        for t in result["tests"]:
            if not t["passed"]:
                yield f"seed {seed}: {t['id']}: expected {t['expected']}; " \
                    f"seen {t['seen']}"


def g5_ablation(root, lab, args):
    """Each hole, open alone, fails exactly the tests that name it, one it alone."""
    if args.short:
        return

    def one(hole):
        wrong = failed(graded(lab, kept(root, lab, [hole.id])))
        named = {t.id for t in lab.tests if hole.id in t.holes}
        for test in wrong ^ named:
            yield f"{hole.id}: {test} {'fails' if test in wrong else 'passes'}"
        if not any(t.holes == [hole.id] for t in lab.tests):
            yield f"{hole.id}: no test names it alone"
    yield from side_by_side(one, lab.holes)


def g6_mistakes(root, lab, args):
    """Each mistake is killed by the test that it names, and by no accident."""
    def one(path):
        head = open(path, encoding="utf-8").read()
        killers = re.search(r"^Killed by: (.*)$", head, re.M).group(1).split()
        result = graded(lab, patched(root, lab, path),
                        only=[function_of(k) for k in killers])
        for t in result["tests"]:
            if t["id"] in killers and (t["passed"] or "does not know" in t["cause"] or
                                       result["error"]):
                yield f"{os.path.basename(path)}: {t['id']} " + \
                    ("passes" if t["passed"] else f"fails by accident: {t['seen']}")
    paths = sorted(glob.glob(f"{lab.folder}/mistakes/*.patch"))
    if len(paths) < 8:
        yield f"only {len(paths)} mistakes"
    yield from side_by_side(one, paths[:1] if args.short else paths)


def g7_variants(root, lab, args):
    """Other right solutions pass every test."""
    def one(path):
        tests = [t.id for t in lab.tests][:1 if args.short else None]
        only = [function_of(t) for t in tests]
        for t in graded(lab, patched(root, lab, path), only=only)["tests"]:
            if not t["passed"] and t["id"] in tests:
                yield f"{os.path.basename(path)}: {t['id']}: {t['seen']}"
    paths = sorted(glob.glob(f"{lab.folder}/variants/*.patch"))
    if len(paths) < 2:
        yield f"only {len(paths)} variants"
    yield from side_by_side(one, paths[:1] if args.short else paths)


def g8_hostile(root, lab, args):
    """A hostile submission earns nothing, and is graded in two minutes."""
    found = hostile.all_of(root, lab)

    def one(name):
        with tempfile.TemporaryDirectory(prefix="cr3-hostile-") as folder:
            path = found[name](folder)
            result = grading.grade_submission(lab, path, questions=False)
            json.loads(emit.gradescope(result))
            if result["score"]:
                passed = {t["id"] for t in result["tests"] if t["passed"]}
                yield f"{name} earns {result['score']} points: {passed}"
            if result["seconds"] > 120:
                yield f"{name} takes {result['seconds']} seconds"
    yield from side_by_side(one, sorted(found)[:1] if args.short else sorted(found))


def g9_handout(root, lab, _):
    """The handout names each test with its points, and the skeleton's symptom."""
    text = open(f"{lab.folder}/README.md", encoding="utf-8").read()
    if lab.expect["symptom"] not in text:
        yield "README.md: it does not show the skeleton's symptom"
    for t in lab.tests:
        if not re.search(rf"\| `{re.escape(t.id)}` \| {t.points} \|", text):
            yield f"README.md: no row | `{t.id}` | {t.points} |"
    words = len(re.findall(r"\w+", re.sub(r"```.*?```", "", text, flags=re.S)))
    if not 1500 <= words <= 3400:
        yield f"README.md: {words} words; 1,500 to 3,000 are meant"
    if lab.points != 100:
        yield f"lab.toml: {lab.points} points, not 100"
    tomllib.loads(student.answers(lab))


def g10_forms(root, lab, _):
    """Results are valid as TAP, JUnit, Gradescope and Classroom, even of a crash."""
    crash = grading.total(grading.empty_result(lab, "x", "a \0 crash <&>"))
    for name, form in emit.FORMS.items():
        if not form(crash):
            yield f"{name}: empty"
    xml.fromstring(emit.junit(crash))
    data = json.loads(emit.gradescope(crash))
    if data["score"] != 0 or sum(t["max_score"] for t in data["tests"]) != lab.points:
        yield "gradescope: the points do not add up"
    if not re.match(r"KTAP version 1\n1\.\.\d+\n", emit.tap(crash)):
        yield "tap: no plan"


GATES = [g1_builds, g3_skeleton, g4_solution, g5_ablation, g6_mistakes, g7_variants,
         g8_hostile, g9_handout, g10_forms]
