"""The shell as a person used to Unix would try it: names and values, loops, documents,
keys; and small programs."""
import re
import time

# (what is typed, what is printed)
TYPED = [
    ("echo c[ou]*e /ca* 'c*' no*thing", "console /cat c* no*thing"),
    ("mkdir -p d/e; touch d/x.c d/e/y.c; echo d/*.c d/*/*.c d/.*", "d/x.c d/e/y.c d/.*"),
    ('x=5; y="a  b"; echo $x $y "$y" ${x}z \'$x\' $none"|"', "5 a b a  b 5z $x |"),
    ("echo $(echo a; echo b) \"$(echo 'c  d')\"", "a b c  d"),
    ("echo $((2 + 3 * x)) $(( (1 + 2) * 4 % 5 )) $((1 < 2))", "17 2 1"),
    ("for i in 1 2 3; do echo $i; done | tail -2", "2\n3"),
    ("x='a\\b*'; echo $x \"$x\"; x='c[ou]*e'; echo $x", "a\\b* a\\b*\nconsole"),
    ("while break; do echo no; done; for i in 1 2; do while continue 2; do :; done; "
     "echo no; done; echo end", "end"),
    ("echo a b c | tail -n 2147483647; tail -n x; head -2x README",
     "a b c\ntail: x: not a number of lines\nhead: 2x: not a number of lines"),
    ("i=0; while [ $i -lt 3 ]; do i=$((i + 1)); done; echo $i", "3"),
    ("until false; do break; done; echo $?", "0"),
    ("for i in 1 2 3; do if [ $i = 2 ]; then continue; fi; echo $i; done", "1\n3"),
    ("for a in 1 2; do for b in 1 2; do break 2; done; echo no; done; echo $a", "1"),
    ("if [ -d d ] && test ! -e none; then echo yes; else echo no; fi", "yes"),
    ("if false; then echo 1; elif true; then echo 2; fi", "2"),
    ("! true; echo $?; ! false; echo $?", "1\n0"),
    ("cat none 2>&1 | wc -l; cat none >o 2>&1; wc -l o", "1\n1 o"),
    ("cat none 2>err; grep -c none err; cat err",
     "usage: grep [-vni] PATTERN [FILE...]\ncat: none: No such file or directory"),
    ("echo 'for a in \"$@\"; do echo \"<$a>\"; done; shift; echo $1' >s; sh s 'a b' c",
     "<a b>\n<c>\nc"),
    ("echo 'one two' | (read v; echo got $v)", "got one two"),
    ("(exit 3); echo $?; unset x; echo \"<$x>\"", "3\n<>"),
    ("printf() { :; }", "sh: syntax error: an operator is missing before ( or behind )"),
    ("for i in 3 1 2 3 10; do echo $i; done >n; sort -nu n | head -2", "1\n2"),
    ("sort n | uniq -c | tail -1", "      2 3"),
    ("cmp n n; echo xx >n2; cmp n n2", "n n2 differ: byte 1, line 1"),
    ("find d -name '*.c'; du -s d/x.c", "d/x.c\nd/e/y.c\n0       d/x.c"),
    ("echo AbC | grep -i aBc; wc -c n", "AbC\n11 n"),
    ("env; v=1; env | wc -l; export v; env | tail -1; v=2; sh -c 'echo $v'; unset v; "
     "env | wc -l", "PATH=/\nHOME=/\n2\nv=1\n2\n2"),
    ("w=5 env | tail -1; echo \"<$w>\"; env -u; env A=1 B= sh -c 'echo $A,$B'",
     "w=5\n<>\nusage: env [NAME=VALUE]... [COMMAND...]\n1,"),
    ("export p=/d/e; PATH=/d:/; cp true d/mine; mine; echo $?; PATH=/; mine; echo $?",
     "0\nsh: mine: No such file or directory\n127"),
    ("HOME=/d/e; cd; pwd; cd /; unset HOME; cd; pwd", "/d/e\n/"),
    ("echo lost >/dev/null; cat /dev/null; wc -c </dev/null; sh </dev/null; echo $?",
     "0\n0"),
    ("uname; man pwd; man none", "cr3\npwd: prints the path of the current directory.\n"
     "man: no program is called none (help lists all)"),
    ("stty; stty rows 50 cols 100; stty; stty rows 24 cols 80; stty rows x; stty </dev/null",
     "rows 24; columns 80\nrows 50; columns 100\n"
     "stty: x is no number of rows or columns\nstty: the console: Not a terminal"),
    ("mkdir r; touch r/f; rmdir r; rmdir r/f; rm r/f; rmdir r; rmdir r",
     "rmdir: r: Directory not empty\nrmdir: r/f: Not a directory\n"
     "rmdir: r: No such file or directory"),
]


