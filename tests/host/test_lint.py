"""tools/lint: each rule sees its breach in a small tree, and nothing else there."""
import os
import re
import subprocess
import sys

import pytest
from machine import ROOT

LINT = f"{ROOT}/tools/lint"
LONG = "".join(f"\tx += {i};\n" for i in range(31))
# rule: (the files of a tree, the breaches that lint must report, and no others)
TREES = {
    "includes": ({
        "x86/a.h": '// A.\n#include "fs/b.h"\n#include "lib/c.h"\n',
        "fs/b.h": '// B.\n#include "x86/a.h"\n#include "user/u.h"\n',
        "lib/c.h": "// C.\n", "user/u.h": "// U.\n",
        "user/u.c": '// U.\n#include "u.h"\n#include "fs/b.h"\n',
        "tools/t.c": '// T.\n#include "lib/c.h"\n#include "fs/b.h"\n',
    }, ["x86/a.h:2: includes fs/b.h, which stands above it",
        "fs/b.h:3: includes user/u.h, which is not the kernel's",
        "user/u.c:3: a program includes fs/b.h",
        "tools/t.c:3: a host tool includes fs/b.h"]),
    "calls": ({
        "x86/a.c": "// A.\nvoid b(void);\nvoid a(void) { b(); }\n",
        "fs/b.c": "// B.\nvoid a(void);\nvoid b(void) { a(); }\n",
    }, ["x86/a.c: refers to b of fs/b, which is above it"]),
    "circles": ({
        "fs/a.c": "// A.\nvoid b(void);\nvoid a(void) { b(); }\n",
        "fs/a.h": "// A.\n",
        "fs/b.c": '// B.\n#include "fs/c.h"\nvoid b(void) { }\n',
        "fs/c.h": '// C.\n#include "fs/a.h"\n',
        "fs/d.h": '// D.\n#include "fs/a.h"\n',
    }, ["fs/a.c: a circle of fs/a fs/b fs/c:"]),
    "exported": ({
        "fs/a.c": "// A.\nint " + ", ".join(f"v{i}" for i in range(10)) + ";\n",
    }, ["10 exported variables, fewer than 10 are allowed",
        *["is in lint's table"] * 13]),
    "functions": ({
        "fs/a.c": "// A.\nint\nlong_one(int x)\n{\n" + LONG + "}\n\n"
                  "int\nfits(int x)\n{\n" + LONG[:-9] + "}\n",
    }, ["fs/a.c:3: long_one has 34 lines, 32 are allowed"]),
    "python": ({
        "tools/a.py": '"""A."""\ndef long_one(x):\n    """Says\n    much."""\n' +
                      LONG.replace("\t", "    ").replace(";", "") +
                      "    return x\n\n\ndef fits(x):\n    return x\n",
    }, ["tools/a.py:2: long_one has 33 lines, 32 are allowed"]),
    "parameters": ({
        "fs/a.c": "// A.\nint\nsix(int a, int b, int (*c)(int, int), int d, int e,\n"
                  "    int f)\n{\n\treturn 0;\n}\n\nint\nfive(int a, int b,"
                  " int (*c)(int, int), int d, int e)\n{\n\treturn 0;\n}\n",
    }, ["fs/a.c:3: six has 6 parameters, 5 are allowed"]),
    "unique": ({
        "fs/a.c": "// A.\nstatic struct {\n\tint two;\n} one;\nstatic int two[2];\n"
                  "static void\nthree(void)\n{\n}\n",
        "mm/b.c": "// B.\nstatic int one = 1;\nstatic int mine;\n"
                  "void\nthree(void)\n{\n\tstatic int two;\n}\n",
        "user/c.c": "// C.\nstatic int one;\n",
    }, ["fs/a.c:4: one is also in mm/b.c", "mm/b.c:2: one is also in fs/a.c",
        "fs/a.c:7: three is also in mm/b.c", "mm/b.c:5: three is also in fs/a.c"]),
    "files": ({
        "fs/a.c": "// A.\n" * 401, "vm.c": "// V.\n" * 251, "fs/b.c": "// B.\n",
        **{f"mm/m{i}.c": "// M.\n" for i in range(17)},
    }, ["fs/a.c: 401 lines, 400 are allowed", "vm.c: 251 lines, 250 are allowed",
        "mm/: 17 modules, 16 are allowed"]),
    "readme": ({
        "README": "    fs    100 of   200\n    mm    100 of    50\n",
        "fs/a.c": "// A.\n" * 30, "mm/a.c": "// A.\n" * 60, "sys/a.c": "// A.\n",
    }, ["README: its table has no row for sys",
        "README: fs has 30 lines, not 100", "mm: 60 lines, its budget is 50"]),
    "assembler": ({
        "x86/a.S": "# A.\nfirst: nop\n" + "\tnop\n" * 349,
    }, ["assembler: 350 instructions, 350 are allowed"]),
    "null": ({
        "fs/a.c": "// A == NULL\nint\nf(char *p)\n{\n\tchar *q = NULL;\n"
                  "\tif (p == NULL || NULL != q)\n\t\treturn 0;\n\treturn !p;\n}\n",
    }, ["fs/a.c:6: compares with NULL", "fs/a.c:6: compares with NULL"]),
    "err": ({
        "fs/a.c": "// A.\nint\nf(struct s *s, int err, int n)\n{\n\tif (err < 0)\n"
                  "\t\treturn s->err == 0;\n\terr = 0;\n\treturn n < 0 || !err || err == 0x10;\n"
                  "}\n",
    }, ["fs/a.c:5: err < 0; say err or !err",
        "fs/a.c:6: s->err == 0; say s->err or !s->err"]),
    "errno_calls": ({
        "fs/a.c": "// A.\nstatic int\nfails(int n)\n{\n\treturn n ? -EIO : 0;\n}\n\n"
                  "int\npasses_on(int n)\n{\n\tint err = fails(n);\n\n"
                  "\treturn err ? err : fails(2);\n}\n\n"
                  "int\ncounts(int n)\n{\n\treturn n ? -EIO : n;\n}\n\n"
                  "int\nuses(int n)\n{\n\tint r, s = 0, t;\n\n\tr = passes_on(1);\n"
                  "\ts = counts(2);\n\tt = fails(n);\n\tt += 1;\n"
                  "\tif (fails(1) != 0 || counts(1) < 0)\n\t\treturn t;\n"
                  "\treturn r + s;\n}\n\n"
                  "int\nlies(int n)\n{\n\tint err = -EIO;\n\n\tif (n)\n"
                  "\t\terr = 1;\n\treturn err;\n}\n\n"
                  "int\nasks(int n)\n{\n\treturn lies(n) < 0;\n}\n",
    }, ["fs/a.c:37: err of lies holds a count", "fs/a.c:31: compares fails() with 0", "fs/a.c:25: r holds only 0 or an error"]),
    "panic": ({
        "fs/a.c": '// A panic(1).\nvoid\nf(void)\n{\n\tpanic("no");\n}\n',
        "kern/a.c": '// A.\nvoid\ng(void)\n{\n\tpanic("yes");\n}\n',
    }, ["fs/a.c:5: calls panic"]),
    "heads": ({
        "fs/a.c": "int a;\n", "fs/b.c": "// B.\n", "tools/c.py": "x = 1\n",
        "tests/test_d.py": '"""D."""\ndef test_d():\n    pass\n\n\n'
                           'def test_e():\n    """Catches E."""\n',
    }, ["fs/a.c: has no head comment", "tools/c.py: has no docstring",
        "tests/test_d.py:2: test_d does not say which bug it would catch"]),
    "hosts": ({
        "README": "a\nfrom deb.debian" + ".org\n",
    }, ["README:2: names a package host"]),
    "later": ({
        "fs/a.c": "// A.\n// Good.\n// TO" + "DO: more\nint todo;\n",
    }, ["fs/a.c:3: TODO"]),
    "names": ({
        "fs/a.c": "// See fs/b.c and b.c, c.c and <stdio.h>. gone() calls there(),\n"
                  "// there_is a there_is_not in user/NAME.c.\n"
                  "void there(int there_is);\n",
        "fs/b.c": "// B.\n",
    }, ["fs/a.c:1: there is no file c.c", "fs/a.c:1: nothing is called gone",
        "fs/a.c:2: nothing is called there_is_not"]),
    "house": ({
        "Makefile": "", "fs/a.c": "// A.\n", "docs/house.md": "# The house\n",
    }, ["docs/house.md: is out of date"]),
    "reading": ({
        "README": "First reading: x\n\n    mmu.h    a\n    main.c   b\n"
                  "    vm.c     c\n    kalloc.c d\n\nSecond reading: y\n\n"
                  "    abi/     e\n    mm/      f\n    dev/     g\n    user/    h\n",
        "mmu.h": "// M.\n", "main.c": "// M.\n", "vm.c": "// V.\n",
        "kalloc.c": "// K.\n", "trap.c": "// T.\n", "abi/a.h": "// A.\n",
        "mm/a.c": "// A.\n", "dev/a.c": "// A.\n", "sys/a.c": "// A.\n",
    }, ["README: kalloc.c is to be read before vm.c",
        "README: dev/ is to be read before mm/", "README: no reading lists sys/",
        "README: no reading lists trap.c"]),
    "headers": ({
        "fs/a.h": "// A.\nstruct a { unknown_t x; };\n", "fs/b.h": "// B.\nint b;\n",
    }, ["fs/a.h: does not compile alone"]),
    "sparse": ({
        "fs/a.c": "// A.\nstatic int *\nf(void)\n{\n\treturn 0;\n}\n",
    }, ["fs/a.c:5:16: warning: Using plain integer as NULL pointer"]),
    "format": ({
        "fs/a.c": "// A.\nint a[] = {1,2};\n", "fs/b.c": "// B.\nint b;\n",
        ".clang-format": "BasedOnStyle: LLVM\n",
    }, ["fs/a.c:2: not as `make format` would have it"]),
}


