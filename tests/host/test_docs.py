"""What is printed and what the documents cite: `make print`, `make handout`,
docs/lecture.md, docs/from-xv6.md."""
import ast
import glob
import os
import re
import shutil
import subprocess
import sys
import warnings
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

import pytest
from machine import ROOT

# The lines of the lecture's text that say something: 1 to 133 without these.
EMPTY = {2, 4, 6, 13, 16, 19, 24, 32, 64, 72, 76, 80, 84, 91, 100, 109, 111, 129}
CITATION = re.compile(r"`([\w./-]+):(\d+) (\w+)(?:: ([^`]+))?`")


def load(tool):
    """tools/TOOL, which has no suffix, as a module."""
    path = f"{ROOT}/tools/{tool}"
    if os.path.dirname(path) not in sys.path:
        sys.path.insert(0, os.path.dirname(path))
    loader = SourceFileLoader(tool, path)
    module = module_from_spec(spec_from_loader(tool, loader))
    with warnings.catch_warnings():  # reportlab's own
        warnings.simplefilter("ignore")
        loader.exec_module(module)
    return module


def run(*args):
    done = subprocess.run(args, cwd=ROOT, stdout=subprocess.PIPE, text=True,
                          stderr=subprocess.STDOUT, timeout=120, check=False)
    return done.returncode, done.stdout


def make(*args):
    """A PDF made by a tool; its pages' words as (page, x1, y1, x2, y2, word), and
    the page's size."""
    status, said = run(sys.executable, *args)
    assert status == 0, said
    status, text = run("pdftotext", "-bbox", args[1], "-")
    assert status == 0, text
    words, page, size = [], 0, None
    for line in text.split("\n"):
        if m := re.match(r'\s*<page width="([\d.]+)" height="([\d.]+)"', line):
            page, size = page + 1, tuple(map(float, m.groups()))
        if m := re.match(r'\s*<word xMin="(\S+)" yMin="(\S+)" xMax="(\S+)" '
                         r'yMax="(\S+)">(.*)</word>', line):
            words.append((page, *map(float, m.groups()[:4]), m.group(5)))
    return words, size


@pytest.fixture(scope="module")
def sheets(tmp_path_factory):
    return make("tools/print", str(tmp_path_factory.mktemp("pdf") / "cr3.pdf"))


def test_cited_lines():
    """Catches a citation of a line that has moved."""
    with open(f"{ROOT}/docs/lecture.md", encoding="utf-8") as f:
        cited = CITATION.findall(f.read())
    assert len(cited) > 100
    wrong = []
    for path, number, symbol, code in cited:
        with open(f"{ROOT}/{path}", encoding="utf-8") as f:
            line = f.read().expandtabs(8).split("\n")[int(number) - 1]
        if (code or symbol) not in " ".join(line.split()):
            wrong.append(f"{path}:{number} is not {symbol} {code}: {line}")
    assert not wrong, "run `make lecture`\n" + "\n".join(wrong)


def test_cited_symbols():
    """Catches a citation of a file or a symbol that is gone, or of a use instead of a
    definition."""
    status, said = run(sys.executable, "tools/lecture")
    assert status == 0, "run `make lecture`\n" + said


def test_update(tmp_path):
    """Catches a `make lecture` that does not follow a line that moved."""
    for name in ("tools/lecture", "tools/symbols.py", "vm.c"):
        os.makedirs(os.path.dirname(tmp_path / name), exist_ok=True)
        shutil.copy(f"{ROOT}/{name}", tmp_path / name)
    (tmp_path / "vm.c").write_text("\n" + (tmp_path / "vm.c").read_text())
    os.mkdir(tmp_path / "docs")
    (tmp_path / "docs/from-xv6.md").write_text("| `gone.c` | `vm.c` |\n")
    (tmp_path / "docs/page-tables.md").write_text("")
    doc = tmp_path / "docs/lecture.md"
    doc.write_text("`vm.c:1 walkpgdir` `vm.c:1 walkpgdir: &pgdir[PDX(va)]`\n")
    tool = str(tmp_path / "tools/lecture")
    assert run(sys.executable, tool)[0] == 1
    assert run(sys.executable, tool, "--update") == (0, "")
    assert run(sys.executable, tool) == (0, "")
    lines = (tmp_path / "vm.c").read_text().split("\n")
    at = next(i for i, x in enumerate(lines, 1) if x.startswith("walkpgdir("))
    assert doc.read_text() == \
        f"`vm.c:{at} walkpgdir` `vm.c:{at + 2} walkpgdir: &pgdir[PDX(va)]`\n"
    doc.write_text("`vm.c walkpgdirs` `vm.c:1 walkpgdir: no such code` `v.c`\n")
    status, said = run(sys.executable, tool, "--update")
    assert status == 1 and said.count("\n") == 3, said


