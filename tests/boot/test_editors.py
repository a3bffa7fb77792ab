"""What stands behind the editors: the commands of .vscode/, and the command lines of
docs/editors.md, reach the stopped machine and kvmalloc."""
import json
import os
import pty
import re
import shutil
import subprocess

import pexpect
import pytest
from gdbsession import free_port
from machine import BUILD, ROOT, dies_with_us, make_env
from pexpect.fdpexpect import fdspawn

pytestmark = pytest.mark.in_tree
STOPPED = r'\*stopped,[^\n]*func="kvmalloc"[^\n]*file="vm\.c"'


def vscode(name):
    """A file of .vscode/, with ${workspaceFolder} replaced."""
    with open(f"{ROOT}/.vscode/{name}", encoding="utf-8") as f:
        return json.loads(f.read().replace("${workspaceFolder}", ROOT))


def task(label):
    """The shell command of a task of VS Code."""
    return next(t["command"] for t in vscode("tasks.json")["tasks"]
                if t["label"] == label)


def cited(start):
    """The command line in docs/editors.md that begins with these words."""
    with open(f"{ROOT}/docs/editors.md", encoding="utf-8") as f:
        return re.search(rf"^    ({re.escape(start)}.*)$", f.read(), re.M).group(1)


@pytest.fixture
def shell():
    """Starts shell commands in terminals, with a port of this test's own; ended after
    the test."""
    children = []
    disk = f"{BUILD}/test.img"      # not the user's
    shutil.copyfile(f"{BUILD}/fresh.img", disk)
    env = make_env(GDBPORT=str(free_port()), FSIMG=disk)

    def start(command):
        child = pexpect.spawn("/bin/sh", ["-c", "exec " + command], cwd=ROOT, env=env,
                              timeout=60, encoding="utf-8", preexec_fn=dies_with_us,
                              dimensions=(50, 250), echo=False)
        child.delaybeforesend = None
        children.append(child)
        return child
    yield start
    for child in children:
        if child is children[0] and child.isalive():    # the machine
            child.send("\x01x")
            try:
                child.expect(pexpect.EOF, timeout=5)
            except (pexpect.TIMEOUT, OSError):
                pass
        child.close(force=True)


@pytest.fixture
def machine(shell):
    """A machine that VS Code's task has booted, stopped."""
    child = shell(task("boot, stopped"))
    tasks = vscode("tasks.json")["tasks"]
    ready = next(t for t in tasks if t["label"] == "boot, stopped")
    child.expect(ready["problemMatcher"]["background"]["endsPattern"])
    child.expect("type Ctrl-A, then X")
    return child


def launch(shell, name):
    """GDB, told what VS Code's C/C++ extension tells it for a configuration: its
    commands, those that are not MI's own by way of the console, then the last."""
    config = next(c for c in vscode("launch.json")["configurations"]
                  if c["name"] == name)
    assert config["type"] == "cppdbg" and os.path.exists(config["program"])
    gdb = shell(f"{config['MIMode']} --interpreter=mi2 -nx")
    gdb.expect_exact("(gdb)")
    for command in config["customLaunchSetupCommands"]:
        text = command["text"]
        gdb.sendline(text if text[0] == "-" else
                     f"-interpreter-exec console {json.dumps(text)}")
        gdb.expect(r"\n(\^\w+[^\r\n]*)")
        assert gdb.match.group(1).startswith("^done"), (text, gdb.match.group(1))
    if config["launchCompleteCommand"] != "None":
        gdb.sendline("-" + config["launchCompleteCommand"])
    return config, gdb


def test_vscode(shell, machine):
    """Catches a launch configuration that does not reach the machine of its task, does
    not stop in kvmalloc, or lacks cr3's commands, and a machine that stays behind."""
    config, gdb = launch(shell, "cr3: stop in kvmalloc")
    assert config["preLaunchTask"] == "boot, stopped"
    gdb.expect(STOPPED)
    gdb.sendline('-interpreter-exec console "kmap"')
    gdb.expect(r"kernel text")
    gdb.sendline("-gdb-exit")
    gdb.expect(pexpect.EOF)
    # GDB has let the machine go; another one attaches to it as it runs.
    machine.expect(r"\n\$ ")
    _, gdb = launch(shell, "cr3: attach")
    gdb.sendline('-interpreter-exec console "ps"')
    gdb.expect(r"sleeping.* sh\W")
    gdb.sendline("-gdb-exit")
    gdb.expect(pexpect.EOF)
    end = shell(task(config["postDebugTask"]))
    end.expect(pexpect.EOF)
    machine.expect(pexpect.EOF)


def test_vscode_builds():
    """Catches a build task that does not do what `make` does."""
    assert task("build") == "make"
    done = subprocess.run(task("build") + " -n all", shell=True, cwd=ROOT,
                          capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


def test_emacs(shell, machine):
    """Catches a command line for M-x gdb that does not end in kvmalloc."""
    gdb = shell(cited("gdb -i=mi"))
    gdb.expect(STOPPED)
    gdb.sendline("-stack-list-frames")
    gdb.expect(r'func="main"')
    gdb.sendline("kill")
    machine.expect(pexpect.EOF)


def test_vim(shell, machine):
    """Catches a script that, sourced in Termdebug's GDB, does not tell Vim (by the
    second, machine interface) where kvmalloc is."""
    assert cited(":Termdebug") == ":Termdebug build/kernel"
    ours, theirs = pty.openpty()
    told = fdspawn(ours, timeout=60, encoding="utf-8")
    gdb = shell("gdb -quiet -nx build/kernel")
    gdb.expect_exact("(gdb) ")
    gdb.sendline(f"new-ui mi {os.ttyname(theirs)}")
    gdb.expect_exact("(gdb) ")
    gdb.sendline(cited("source build/"))
    told.expect(STOPPED)
    gdb.expect("kvmalloc")
    gdb.sendline("kill")
    machine.expect(pexpect.EOF)
    told.close()


def test_port(shell, machine):
    """Catches a build/gdbport (CLion's dialogue asks for it) that is not where the
    machine waits."""
    with open(f"{BUILD}/gdbport", encoding="ascii") as f:
        port = f.read().strip()
    gdb = shell(f"gdb -q -nx -batch -ex 'file build/kernel' -ex 'target remote "
                f"127.0.0.1:{port}' -ex 'source tools/gdb/cr3.py' -ex pt -ex kill")
    gdb.expect("paging is off")
    machine.expect(pexpect.EOF)
