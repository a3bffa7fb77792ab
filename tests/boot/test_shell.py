"""What a person does at the prompt."""
import re
import time

from gdbsession import Gdb, free_port


def test_pipeline_and_redirection(machine, cpus):
    """Catches pipes, > and >> that lose, repeat or overwrite bytes."""
    m = machine(cpus=cpus).boot()
    assert m.run("echo one two three | wc").split() == ["1", "3", "14"]
    m.run("echo hello > f; echo x > f")
    assert m.run("cat f") == "x\n", "> does not truncate"
    m.run("echo y >> f")
    assert m.run("cat < f") == "x\ny\n", ">> does not append"
    assert m.run("cat README | grep cr3 | wc").split()[0] != "0"


def test_file_survives(machine):
    """Catches writes that never reach the disk: a file is still there after
    poweroff and a new start."""
    m = machine().boot()
    m.run("mkdir d; echo kept > d/file; ln d/file d/name")
    assert m.poweroff() == 0
    m = machine(fs=m.disk).boot()
    assert m.run("cat d/name") == "kept\n"
    m.run("rm -r d")
    assert m.poweroff() == 0
    m = machine(fs=m.disk).boot()
    assert not re.search(r"^d\b", m.run("ls"), re.M)


def test_ctrl_c(machine):
    """Catches Ctrl-C that kills nobody, or the shell, or leaves the line mixed up."""
    m = machine().boot()
    m.send("cat\n")
    m.expect("cat\r*\n")
    time.sleep(0.5)
    m.send("\x03")
    m.expect(r"\$ ")
    assert m.run("echo still here") == "still here\n"


def test_ctrl_c_ends_a_storm(machine):
    """Catches a child that lives on because it is created while Ctrl-C ends its
    group."""
    m = machine(cpus=4).boot()
    for _ in range(12):
        m.send("usertests fork_storm\n")
        m.expect("fork_storm\r*\n")
        time.sleep(0.2)
        m.send("\x03")
        m.expect(r"\n\$ ")
    for _ in range(60):  # init collects those whose parents have gone
        left = re.findall(r".*usertests.*", m.run("ps"))
        if not left:
            return
        time.sleep(0.5)
    raise AssertionError("\n".join(left))


def test_ctrl_d(machine):
    """Catches an end of input that never comes, or that comes twice."""
    m = machine().boot()
    m.send("cat\n")
    m.expect("cat\r*\n")
    m.send("line\n")
    m.expect("line\r*\nline\r*\n")
    m.send("\x04")
    m.expect(r"\$ ")
    assert m.run("echo on") == "on\n"


def test_kill_numbers(machine):
    """Catches kill that hits a free slot of the process table or init: `kill 0` and
    `kill 1` are errors, and the next processes live."""
    m = machine().boot()
    for pid in "0", "1", "-1", "99999":
        assert m.run(f"kill {pid}").startswith("kill: "), f"kill {pid} is no error"
    assert m.run("echo a | cat | wc").split() == ["1", "1", "2"]


def test_errors_have_reasons(machine):
    """Catches a program that fails without a message, or without the reason in it."""
    m = machine().boot()
    assert "No such file" in m.run("cat nothing")
    assert "No such file" in m.run("nothing")
    assert "exists" in m.run("mkdir README")


def test_programs_are_listed(machine):
    """Catches a program that is not in the image, or a directory that is cut."""
    names = machine().boot().run("ls")
    for name in ("cat", "echo", "grep", "init", "kill", "ln", "ls", "mkdir",
                 "poweroff", "ps", "rm", "sh", "wc", "usertests", "README"):
        assert name in names.split(), name


def test_background(machine):
    """Catches a shell that waits for a background job, or never collects its zombie."""
    m = machine().boot()
    m.run("echo in the back &")
    time.sleep(0.5)
    m.drain()
    m.send("\n")
    m.expect(r"\$ ")
    assert "zombie" not in m.run("ps").lower()


