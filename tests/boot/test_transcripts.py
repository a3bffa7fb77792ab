"""The transcripts in documents say what a machine says today."""
import os

import pytest
import transcripts
from machine import ROOT, gcc_version


def read(name):
    with open(os.path.join(ROOT, name), encoding="utf-8") as f:
        return f.read()


# The page shows which pages hold a program, and these are the compiler's.
PAGE_OF = pytest.mark.skipif(gcc_version() not in (11, 12), reason="written with gcc 12")
# tests/boot/test_gdb_replay.py executes it with a recording that it has anyway.
RECORDED = "docs/backwards.md"


@pytest.mark.parametrize("name", [
    pytest.param(name, marks=PAGE_OF if name.startswith("docs/") else ())
    for name in transcripts.DOCS if name != RECORDED])
def test_document(name):
    """Catches a document that shows what no command prints any more; `make
    transcripts` mends it."""
    text = read(name)
    check = transcripts.check if transcripts.blocks(text) else \
        transcripts.check_start
    wrong, _ = check(text)
    assert not wrong, "read, then `make transcripts`\n" + "\n".join(
        f"{name}:{line}: {what}" for line, what in wrong)


# Two lines in a row on a page, and what the machine prints; is that the same?
PAIRS = [
    (["at pa 0011e000", "P2V 0011e000"], ["at pa 0012f000", "P2V 0012f000"], True),
    (["at pa 0011e000", "P2V 0011e000"], ["at pa 0012f000", "P2V 0011e000"], False),
    (["at pa 0011e000", "at pa 0011f000"], ["at pa 0012f000", "at pa 0012f000"],
     False),
    (["8011e000 30 kernel r  kmap[1]"], ["80120000 32 kernel r   kmap[1]"], True),
    (["8011e000 30 kernel r  kmap[1]"], ["8011e000 32 kernel r  kmap[1]"], False),
    (["8011e000 30 kernel r  kmap[1]"], ["80120000 32 kernel rw kmap[1]"], False),
    (["80000000 P W A:3"], ["80000000 P W A:14"], True),
    (["80000000 P W A:3"], ["80400000 P W A:3"], False),
    (["80000000 P W A"], ["80000000 P W"], False),
    (["all 256 pages"], ["all 255 pages"], False),
    (["error code 0x4"], ["error code 0x6"], False),
    (["main () at main.c:35"], ["main () at main.c:36"], True),
    (["a", "...", "d"], ["a", "b", "c", "d"], True),
    (["a", "...", "d"], ["a", "d"], True),
    (["a", "..."], ["a", "b"], True),
    (["a", "...", "d"], ["a", "d", "e"], False),
    (["a"], ["a", "b"], False),
    (["a"], [], False),
]


@pytest.mark.parametrize("page,machine,same", PAIRS)
def test_comparison(page, machine, same):
    """Catches a comparison that lets a changed word, count or relation of addresses
    pass, or that fails when the kernel only moved."""
    found = transcripts.agree(page, machine, transcripts.Same())
    assert (found is not None) == same
    if same and "..." not in page:
        assert found == machine


def test_update():
    """Catches an update that loses what is left out, or that writes into the text."""
    text = "# T\n```gdb fresh\n(gdb) pt\nold\n...\n```\n    $ no\n```cr3\n$ ps\n```\n"
    gdb, cr3 = transcripts.blocks(text)
    assert (gdb.fresh, cr3.fresh, cr3.line) == ("fresh", "", 9)
    assert transcripts.commands(gdb) == [(None, []), ("pt", ["old", "..."])]
    new = transcripts.rewritten(text, {3: [("pt", ["new", "..."])],
                                       9: [("ps", ["init"])]})
    assert new == text.replace("old", "new").replace("$ ps\n", "$ ps\ninit\n")