def documents():
    """{name: text} of README and the pages in docs/ that people write."""
    names = ["README"] + [f"docs/{n}" for n in sorted(os.listdir(f"{ROOT}/docs"))
                          if n.endswith(".md") and n != "house.md"]
    out = {}
    for name in names:
        with open(f"{ROOT}/{name}", encoding="utf-8") as f:
            out[name] = f.read()
    return out


def sources():
    """The words of all sources but the tests, as a set."""
    files = subprocess.run(["git", "ls-files", "*.[chSy]", "*.py", "*.js", "*.pl"],
                           cwd=ROOT, capture_output=True, text=True, check=True).stdout
    out = set()
    for name in files.split():
        if name.startswith("tests/"):
            continue
        with open(f"{ROOT}/{name}", encoding="utf-8") as f:
            out.update(re.findall(r"\w+", f.read()))
    return out


def missing(text, words):
    """Paths and functions that a document names, and that do not exist. A path begins
    with a folder of the tree or names a file of the root; xv6's are in the first
    column of from-xv6's tables."""
    text = re.sub(r"^\| [^|`]* \|", "", text, flags=re.M)
    folders = "|".join(n for n in os.listdir(ROOT)
                       if os.path.isdir(f"{ROOT}/{n}") and n not in ("build", ".git"))
    paths = re.findall(rf"(?<![\w/.-])(?:{folders})/[\w./*-]*[\w*/]", text)
    spans = re.findall(r"`([^`\n]+)`", text)
    paths += [s.split(":")[0].split(" ")[0] for s in spans
              if re.match(r"\w+\.[chS]\b", s)]
    wrong = [p for p in paths if not any(glob.glob(f"{ROOT}/{p}{suffix}")
                                         for suffix in ("", ".md"))
             and not re.search(r"NAME|\.\.\.", p)]
    return wrong + [f"{name}()" for name in re.findall(r"\b([a-z_]\w+)\(\)", text)
                    if name not in words]


def anchors(text):
    """The anchors of a page's headings, as GitHub makes them."""
    return {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-")
            for h in re.findall(r"^#+ (.*)$", text, re.M)}


def test_named_things_exist():
    """Catches a document that names a file or a function which has moved or gone."""
    words = sources()
    wrong = {name: missing(text, words) for name, text in documents().items()}
    assert not any(wrong.values()), {n: w for n, w in wrong.items() if w}


def test_links():
    """Catches a link of a document to a page, picture or heading that does not exist.
    Links into the live page are followed by tests/web/liveuse.test.mjs."""
    texts, wrong = documents(), []
    for name, text in texts.items():
        for path, _, anchor in (t.partition("#") for t in
                                re.findall(r"\]\((?!http://127)([^)\s]+)\)", text)):
            target = f"docs/{path}" if path else name
            if not os.path.exists(f"{ROOT}/{target}") or \
                    anchor and anchor not in anchors(texts[target]):
                wrong.append(f"{name}: {path}#{anchor}")
    assert not wrong


def test_lecture_is_whole():
    """Catches a line of the lecture that has no row, or two rows."""
    with open(f"{ROOT}/docs/lecture.md", encoding="utf-8") as f:
        text = f.read().split("## Errata")[0]
    rows = [int(n) for n in re.findall(r"^\| (\d+) \|", text, re.M)]
    assert rows == [n for n in range(1, 134) if n not in EMPTY]


