"""What a person does at the prompt."""
import re
import time


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
    """Catches a child that is being born while its group is ended, and lives on."""
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
    """Catches programs that fail in silence or without a reason."""
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
    """Catches a shell that waits for what was put into the background, and zombies
    that nobody collects."""
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
    assert used < 4 * 0.10, f"{used:.2f} s of CPU in 4 s of idleness"


def test_typing_ahead(machine):
    """Catches input that is dropped while the shell is busy."""
    m = machine().boot()
    m.send("echo first\necho second\necho third\n")
    for word in "first", "second", "third":
        m.expect(rf"(?<!echo ){word}\r*\n")