def plant(top, files):
    """Writes a tree below top, and compiles its kernel's C files into build/."""
    for path, text in files.items():
        os.makedirs(os.path.dirname(f"{top}/{path}"), exist_ok=True)
        with open(f"{top}/{path}", "w", encoding="utf-8") as out:
            out.write(text)


def compile_all(top, files):
    """Compiles the tree's C files into build/, where lint looks for objects."""
    for path in files:
        if path.endswith(".c"):
            os.makedirs(f"{top}/build/{os.path.dirname(path)}", exist_ok=True)
            subprocess.run([os.environ.get("HOSTCC", "cc"), "-I.", "-c", path, "-o",
                            f"build/{path[:-2]}.o"], cwd=top, check=True,
                           timeout=60)


def lint(top, *args):
    """Runs lint in a tree; returns its status and all that it printed. The tree's
    objects are the host's, so the host's nm reads them."""
    env = {k: v for k, v in os.environ.items() if not re.match("KOBJ$|B$|.FLAGS$", k)}
    env.update(CC=os.environ.get("HOSTCC", "cc"), NM="nm",
               KFLAGS="-I. -std=gnu11 -ffreestanding")
    done = subprocess.run([sys.executable, LINT, *args], cwd=top, env=env,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=60,
                          check=False)
    return done.returncode, done.stdout