def test_language(machine):
    """Catches a line that does otherwise than in a Unix shell."""
    m = machine(cpus=2).boot()
    for command, want in TYPED:
        got = m.run(command).rstrip("\n")
        if "find" in command:
            got, want = (sorted(t.split("\n")) for t in (got, want))
        assert got == want, command
    assert m.poweroff() == 0


def test_date(machine):
    """Catches a date that is not the one of the machine's clock."""
    m = machine(cpus=1).boot()
    said = int(m.run("date +%s"))
    assert abs(said - time.time()) < 20
    then = time.gmtime(said)
    assert m.run("date +%Y-%m-%d").strip() == time.strftime("%Y-%m-%d", then)
    assert re.fullmatch(r"\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d UTC \d{4}\n", m.run("date"))
    assert m.run("date 5; date -x").count("usage: date") == 2
    assert m.poweroff() == 0


def lines(m, *typed):
    """Types lines; waits for the second prompt after each but the last."""
    for line in typed[:-1]:
        m.send(line + "\n")
        m.expect(r"\n> $")
    return m.run(typed[-1]).rstrip("\n")


def test_more_lines(machine):
    """Catches a command of several lines that is run too early, or not at all."""
    m = machine(cpus=1).boot()
    assert lines(m, "for i in a b", "do", "echo $i", "done").endswith("a\nb")
    assert lines(m, "x=1; cat <<END", "x is $x", "END").endswith("x is 1")
    assert lines(m, "cat <<'END'", "x is $x", "END").endswith("x is $x")
    assert lines(m, "echo 'a", "b'").endswith("a\nb")
    m.send("if true\n")
    m.expect(r"\n> $")
    m.send("\x03")
    m.expect(r"\n\$ $")
    assert m.run("echo dropped") == "dropped\n"
    m.send("while true; do sleep 1; done\n")
    m.expect(r"done[\r\n]+")
    time.sleep(0.5)     # before the loop begins there is nobody whom Ctrl-C ends
    m.send("\x03")
    m.expect(r"\$ $", timeout=20)
    assert m.run("echo alive") == "alive\n"
    assert m.poweroff() == 0


# (keys, what stands in the line afterwards as `echo` prints it)
KEYS = [
    ("echo /cowd\t", "/cowdemo"),
    ("ec\t/REA\t", "/README"),
    ("echo di\t\t", "dir/file"),
    ("echo dir/f\t", "dir/file"),
    ("echo xyz; ec\tdir/none\tq", "xyz\ndir/noneq"),
]


def test_tab(machine):
    """Catches a Tab that completes wrongly."""
    m = machine(cpus=1).boot()
    m.run("mkdir dir; touch dir/file")
    for keys, want in KEYS:
        m.send(keys + "\n")
        m.expect(r"\n" + want.replace("\n", r"\r*\n") + r" ?\r*\n\$ $")
    assert m.poweroff() == 0


def test_tab_lists(machine):
    """Catches a second Tab that does not list the names, or spoils the line."""
    m = machine(cpus=1).boot()
    m.send("s\t\t")
    m.expect(r"sh +sleep +sort")
    m.expect(r"\$ s$")
    m.send("\x15echo on\n")
    m.expect(r"\non\r*\n\$ $")
    assert m.poweroff() == 0


def test_search(machine):
    """Catches a Ctrl-R that finds another line, or none."""
    m = machine(cpus=1).boot()
    for line in ("echo one", "echo two", "echo three"):
        m.run(line)
    m.send("\x12tw")
    m.expect(r"\(search\)'tw': echo two")
    m.send("\n")
    m.expect(r"\ntwo\r*\n\$ $")
    m.send("\x12echo\x12\x12\x12")
    m.expect("echo one")
    m.send("\x05!\n")
    m.expect(r"\none!\r*\n\$ $")
    text = m.run("history")
    assert text.split("\n")[:2] == ["echo one", "echo two"], text
    assert m.poweroff() == 0
