"""tools/cutlab: holes, leaks, the tree of a student."""
import os
import subprocess
import sys

import pytest
from machine import ROOT

sys.path.insert(0, f"{ROOT}/tools/cutlab.d")
import holes  # noqa: E402 (the path comes first)
import leaks  # noqa: E402
import manifest  # noqa: E402
import student  # noqa: E402
from problem import Problem  # noqa: E402

C = """// The head.
#include "a.h"

// Adds one.
// Its comment goes, too.
static int
add(int x)
{
	if (x) {
		return x + 1;
	}
	return 1;
}

// A table.
struct row rows[2] = {
	{ 1, 2 },
	{ 3, 4 },
};

int
add_twice(int x)
{
	return add(add(x));
}
"""
NAMES = manifest.names(ROOT)


def test_function():
    """Catches a cut that leaves the comment, or ends at the first inner brace."""
    text, out = holes.cut(C, "x.c", "add", "int\nadd(int x)\n{\n\tstub();\n}\n")
    assert "Its comment" not in text and "return x + 1" not in text
    assert out.startswith("// Adds one.") and out.endswith("\treturn 1;\n}\n")
    assert "stub();\n}\n\n// A table." in text and "add(add(x))" in text


def test_table():
    """Catches a table that is not found, or takes its neighbours with it."""
    text, out = holes.cut(C, "x.c", "rows", "")
    assert out.startswith("// A table.") and out.endswith("};\n")
    assert "add_twice" in text and "{ 3, 4 }" not in text


def test_text_replaces_helpers():
    """Catches a text that may not define what it replaces: a helper of the same name."""
    hole = manifest.Hole("x", "x.c", "add_twice", "int\nadd(int x)\n{\n}\n", ["add"], None)
    files = {"x.c": C}
    student.open_holes(files, [hole])
    assert files["x.c"].count("\nadd(") == 1 and "add_twice" not in files["x.c"]


def test_label():
    """Catches a hole in assembler that ends at an empty line, or takes the next label or
    directive with it."""
    for rest in ("b:\n\tret\n", ".comm stack, 16\n"):
        text, out = holes.cut(f"a:\n\tnop\n\n\tret\n{rest}", "x.S", "a", "")
        assert out == "a:\n\tnop\n\n\tret\n" and text == rest


def test_not_found():
    """Catches a lab whose function was renamed: that must stop the cut."""
    with pytest.raises(Problem, match="no definition of gone"):
        holes.find(C, "x.c", "gone")
    with pytest.raises(Problem, match="no definition of add_t"):
        holes.find(C, "x.c", "add_t")


def test_found_twice():
    """Catches a cut that takes the first of two definitions."""
    with pytest.raises(Problem, match="defined 2 times"):
        holes.find(C + C, "x.c", "add")


def test_include():
    """Catches a header that a skeleton needs and lacks, or has twice."""
    once = holes.include(C, "kern/panic.h")
    assert once.startswith('// The head.\n#include "a.h"\n#include "kern/panic.h"\n')
    assert holes.include(once, "kern/panic.h") == once


def test_helpers():
    """Catches a helper that stays in a skeleton, where nothing uses it."""
    hole = manifest.Hole("x", "x.c", "add_twice", "int\nadd_twice(int x)\n{\n}\n",
                         ["add"], None)
    files = {"x.c": C}
    out = student.open_holes(files, [hole])
    assert "add(" not in files["x.c"] and len(out) == 2


def test_leak():
    """Catches a solution that stands in a comment or a document, laid out anew."""
    secret = leaks.secrets(["int\nf(void)\n{\n\treturn a->b[c] + 17;\n}\n"], [])
    told = {"README.md": "just `return a -> b[c]\n  + 17` there"}
    assert [p for p, _ in leaks.scan(told, secret)] == ["README.md"]
    assert not list(leaks.scan({"README.md": "return a->b[d] + 17"}, secret))


def test_no_leak_of_common_code():
    """Catches a scan that takes for a secret what other functions say too."""
    body = "{\n\tif (!pgdir)\n\t\treturn NULL;\n\treturn x;\n}\n"
    assert not leaks.secrets(["int\nf(void)\n" + body], ["int\ng(void)\n" + body])


@pytest.mark.parametrize("name", NAMES)
def test_tree(name, tmp_path):
    """Catches a student's tree with a hidden test, a solution, or more than one
    commit."""
    lab, out = manifest.load(ROOT, name), f"{tmp_path}/out"
    subprocess.run([f"{ROOT}/tools/cutlab", name, out], check=True)
    files = student.git(out, "ls-files").split()
    assert student.git(out, "log", "--format=%s") == f"Lab {lab.number}: {lab.title}\n"
    assert not [f for f in files if "hidden" in f or "keys" in f.split("/")[:-1] or
                f.startswith(("labs/", "docs/")) or f.endswith("mistakes")]
    for test in lab.tests:
        shown = f'"{test.id}"' in student.read(f"{out}/lab/lab.toml")
        assert shown != test.hidden, test.id
    for hole in lab.holes:
        text = student.read(f"{out}/{hole.file}")
        assert hole.text in text
        start, end = holes.find(text, hole.file, hole.name)
        assert text[start:end] in hole.text


@pytest.mark.parametrize("name", NAMES)
def test_solution(name, tmp_path):
    """Catches a solved tree that differs from the kernel."""
    out = f"{tmp_path}/out"
    subprocess.run([f"{ROOT}/tools/cutlab", "--solution", name, out], check=True)
    for hole in manifest.load(ROOT, name).holes:
        assert student.read(f"{out}/{hole.file}") == \
            student.read(f"{ROOT}/{hole.file}")


def test_plain(tmp_path):
    """Catches a plain kernel that has a lab's files, or lacks a simple way."""
    out = f"{tmp_path}/out"
    subprocess.run([f"{ROOT}/tools/cutlab", "plain", out], check=True)
    assert not os.path.exists(f"{out}/lab") and os.path.exists(f"{out}/README.md")
    labs = [lab for lab in (manifest.load(ROOT, n) for n in NAMES) if lab.plain]
    assert labs
    for hole in (h for lab in labs for h in lab.holes):
        assert hole.text in student.read(f"{out}/{hole.file}")


def test_same_twice(tmp_path):
    """Catches a cut that depends on the day: two of them have one commit."""
    heads = set()
    for i in range(2):
        subprocess.run([f"{ROOT}/tools/cutlab", NAMES[0], f"{tmp_path}/{i}"],
                       check=True)
        heads.add(student.git(f"{tmp_path}/{i}", "rev-parse", "HEAD"))
    assert len(heads) == 1


def test_not_over_files(tmp_path):
    """Catches a cut that overwrites a student's work."""
    (tmp_path / "mine.c").write_text("mine")
    done = subprocess.run([f"{ROOT}/tools/cutlab", NAMES[0], tmp_path], check=False,
                          capture_output=True, text=True)
    assert done.returncode == 1 and "not empty" in done.stderr
    assert os.listdir(tmp_path) == ["mine.c"]
