"""The screen and the keyboard: keys are pressed through QMP, and the adapter's memory
is read through the monitor, as a person would see it."""
import re
import struct
import time

import pytest

COLS, ROWS = 80, 25
VGA = 0xB8000
SHIFTED = dict(zip('!@#$%^&*()_+{}:"~|<>?', "1234567890-=[];'`\\,./"))
NAMED = {" ": "spc", "\n": "ret", "-": "minus", "=": "equal", "[": "bracket_left",
         "]": "bracket_right", ";": "semicolon", "'": "apostrophe", "`": "grave_accent",
         "\\": "backslash", ",": "comma", ".": "dot", "/": "slash"}


def press(m, *names):
    """Presses keys together, by QEMU's names for them."""
    m.qmp("send-key", keys=[{"type": "qcode", "data": n} for n in names],
          **{"hold-time": 5})


def key_names(c):
    """The keys for a character on a US keyboard."""
    shift = c.isupper() or c in SHIFTED
    c = SHIFTED.get(c, c.lower())
    return (["shift"] if shift else []) + [NAMED.get(c, c)]


def type_keys(m, text):
    """Types text; each key waits for its echo, so that none is too fast."""
    for c in text:
        press(m, *key_names(c))
        m.expect(r"\r*\n" if c == "\n" else re.escape(c))


def crtc(m, register):
    """A 16-bit register of the CRT controller."""
    value = 0
    for number in (register, register + 1):
        m.hmp(f"o /b 0x3d4 {number:#x}")
        value = value << 8 | int(m.hmp("i /b 0x3d5").split()[-1], 0)
    return value


