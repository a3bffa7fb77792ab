"""The editor, by its keys: over the serial line, and what the screen then shows."""

SAVE, QUIT, UNDO, FIND, AGAIN, KILL = "\x13", "\x11", "\x1a", "\x06", "\x0e", "\x0b"
UP, DOWN, RIGHT, LEFT, HOME, END = ("\x1b[" + c for c in "ABCDHF")
DELETE, PAGE_DOWN = "\x1b[3~", "\x1b[6~"


def edit(m, keys, name="text", saved=True):
    """Types keys into the editor, saves, quits; returns the file's text."""
    m.send(f"edit {name}\n")
    m.expect("Ctrl-S saves")
    m.send(keys)
    if saved:
        m.send(SAVE)
        m.expect("bytes saved")
        m.send(QUIT)
    m.expect(r"\$ $")
    return m.run(f"cat {name}")


def test_edit(machine):
    """Catches a key that does something else, an undo that loses text, and a file that is
    not what the screen showed."""
    m = machine(cpus=1).boot()
    assert edit(m, "one\rtwo\rthree\r") == "one\ntwo\nthree\n"
    assert edit(m, DOWN + END + "x" + HOME + "y") == "one\nytwox\nthree\n"
    assert edit(m, DOWN + DELETE + END + "\b") == "one\ntwo\nthree\n"
    assert edit(m, DOWN + KILL) == "one\nthree\n"
    assert edit(m, "abc" + UNDO + RIGHT + DELETE + UNDO) == "one\nthree\n"
    assert edit(m, FIND + "ree\r" + "*" + FIND + "e\r" + AGAIN + "+") == \
        "one\nth*re+e\n"
    assert edit(m, KILL + KILL + "a\tb" + LEFT + "c" + END + "\r") == "a\tcb\n"
    m.run("for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26"
          "; do echo $i; done >long")
    assert edit(m, PAGE_DOWN + "x", "long").split("\n")[22] == "x23"
    m.run("stty rows 10")
    assert edit(m, PAGE_DOWN + "y", "long").split("\n")[8] == "y9"
    assert m.run("ls").count("~") == 0
    assert m.poweroff() == 0


def test_quit(machine):
    """Catches a text that is lost without a question, or a question without a change."""
    m = machine(cpus=1).boot()
    m.send("edit new\n")
    m.expect("Ctrl-S saves")
    m.send("text" + QUIT)
    m.expect(r"without saving")
    m.send("n\r")
    m.expect("changed")
    m.send(QUIT)
    m.expect(r"without saving")
    m.send("y\r")
    m.expect(r"\$ $")
    assert "No such file" in m.run("cat new")
    assert m.run("echo alive") == "alive\n"
    assert m.poweroff() == 0