def test_idle_is_idle(machine):
    """Catches CPUs that spin while there is nothing to do."""
    m = machine(cpus=4).boot()
    time.sleep(1)
    before = m.cpu_seconds()
    time.sleep(4)
    used = m.cpu_seconds() - before
    assert used < 4 * 0.25, f"{used:.2f} s of CPU in 4 s of idleness"


def test_typing_ahead(machine):
    """Catches input that is dropped while the shell is busy."""
    m = machine().boot()
    m.send("echo first\necho second\necho third\n")
    for word in "first", "second", "third":
        m.expect(rf"(?<!echo ){word}\r*\n")


PLAIN = ("cat cp free grep head help hexdump ln ls mkdir more mv poweroff ps pwd reboot "
         "rm sleep sync tee touch wc").split()


def test_unknown_options(machine):
    """Catches a program that takes an unknown option for a file, or ignores it: `mkdir
    -p a` made two directories, `reboot --help` restarted the machine."""
    m = machine().boot()
    before = m.run("ls")
    for program in PLAIN:
        out = m.run(f"{program} -z --bad; echo = $?")
        assert re.fullmatch(rf"usage: {program}.*\n= 2\n", out), out
    assert m.run("ls") == before
    assert m.run("mkdir -- -z; rm -- -z; echo $?") == "0\n"


def test_directory_as_text(machine):
    """Catches a program that prints the bytes of a directory as text. hexdump may, on
    purpose."""
    m = machine().boot()
    for command in "cat /", "wc /", "head /", "more /", "grep x /":
        assert m.run(command) == f"{command.split()[0]}: /: Is a directory\n"
    assert "README" in m.run("hexdump / | grep README")


def test_early_end_of_a_pipe(machine):
    """Catches a writer that complains, or never ends, after its reader has closed the
    pipe."""
    m = machine().boot()
    assert m.run("cat usertests | head -n 0; echo done") == "done\n"
    assert m.run("cat README README | head -n 1").count("\n") == 1


def test_groups_and_jobs(machine):
    """Catches a Ctrl-C that leaves a part of a pipeline running, ends a background job,
    or ends only one command of a line."""
    m = machine().boot()
    m.run("sleep 500 &")
    m.send("sleep 400 | cat | wc; echo not reached\n")
    m.expect("reached\r*\n")
    time.sleep(0.5)
    m.send("\x03")
    m.expect(r"\^C\r*\n\$ ")
    m.send("echo $?\n")
    m.expect(r"\n130\r*\n\$ ")
    names = re.findall(r"(\w+)\n", m.run("ps"))
    assert names.count("sleep") == 1 and "cat" not in names and "wc" not in names


def test_language(machine):
    """Catches quotes, lists, groups, status, scripts and their arguments that mean
    something else than in other shells."""
    m = machine().boot()
    m.run("echo 'echo \"<$1>\" $# ; # no' > s; echo 'exit 7' >> s; echo 'echo no' >> s")
    for command, want in (
            ("echo 'a  b' \"c  d\" e\\ f", "a  b c  d e f"),
            ("true && echo t || echo f", "t"), ("false && echo t || echo f", "f"),
            ("(cd /; exit 3); echo $?", "3"), ("echo a; echo b # c", "a\nb"),
            ("sh s 'x y'; echo $?", "<x y> 1\n7"), ("s z", "<z> 1"),
            ("sh -c 'echo $0-$1; exit 4' zero one; echo $?", "zero-one\n4"),
            ("nothing; echo $?", "sh: nothing: No such file or directory\n127"),
            ("mkdir d; cd d; pwd; cd ..; pwd", "/d\n/"),
            ("echo x | cat | cat > f; cat < f", "x")):
        assert m.run(command) == want + "\n", command