def cells(m):
    """What is shown: 25 lists of 80 (character, colours)."""
    start = crtc(m, 0x0C)
    words = m.words(VGA + 2 * start, COLS * ROWS // 2)
    flat = [half for word in words for half in struct.unpack(
        "<HH", struct.pack("<I", word))]
    return [[(chr(w & 0xFF), w >> 8) for w in flat[r * COLS:(r + 1) * COLS]]
            for r in range(ROWS)]


def rows(m):
    """The 25 rows of the screen as text, without the blanks at their ends."""
    return ["".join(c for c, _ in row).rstrip() for row in cells(m)]


def cursor(m):
    """(row, column) of the cursor on the screen."""
    return divmod(crtc(m, 0x0E) - crtc(m, 0x0C), COLS)


def shown(m, want, timeout=60):
    """Waits until want(rows) holds; returns the rows."""
    deadline = time.monotonic() + timeout
    while not want(now := rows(m)):
        assert time.monotonic() < deadline, "the screen shows:\n" + "\n".join(now)
        time.sleep(0.1)
    return now


def lines_above_prompt(m, count):
    """The count rows above the last prompt."""
    now = [r for r in shown(m, lambda r: [x for x in r if x][-1] == "$") if r]
    return now[-1 - count:-1]


def test_typing(machine):
    """Catches wrong characters for keys, with and without shift, and a screen that
    shows something else than was typed or printed."""
    m = machine().boot()
    text = "echo 'aZ 09 -=[];,./`' \"!@#$%^&*()_+{}:~|<>?\" \\\\"
    type_keys(m, text + "\n")
    m.expect(r"\n\$ ")
    assert lines_above_prompt(m, 2) == [
        "$ " + text, "aZ 09 -=[];,./` !@#$%^&*()_+{}:~|<>? \\"]
    assert cursor(m)[1] == 2


def test_modifiers(machine):
    """Catches a caps lock that shifts digits too, or that shift does not undo, and
    modifiers that stick."""
    m = machine().boot()
    type_keys(m, "echo ")
    press(m, "caps_lock")
    for names, c in ((["a"], "A"), (["1"], "1"), (["shift", "b"], "b"), (["c"], "C")):
        press(m, *names)
        m.expect(c)
    press(m, "caps_lock")
    press(m, "ctrl", "shift", "alt")
    type_keys(m, "d\n")
    m.expect(r"\n\$ ")
    assert lines_above_prompt(m, 1) == ["A1bCd"]


def test_keys_of_the_editor(machine):
    """Catches an arrow key, Home, End, Del or Ctrl-letter that the keyboard does not
    send as the shell expects it."""
    m = machine().boot()
    type_keys(m, "echo wrld\n")
    m.expect(r"\n\$ ")
    for names in (["up"], ["left"], ["left"], ["left"]):
        press(m, *names)
    type_keys(m, "o")
    press(m, "home")
    press(m, "end")
    type_keys(m, "! x")
    press(m, "backspace")
    press(m, "ctrl", "a")
    press(m, "delete")
    type_keys(m, "e")
    press(m, "ctrl", "e")
    press(m, "ret")
    shown(m, lambda r: "world!" in r)
    assert "$ echo world!" in rows(m)


def test_control_keys(machine):
    """Catches Ctrl-C, Ctrl-D, Ctrl-P and Ctrl-L that work over the serial line only."""
    m = machine().boot()
    type_keys(m, "cat\n")
    time.sleep(0.3)
    press(m, "ctrl", "c")
    m.expect(r"\n\$ ")
    type_keys(m, "cat\nword\n")
    m.expect("word\r*\n")
    press(m, "ctrl", "d")
    m.expect(r"\$ ")
    type_keys(m, "half")
    press(m, "ctrl", "p")
    m.expect("init")
    now = shown(m, lambda r: [x for x in r if x][-1] == "$ half")
    assert any("init" in row for row in now) and any(" sh" in row for row in now)
    press(m, "ctrl", "l")
    shown(m, lambda r: [x for x in r if x] == ["$ half"])
    assert cursor(m) == (0, 6)


def test_keys_before_the_kernel_looks(machine):
    """Catches a keyboard that is dead because a key was pressed before the kernel
    looked (PITFALLS 37): the controller keeps that byte and sends no other."""
    m = machine()
    end = time.monotonic() + 30
    while "$ " not in m.output and time.monotonic() < end:
        press(m, "shift")
        time.sleep(0.01)
        m.drain()
    assert "$ " in m.output, m.output
    type_keys(m, "echo alive\n")
    m.expect("alive\r*\n")
    shown(m, lambda r: "alive" in r)


def test_serial_and_screen(machine):
    """Catches output that reaches only the screen or only the serial line, or that
    scrolls wrongly. The screen's rows are the last lines of the serial line."""
    m = machine().boot()
    m.run("cat README | head -n 60")
    m.run("ls")
    m.drain()
    lines = m.output.expandtabs(8).split("\n")
    wrapped = [line[i:i + COLS].rstrip() for line in lines
               for i in range(0, max(len(line), 1), COLS)]
    assert rows(m) == wrapped[-ROWS:]
    assert all(colour == 7 for row in cells(m) for _, colour in row)


# ---- Lines longer than a row ---------------------------------------------------

def fold(text):
    """text as rows of the screen."""
    return [text[i:i + COLS].rstrip() for i in range(0, len(text), COLS)]


def check_line(m, line, at):
    """The screen ends with the prompt, this line, and the cursor at text[at]."""
    want = fold("$ " + line)
    now = shown(m, lambda r: [x for x in r if x][-len(want):] == want)
    first = max(i for i in range(ROWS) if now[i:i + len(want)] == want)
    row, column = divmod(at + 2, COLS)
    assert cursor(m) == (first + row, column)


LONG = "echo " + "".join(f"{i:02d}-------" for i in range(24))  # 221 characters


@pytest.mark.parametrize("top", [True, False], ids=["top", "bottom"])
def test_long_line(machine, top):
    """Catches a line editor that loses its place when a line is longer than a row: in
    the middle of the screen and at its end, where a new row scrolls."""
    m = machine().boot()
    m.send("\x0c" if top else "cat README\n")
    m.expect(r"\$ $")
    m.send(LONG)
    check_line(m, LONG, len(LONG))
    m.send("\x01" + "\x06" * 5 + "new ")
    check_line(m, "echo new " + LONG[5:], 9)
    m.send("\x05" + "\x17" * 1 + "tail")
    check_line(m, "echo new tail", 13)
    m.send("\x15" + LONG + "\x1b[D" * 150 + "\x7f" * 3)
    at = len(LONG) - 150
    line = LONG[:at - 3] + LONG[at:]
    check_line(m, line, at - 3)
    m.send("\x05\n")
    m.expect(r"\n\$ ")
    check_line(m, "", 0)
    assert line[5:] in m.output
    m.send("\x1b[A")
    check_line(m, line, len(line))
    m.send("\x1b[B")
    check_line(m, "", 0)
    for n in range(76, 81):  # exactly a row, and one more or less
        m.send("x" * n)
        check_line(m, "x" * n, n)
        m.send("\x7f")
        check_line(m, "x" * (n - 1), n - 1)
        m.send("\x15")
        check_line(m, "", 0)


def test_long_line_of_a_program(machine):
    """Catches the same in the kernel's line editor, behind a prompt: cat reads it."""
    m = machine().boot()
    m.send("echo > f; cat; cat\n")
    time.sleep(0.5)
    m.send("y" * 100 + "\x1b[D" * 95 + "z\x1b[H\x1b[3~")
    want = "y" * 4 + "z" + "y" * 95
    shown(m, lambda r: [x for x in r if x][-2:] == fold(want))
    assert cursor(m)[1] == 0
    m.send("\x05\n")
    m.expect("\n" + want + "\r*\n")
    m.send("\x04")


def test_picture(machine):
    """Catches a text mode that is not shown: the picture has the letters' colours."""
    m = machine().boot()
    m.run("echo picture")
    path = f"{m.dir}/screen.ppm"
    m.qmp("screendump", filename=path)
    with open(path, "rb") as f:
        kind, size, depth, pixels = f.read().split(b"\n", 3)
    assert (kind, size, depth) == (b"P6", b"720 400", b"255")
    colours = {pixels[i:i + 3] for i in range(0, len(pixels), 3)}
    assert colours == {b"\0\0\0", b"\xa8\xa8\xa8"} or \
        colours == {b"\0\0\0", b"\xaa\xaa\xaa"}, colours
