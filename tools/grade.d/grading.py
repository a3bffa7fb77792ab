"""Grades one submission: builds it, runs the lab's tests, compares the answers.

The result is one dictionary, from which all other forms are made (emit.py):

    lab, title, number, submission, seconds, error (why nothing could be graded, or "")
    score, max, correct (have all tests passed?)
    tests       [{id, points, score, passed, hidden, group, holes, help, seconds,
                 expected, seen, cause, read}]
    questions   [{id, points, score, passed, answer, say}]
    bug         {points, score, passed, say}, or None
"""
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import answers
import bug
import build
import machine
import sandbox
import verdict

HERE = os.path.dirname(os.path.abspath(__file__))
SECONDS = 400       # for all tests; the budgets of the guest end most much earlier


def environment(tree, run, out, sandboxed, seed):
    """The environment of pytest."""
    return os.environ | {
        "B": f"{tree}/build", "TMPDIR": run, "GRADE_OUT": out, "GRADE_SEED": str(seed),
        "GRADE_WORK": os.path.dirname(run), "SANDBOX": "1" if sandboxed else "",
        "REALQEMU": os.environ.get("QEMU", "qemu-system-i386"),
        "QEMU": f"{HERE}/qemu", "PYTHONDONTWRITEBYTECODE": "1"}


def run_tests(folder, env, only=()):
    """Runs pytest on the tests of a folder; returns {function: what it found}."""
    files = sorted((f for f in os.listdir(folder)
                    if f.startswith("test_") and f.endswith(".py")),
                   key=lambda f: (f.startswith("test_hidden"), f))
    words = [sys.executable, "-m", "pytest", "-q", "-p", "plugin", "-p",
             "no:cacheprovider", "-p", "no:xdist", "--rootdir", folder, "-c",
             "/dev/null", *(["-k", " or ".join(only)] if only else []),
             *(f"{folder}/{f}" for f in files)]
    env = env | {"PYTHONPATH": f"{HERE}:{folder}"}
    try:
        done = subprocess.run(words, env=env, check=False, timeout=SECONDS, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True)
        said = done.stdout[-3000:] + done.stderr[-1000:]
    except subprocess.TimeoutExpired:
        said = f"the tests have not ended after {SECONDS} seconds"
    try:
        with open(env["GRADE_OUT"], encoding="utf-8") as f:
            return json.load(f), said
    except FileNotFoundError:
        return {}, said


def test_results(lab, found, said):
    """The list of the tests' results. One that did not run has not passed."""
    out = []
    for t in lab.tests:
        seen = found.get("test_" + t.id.split(".")[1].replace("-", "_"))
        seen = seen or {"passed": False, "seconds": 0, "expected": "the test runs",
                        "seen": said.strip()[-400:] or "it did not run",
                        "cause": "the tests before it took too long", "read": ""}
        out.append({"id": t.id, "points": t.points, "hidden": t.hidden,
                    "score": t.points if seen["passed"] else 0, "group": t.group,
                    "holes": t.holes, "help": t.help} | seen |
                   {"read": "; ".join(x for x in (t.read, seen.get("read")) if x)})
    return out


def load_keys(lab):
    """The module tests/keys.py of a lab."""
    spec = importlib.util.spec_from_file_location("keys", f"{lab.folder}/tests/keys.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def keys_of(lab, env):
    """{question: key} on the machine that was built, or None if it does not run."""
    sys.path[:0] = [f"{HERE}/../gdb", f"{HERE}/../viewer", f"{lab.folder}/tests"]
    from booted import Booted   # pylint: disable=import-outside-toplevel
    machine.BUILD, machine.QEMU = env["B"], env["QEMU"]
    module = load_keys(lab)
    m = getattr(module, "start", lambda: Booted(2, 224))()
    try:
        m.ready()
        return {q.id: getattr(module, q.key)(m) for q in lab.questions if q.key}
    except (verdict.Verdict, KeyError, AssertionError, ValueError):
        return None
    finally:
        m.close()


def empty_result(lab, name, error):
    """The result of a submission of which nothing has run: 0 points, and why."""
    return {"lab": lab.name, "title": lab.title, "number": lab.number,
            "submission": name, "seconds": 0, "error": error,
            "bug": {"points": lab.bug["points"], "score": 0, "passed": False,
                    "say": error} if lab.bug else None,
            "tests": test_results(lab, {}, error),
            "questions": answers.grade(lab.questions, {}, None)}


def total(result):
    """Adds score, max and correct."""
    parts = result["tests"] + result["questions"] + \
        ([result["bug"]] if result["bug"] else [])
    return result | {"score": sum(p["score"] for p in parts),
                     "max": sum(p["points"] for p in parts),
                     "correct": all(t["passed"] for t in result["tests"])}


def grade_tree(lab, tree, work, given, options):
    """The result of a tree that is built. given is {name: bytes}, of which answers and
    the bug's test are taken; options: only, sandboxed, seed, questions."""
    begin = time.time()
    run = f"{work}/run"
    os.makedirs(run, exist_ok=True)
    env = environment(tree, run, f"{work}/found.json", options.get("sandboxed", True),
                      options.get("seed", 1))
    found, said = run_tests(f"{lab.folder}/tests", env, options.get("only", ()))
    result = empty_result(lab, options.get("name", ""), "")
    result["tests"] = test_results(lab, found, said)
    if options.get("questions", True):
        os.environ.update({k: env[k] for k in ("TMPDIR", "GRADE_WORK", "SANDBOX",
                                               "REALQEMU")})
        tempfile.tempdir = None
        runs = any(t["id"] == lab.shows and t["passed"] for t in result["tests"])
        answered = answers.parse(given.get("answers.toml", b""))
        result["questions"] = answers.grade(lab.questions, answered,
                                            keys_of(lab, env) if runs else None)
        if result["bug"]:
            score, say = judge_bug(lab, given, work, options)
            result["bug"] |= {"score": score, "passed": bool(score), "say": say}
    result["seconds"] = round(time.time() - begin, 1)
    return total(result)


def judge_bug(lab, given, work, options):
    """(points, what to say) of the test for the bug: a teacher's run alone has the
    solution that it must pass on."""
    if not options.get("sandboxed", True):
        return 0, "graded when you have handed in"
    return bug.grade(lab, given.get(lab.bug["test"], b""), work)


def grade_submission(lab, path, **options):
    """The result of a submission: a folder or a zip archive, which may be hostile."""
    name = os.path.basename(os.path.abspath(path))
    work = tempfile.mkdtemp(prefix="cr3-grade-")
    try:
        given = sandbox.collect(path, lab.keep)
        tree = f"{work}/tree"
        build.submission(build.prepared(lab, "base"), tree, given)
        return grade_tree(lab, tree, work, given, options | {"name": name})
    except (sandbox.Refused, build.BuildError) as e:
        return total(empty_result(lab, name, str(e)))
    finally:
        shutil.rmtree(work, ignore_errors=True)
