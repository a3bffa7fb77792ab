"""The grader: what it takes from a submission, how it judges answers, what it writes,
and one short run of each lab."""
import json
import os
import subprocess
import sys
import zipfile

import pytest
from machine import ROOT

sys.path[:0] = [f"{ROOT}/tools/grade.d", f"{ROOT}/tools/cutlab.d"]
import answers  # noqa: E402 (the path comes first)
import course  # noqa: E402
import grading  # noqa: E402
import manifest  # noqa: E402
import sandbox  # noqa: E402

NAMES = manifest.names(ROOT)


def test_only_kept(tmp_path):
    """Catches a grader that takes a submission's own tests, or a link."""
    (tmp_path / "vm.c").write_text("mine")
    (tmp_path / "kalloc.c").write_text("mine")
    assert sandbox.collect(tmp_path, ["vm.c", "none.c"]) == {"vm.c": b"mine"}
    os.symlink("/etc/passwd", tmp_path / "link.c")
    os.symlink("/etc", tmp_path / "folder")
    for name in ("link.c", "folder/passwd"):
        with pytest.raises(sandbox.Refused, match="no plain file"):
            sandbox.collect(tmp_path, [name])


def test_archive(tmp_path):
    """Catches names that lead out of an archive, two files of one name, a file that is
    too long, and an archive that is none."""
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as z:
        z.writestr("top/vm.c", "mine")
        z.writestr("../a/answers.toml", "out")
        z.writestr("long.c", "x" * (sandbox.MOST + 1))
    assert sandbox.collect(path, ["vm.c", "answers.toml"]) == {"vm.c": b"mine"}
    with pytest.raises(sandbox.Refused, match="longer"):
        sandbox.collect(path, ["long.c"])
    with zipfile.ZipFile(path, "a") as z:
        z.writestr("vm.c", "other")
    with pytest.raises(sandbox.Refused, match="twice"):
        sandbox.collect(path, ["vm.c"])
    path.write_text("no archive")
    with pytest.raises(sandbox.Refused, match="cannot be read"):
        sandbox.collect(path, ["vm.c"])


@pytest.mark.parametrize("kind, text, key, right, say", [
    ("int", "0x10", 16, True, ""), ("int", "16", 16, True, ""),
    ("int", "many", 16, False, "number"), ("int", "17", 16, False, ""),
    ("addr", "0x119000", 0x119000, True, ""), ("addr", "00119000", 0x119000, True, ""),
    ("addr", "0x80119000", 0x119000, False, "physical one"),
    ("addr", "0x119000", 0x80119000, False, "virtual one"),
    ("flags", "p, w u", {"P", "W", "U"}, True, ""),
    ("flags", "PTE_P|PTE_PCD", {"P", "PCD"}, True, ""),
    ("flags", "P W", {"P"}, False, "one flag"), ("choice", " CPU ", "cpu", True, "")])
def test_answers(kind, text, key, right, say):
    """Catches an answer that is right but refused for its spelling, and a wrong one
    that is taken, or refused without a word about its kind."""
    got, said = answers.JUDGES[kind](text, key)
    assert got == right and say in said


def test_answers_survive():
    """Catches an answers.toml that ends the grader."""
    for data in b"\xff", b"q1 = [", b"q1 = 3\nq2 = {a=1}", b"[" * 100000:
        assert set(answers.parse(data)) <= {"q1"}


def test_csv_keeps_manual(tmp_path):
    """Catches a second run that throws a teacher's own grade away."""
    lab = manifest.load(ROOT, NAMES[0])
    for name in "results", "pages":
        os.mkdir(tmp_path / name)
    result = grading.total(grading.empty_result(lab, "ada", "did not build"))
    (tmp_path / "results/ada.json").write_text(json.dumps(result))
    course.report(lab, tmp_path, {"ada": "x/ada", "bob": "x/bob"})
    table = (tmp_path / "grades.csv").read_text()
    assert "ada,0,100,,0,did not build" in table and "bob,,100,,,not graded" in table
    (tmp_path / "grades.csv").write_text(
        table.replace("ada,0,100,,0", "ada,0,100,70,0"))
    course.report(lab, tmp_path, {"ada": "x/ada", "bob": "x/bob"})
    assert "ada,0,100,70,70" in (tmp_path / "grades.csv").read_text()


@pytest.mark.in_tree
@pytest.mark.skipif(not sandbox.available(), reason="no bubblewrap that works here")
@pytest.mark.parametrize("name", NAMES)
def test_lab(name):
    """Catches a lab that no longer fits the kernel: a skeleton that does not build or
    shows another symptom, a mistake that no test kills, a handout that is not true."""
    done = subprocess.run([sys.executable, f"{ROOT}/tools/labscheck", "--short", name],
                          check=False, text=True, stdout=subprocess.PIPE)
    assert done.returncode == 0, done.stdout