def test_list_of_processes_holds_no_lock(machine):
    """Catches Ctrl-P printing its list with interrupts off and the table of processes
    locked: 512 lines on a slow serial line stop all CPUs for seconds."""
    port = free_port()
    m = machine(cpus=1, options=["-gdb", f"tcp:127.0.0.1:{port}"]).boot()
    m.send("cat\n")
    m.expect("cat\r*\n")
    time.sleep(0.5)
    gdb = Gdb(port)
    try:
        gdb.run("thbreak print_proc")
        m.send("\x10")
        assert "print_proc" in gdb.run("continue")
        assert gdb.value("$eflags & 0x200"), "interrupts are off"
        assert gdb.value("proc_lock.cpu") == 0, "the table is locked"
    finally:
        gdb.close()
    m.expect("init")


def test_kill_signals(machine):
    """Catches a kill that takes its signal for a process: `kill -9 PID` said
    "-9: Invalid argument"."""
    m = machine().boot()
    for way in "-9", "-KILL", "-SIGKILL", "-s KILL", "-s 9", "--", "":
        m.run("sleep 900 &")
        pid = re.search(r"^ *(\d+).* sleep$", m.run("ps"), re.M).group(1)
        assert m.run(f"kill {way} {pid}; wait") == "sh: sleep: killed (SIGKILL)\n", way
        assert not re.search("sleep$", m.run("ps"), re.M), way
    assert m.run("kill -1 1; kill -s HUP 1") == \
        "kill: 1: the only signal is 9, KILL\nkill: HUP: the only signal is 9, KILL\n"
    assert m.run("kill -9; kill -s; kill").count("usage: kill [") == 3


def test_ctrl_c_ends_wait(machine):
    """Catches a shell whose `wait` does not listen to Ctrl-C, ends what it waited for,
    runs the rest of the line, or leaves a process behind; and a wait that goes on when
    all have ended."""
    m = machine().boot()
    before = m.run("ps").count("\n")
    m.run("sleep 900 &")
    m.send("wait; echo not reached\n")
    m.expect("reached\r*\n")
    time.sleep(0.5)
    m.send("\x03")
    m.expect(r"\^C\r*\n\$ ")
    assert m.run("echo $?") == "130\n"
    ps = m.run("ps")
    assert ps.count("\n") == before + 2 and "sleep" in ps, ps  # sh waits for sleep
    m.run(f"kill {re.search('^ *([0-9]+).* sleep$', ps, re.M).group(1)}; wait")
    assert m.run("sleep 1 & sleep 1 & wait; echo $?") == "0\n"
    assert m.run("ps").count("\n") == before
    # In a child, the group that Ctrl-C ends is the waiting one's own.
    m.send("(sleep 900 & wait)\n")
    m.expect(r"wait\)\r*\n")
    time.sleep(0.5)
    m.send("\x03")
    m.expect(r"\^C\r*\n\$ ")


def test_options(machine):
    """Catches options that may not stand together, an argument that must stand apart,
    "-" that is no file, and what follows "--" taken for an option."""
    m = machine().boot()
    m.run("echo a > -n; echo b >> -n; echo c >> -n")
    assert m.run("grep -vn -- a -n") == "2:b\n3:c\n"
    assert m.run("grep -v -n a < -n") == "2:b\n3:c\n"
    assert m.run("head -n2 -- -n; head -n 1 - < -n") == "a\nb\na\n"
    assert m.run("head -n") == "usage: head [-n LINES] [FILE...]\n"


def test_help_is_what_programs_say(machine):
    """Catches a program that help does not list, and a list that names other arguments
    than the program's own usage line."""
    m = machine().boot()
    said = m.run("help")
    calls = [line[:32].strip() for line in said.split("\n") if line[32:33] == " "]
    assert all(len(line) < 80 for line in said.split("\n"))
    names = re.findall(r"^(\w+) +- ", m.run("ls"), re.M)
    assert {c.split()[0] for c in calls[1:]} == set(names) - {"README"}
    for call in calls[1:]:
        if call.split()[0] in PLAIN + ["kill"]:
            usage = m.run(call.split()[0] + " -z --bad")
            if not usage.startswith("kill: "):
                assert usage == f"usage: {call}\n"