def test_sheets_hold_the_spine(sheets):
    """Catches a file of the spine, or a line of one, that is not printed."""
    tool = load("print")
    columns = tool.columns(tool.files())
    with open(f"{ROOT}/tools/lint.d/tree.py", encoding="utf-8") as f:
        spine = re.search(r"^SPINE = (\[.*?\])", f.read(), re.M | re.S).group(1)
    assert set(ast.literal_eval(spine)) <= {c.path for c in columns}
    for path in {c.path for c in columns}:
        with open(f"{ROOT}/{path}", encoding="utf-8") as f:
            lines = f.read().expandtabs(8).split("\n")[:-1]
        mine = [c for c in columns if c.path == path]
        assert [x for c in mine for x in c.lines] == lines
        assert all(len(c.lines) <= 50 and c.number % 50 == 0 for c in mine)
    words, _ = sheets
    for c in columns:
        page = {w[5] for w in words if w[0] == c.number // 100 + 1}
        for i in range(len(c.lines)):
            assert f"{c.number + i:04}" in page, (c.path, c.number + i)
        assert f"{c.number // 100:02}" in page and c.path in page


def test_index():
    """Catches an index that sends the reader to a wrong line."""
    tool = load("print")
    columns = tool.columns(tool.files())
    text = {c.number + i: line for c in columns for i, line in enumerate(c.lines)}
    index = {name: (at, uses) for name, at, uses in tool.index(columns)}
    for name, (at, uses) in index.items():
        for number in at + uses:
            assert re.search(rf"\b{name}\b", text[number]), (name, number)
    (at,), uses = index["walkpgdir"]
    assert text[at].startswith("walkpgdir(pde_t *pgdir")
    assert any("pte = walkpgdir(pgdir, page, 1)" in text[n] for n in uses)
    assert index["PTE_G"][0] and "kmap" in index and "alltraps" in index


@pytest.mark.parametrize("what", ["print", "handout"])
def test_fits(what, sheets, tmp_path):
    """Catches text that runs off the paper or, on sheets, over the next column."""
    words, size = sheets if what == "print" else \
        make("tools/handout", str(tmp_path / "handout.pdf"))
    assert what == "print" or {w[0] for w in words} == {1}
    last = max(w[0] for w in words)
    for page, x1, y1, x2, y2, word in words:
        assert 25 < x1 and x2 < size[0] - 25 and 10 < y1 and y2 < size[1] - 8, \
            (page, word)
        if what == "print" and 1 < page < last and y2 < size[1] - 40:
            assert not x1 < size[0] / 2 - 5 < x2 + 2, (page, word)


def test_handout_follows_the_headers(tmp_path):
    """Catches a handout that differs from mmu.h and memlayout.h."""
    for name in ("mmu.h", "memlayout.h", "tools/run.mk"):
        os.makedirs(os.path.dirname(tmp_path / name), exist_ok=True)
        shutil.copy(f"{ROOT}/{name}", tmp_path / name)

    def page(sym=""):
        words, _ = make("tools/handout", str(tmp_path / "a.pdf"), sym,
                        str(tmp_path))
        return [w[5] for w in words]
    before = page()
    for name, old, new in (("memlayout.h", "0xFE000000", "0xFE800000"),
                           ("mmu.h", "not cached", "neverkept"),
                           ("mmu.h", "PTE_G   0x100", "PTE_G   0x400"),
                           ("tools/run.mk", "MEM ?= 224", "MEM ?= 256")):
        text = (tmp_path / name).read_text()
        assert old in text
        (tmp_path / name).write_text(text.replace(old, new))
    (tmp_path / "sym").write_text("8000c0de T f\n80155000 D data\n")
    after = page(str(tmp_path / "sym"))
    for word in ("fe000000", "8e000000", "0x00100121"):
        assert word in before and word not in after, word
    for word in ("fe800000", "90000000", "0x00100421", "neverkept", "80155000"):
        assert word in after and word not in before, word