@pytest.mark.parametrize("rule", TREES)
def test_rule(rule, tmp_path):
    """Catches a rule of lint that overlooks its breach, or reports what is right."""
    files, wanted = TREES[rule]
    plant(tmp_path, files)
    if rule in ("calls", "circles", "exported"):
        compile_all(tmp_path, files)
    status, said = lint(tmp_path, "--only", rule)
    found = re.findall(r"^     (?! )(.*)$", said, re.M)
    assert len(found) == len(wanted), said
    for breach in wanted:
        assert any(breach in line for line in found), (breach, said)
    assert status == (1 if wanted else 0), said


def test_every_rule_is_tested():
    """Catches a new rule of lint for which there is no broken tree here."""
    _, said = lint(ROOT, "--rules")
    assert {line.split()[0] for line in said.splitlines()} == set(TREES)


def test_house(tmp_path):
    """Catches a page that loses a file, its purpose or an arrow, or that is never
    up to date."""
    plant(tmp_path, {
        "Makefile": "", "docs/x.md": "",
        "fs/a.c": '// a: opens\n// files. Second.\n#include "fs/b.h"\n'
                  '#include "fs/c.h"\n',
        "fs/b.h": '// B?\n#include "fs/c.h"\n', "fs/c.h": "// C.\n",
        "tools/t": '#!/usr/bin/env python3\n"""Says T."""\n'})
    assert lint(tmp_path, "--house") == (0, "")
    page = (tmp_path / "docs/house.md").read_text()
    rows = re.findall(r"^\| `(.*)` \| (.*) \|$", page, re.M)
    assert rows == [("c.h", "C"), ("b.h", "B?"), ("a.c", "opens files"),
                    ("t", "Says T")]
    assert re.findall(r"\w+_\[\w+\] --> .*", page) == \
        ["fs_a_[a] --> fs_b_", "fs_b_[b] --> fs_c_"]
    status, said = lint(tmp_path, "--only", "house")
    assert status == 0, said
