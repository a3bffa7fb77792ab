"""The views of page tables are true, GDB's and those of tools/ptview by all its ways:
each is compared with what QEMU says about the same stopped machine, and with the
others, at five points of the boot and in three states of a process, in little memory
and in much."""
import os
import re

import ptviewer
import pytest
import truth
from gdbsession import stopped
from machine import ROOT

KERNBASE = 0x80000000


@pytest.fixture
def session(machine, tmp_path_factory):
    """Makes (machine, Gdb) pairs that wait before the first instruction; m.ways: the
    other ways to look at it."""
    made = []

    def make(**choices):
        monitor = str(tmp_path_factory.mktemp("m") / "qmp")
        m, gdb = stopped(machine, options=["-qmp", f"unix:{monitor},server=on,"
                                           "wait=off"], **choices)
        m.ways = ptviewer.Ways(m, gdb, monitor)
        made.append(gdb)
        return m, gdb
    yield make
    for gdb in made:
        gdb.close()


def cpu_of(gdb):
    """The number of the selected CPU."""
    return gdb.value("$_thread") - 1


def check_space(m, gdb, pt="pt"):
    """All of pt, and walk at the borders of its ranges, against QEMU, for the
    directory in CR3. Returns pt's text."""
    cpu = cpu_of(gdb)
    text = gdb.run(pt)
    truth.same_as_tlb(text, truth.tlb(m, cpu))
    truth.same_as_mem(text, truth.mem(m, cpu))
    places = {0, 0xFFFFFFFF, KERNBASE - 1}
    for va, end, *_ in truth.rows(text)[:40]:
        places |= {va, end - 1, end & 0xFFFFFFFF, (va - 1) & 0xFFFFFFFF}
    for va in sorted(places):
        truth.same_walk(m, gdb, va, cpu)
    check_ptview(m, gdb, cpu, sorted(places))
    return text


def check_ptview(m, gdb, cpu, places):
    """ptview by monitor, stub and dump gives what GDB gives, about the directory in
    CR3 and these places; its grids are what info mem says."""
    cr3 = gdb.value("$cr3") & ~0xFFF
    some = places[::len(places) // 12 + 1] + [0x80100000]
    m.ways.agree("pt", f"kmap {cr3:#x}", *(f"walk {va:#x}" for va in some),
                 f"walk -p {places[len(places) // 2]:#x}", cpu=cpu)
    grids = m.ways.each("grid", cpu=cpu).values()
    assert len({texts[0] for texts in grids}) == 1
    ptviewer.same_grid(list(grids)[0][0], truth.mem(m, cpu))


def check_other(m, gdb, directory, pt):
    """The same for a directory that is not in CR3. For the question to QEMU, CR3 is
    changed for a moment."""
    old = gdb.value("$cr3")
    text = gdb.run(pt)
    gdb.run(f"set $cr3 = {directory:#x}")
    truth.same_as_tlb(text, truth.tlb(m, cpu_of(gdb)))
    truth.same_as_mem(text, truth.mem(m, cpu_of(gdb)))
    gdb.run(f"set $cr3 = {old:#x}")
    return text


def check_kmap(gdb, text):
    """Fails unless kmap's counts agree with pt: a row is complete exactly if pt has a
    range for it."""
    rows = truth.rows(text)
    for va, end, pa, verdict in re.findall(
            r"([0-9a-f]{8})-([0-9a-f]{8}) -> ([0-9a-f]{8})-[0-9a-f]{8} .*?  +"
            r"((?:all )?\d+ .*)$", gdb.run("kmap"), re.M):
        va, end, pa = int(va, 16), int(end, 16) + 1, int(pa, 16)
        got = sum(min(end, r[1]) - max(va, r[0]) for r in rows
                  if r[0] < end and r[1] > va and r[2] - r[0] == pa - va)
        total = (end - va) // 4096
        assert verdict == (f"all {total} pages" if got == end - va else
                           f"{got // 4096} of {total} pages")


@pytest.mark.parametrize("mem", [32, 2048])
def test_five_points_of_the_boot(session, mem):
    """Catches a view that is wrong before kvmalloc, in the middle of it, with 4 MB
    pages, with a directory that is not loaded, or in much memory; and one that takes
    longer than 0.2 s."""
    m, gdb = session(mem=mem, cpus=2)
    gdb.go("*((unsigned)&entry - 0x80000000)")
    assert "paging is off" in gdb.run("pt")
    assert all("paging is off" in t[0] for t in m.ways.each("pt").values())
    walk, pt = m.ways.agree("walk 0x100000", "pt -d entrypgdir")
    assert "physical address" in walk and "4 MB pages" in pt
    gdb.go("main")
    text = check_space(m, gdb)
    assert "entrypgdir" in text and text.count(" PS") >= 2
    check_in_kvmalloc(m, gdb)
    # After kvmalloc, and after the other CPUs have started.
    for stop in ("print_kmap", "userinit"):
        gdb.go(stop)
        check_kmap(gdb, check_space(m, gdb))
    check_two_directories(m, gdb)
    check_kmap(gdb, gdb.run("pt -d kpgdir"))
    check_speed(m, gdb)


def check_in_kvmalloc(m, gdb):
    """The views in the middle of kvmalloc, 300 pages into the row of RAM."""
    gdb.go("mappages", "va == (void *)&data")
    line = re.search(r"^(\d+)\s+\*pte = ", gdb.run("list mappages,+20"), re.M)
    gdb.run(f"break vm.c:{line.group(1)}")
    gdb.run("ignore $bpnum 300")
    gdb.run("continue")
    gdb.run("delete")
    check_space(m, gdb)
    gdb.run("next")
    changed = gdb.run("ptdiff")
    pa, new = re.search(r"PTE\S+ at pa (\w+), .* -> (\w+) ", changed).groups()
    assert m.words(int(pa, 16), 1) == [int(new, 16)]
    pgdir = gdb.value("pgdir") - KERNBASE
    check_kmap(gdb, check_other(m, gdb, pgdir, "pt -d pgdir"))


def check_two_directories(m, gdb):
    """The views when one CPU runs the shell and the other one nothing: each CPU has
    another directory in CR3."""
    gdb.go("console_read")
    seen = set()
    for thread in (1, 2):
        gdb.run(f"thread {thread}")
        seen.add(check_space(m, gdb).split("\n")[0])
        m.ways.agree("kmap", cpu=thread - 1)
    assert len(seen) == 2, seen


def check_speed(m, gdb):
    """pt and walk answer within 0.2 s, GDB's and ptview's: once in some tries, as the
    machine is shared."""
    for command in ("pt", "walk main", "walk -p main", "pt 1"):
        took = ptviewer.quickest(lambda c=command: gdb.run(c))
        assert took < 0.2, (command, took)
        took = ptviewer.quickest(lambda c=command: ptviewer.run(
            "--qmp", m.ways.monitor, *c.split()))
        assert took < 0.2, (command, took)


def process_pages(entries):
    """The user half of an info tlb."""
    return [e for e in entries if e[0] < KERNBASE]


def check_process(m, gdb, pid):
    """pt PID, areas, frame and ps of a process agree with QEMU and each other."""
    line = re.search(rf"^.\s*{pid} +\d+ \S+ +([0-9a-f]{{8}}) +(\d+)",
                     gdb.run("ps"), re.M)
    directory, pages = int(line.group(1), 16), int(line.group(2))
    text = check_other(m, gdb, directory, f"pt {pid}")
    user = [r for r in truth.rows(text) if r[0] < KERNBASE]
    assert sum(r[3] for r in user) == pages, "resident pages"
    areas = re.findall(r"^([0-9a-f]{8})-([0-9a-f]{8}) +\d+ +(\d+) +\d+  (r)(w|-)",
                       gdb.run(f"areas {pid}"), re.M)
    for start, end, here, _, w in areas:
        start, end = int(start, 16), int(end, 16) + 1
        inside = [r for r in user if start <= r[0] < end]
        assert sum(r[3] for r in inside) == int(here)
        assert w == "w" or not any(r[5] for r in inside)
        user = [r for r in user if r not in inside]
    assert not user, f"pages without an area: {user}"
    m.ways.agree(f"pt {pid}", f"areas {pid}", "ps", f"walk 0x{areas[0][0]} {pid}",
                 f"walk -p 0x{areas[-1][0]} {pid}")
    return text


def table_of(gdb, pid, va):
    """The frame of the table that maps va for a process: one for all who share it."""
    out = gdb.run(f"walk {va:#x} {pid}")
    return re.search(r"-> table at (\w+)", out).group(1)


def check_frames(m, gdb, pid, text):
    """frame PA names this process and address for each of its pages, and counts as
    many references as there are tables that name it."""
    for va, _, pa, *_ in [r for r in truth.rows(text) if r[0] < KERNBASE]:
        out = gdb.run(f"frame {pa:#x}")
        assert re.search(rf"mapped at {va:08x} by \w+\[{pid}\]", out), out
        users = [(int(x, 16), n) for x, n in
                 re.findall(r"mapped at ([0-9a-f]{8}) by \w+\[(\d+)\]", out)]
        mapped = len({table_of(gdb, n, x) for x, n in users if x < KERNBASE})
        cached = "in the file cache" in out
        refs = int(re.search(r": (\d+) reference", out).group(1))
        assert refs >= mapped and (cached or refs == mapped), out
    m.ways.agree(f"frame {pa:#x}")


@pytest.mark.parametrize("mem", [32, 2048])
def test_three_states_of_a_process(session, mem):
    """Catches a view of a process that is wrong in one of three states: it has just
    forked (copy-on-write), it sleeps while another process's CR3 is loaded, it is a
    zombie."""
    m, gdb = session(mem=mem, cpus=1)
    gdb.go("console_read")
    m.send("echo a b\n")
    gdb.run("delete")
    child = check_forked(m, gdb)
    # The child runs, in its own directory.
    gdb.run("tbreak forkret")
    gdb.run("continue")
    check_space(m, gdb)
    check_process(m, gdb, child)
    # The first write after the fork: the page stops being shared.
    gdb.run("ptdiff")
    gdb.run("tbreak proc_exit")
    gdb.run("continue")
    check_process(m, gdb, child)
    check_zombie(m, gdb, child)


def check_forked(m, gdb):
    """The views when the shell has forked, and CR3 is still the parent's: the child
    shares all its pages, read-only. Returns the child's pid."""
    gdb.run("tbreak thread_ready")
    gdb.run("continue")
    parent = int(re.search(r"^\*\s*(\d+) ", gdb.run("ps"), re.M).group(1))
    child = max(int(n) for n in re.findall(r"^.\s*(\d+) +\d+ new", gdb.run("ps"),
                                           re.M))
    for pid in (parent, child):
        text = check_process(m, gdb, pid)
        assert "shared by 2 directories, copied at the first write" in text
        check_frames(m, gdb, pid, text)
    check_edit(m, gdb, child, truth.rows(text)[0][0])
    check_space(m, gdb)
    return child


def check_zombie(m, gdb, child):
    """pt of a process that has ended says that a zombie has no directory."""
    gdb.run("tbreak thread_reap")
    gdb.run("continue")
    assert "zombie" in gdb.run(f"pt {child}") or "no process" in gdb.run(f"pt {child}")
    said = ptviewer.run("--qmp", m.ways.monitor, "pt", str(child), fails=True)
    assert "zombie" in said or "no process" in said
    check_space(m, gdb)


def check_edit(m, gdb, pid, va):
    """walk -p VA PID: the address of that PTE is right, and is translated by the CR3
    now loaded, another process's."""
    text = gdb.run(f"walk -p {va:#x} {pid}")
    pa, value = re.search(r"is at pa (\w{8}) = (\w{8})", text).groups()
    at = int(re.search(r"= (\w{8}),$", text, re.M).group(1), 16)
    assert at == KERNBASE + int(pa, 16)
    assert m.words(int(pa, 16), 1) == [int(value, 16)]
    assert gdb.value(f"*(unsigned *){at:#x}") == int(value, 16)
    cr3 = int(re.search(r"^  CR3   (\w{8})", text, re.M).group(1), 16)
    assert cr3 == gdb.value("$cr3") & ~0xFFF
    truth.same_walk(m, gdb, at)


def test_page_fault_and_backtrace(session):
    """Catches a `walk` that does not find CR2 and the error code after a page fault,
    and a backtrace that ends in the assembler of the entry or calls the program's
    frames corrupt."""
    m, gdb = session(mem=64, cpus=1)
    gdb.go("page_fault")
    va = gdb.value("$cr2")
    text = gdb.run("walk")
    assert f"CR2 {va:#x}" in text
    assert re.search(r"=> error code 0x[46] \(not present", text), text
    bt = gdb.run("bt")
    assert re.search(r"page_fault.*\n.* in trap .*\n.* in alltraps .*\n#3 +"
                     rf"0x{gdb.value('tf->eip'):08x} in ", bt), bt
    assert "stopped" not in bt, "the chain of the program's frames is broken"
    # An interrupt that came while the kernel ran: the C code below it is shown. The
    # first ticks may find a program running.
    gdb.run("delete")
    below = r"alltraps.*\n(#\d+ .* in \?\?.*\n)?#\d+ .* in [a-z]\w+ \("
    for _ in range(50):
        gdb.go("sched_tick")
        bt = gdb.run("bt")
        if re.search(below, bt):
            break
    assert re.search(below, bt), bt
    del m


def test_mappages_arguments(session):
    """Catches an address of the kernel that GDB names by its distance from _start, a
    symbol 2 GB away."""
    _, gdb = session(mem=32, cpus=1)
    gdb.go("mappages if va == (void *)0x80100000")
    said = gdb.run("frame")
    assert "va=0x80100000" in said and "_start" not in said, said


def rest_of_function(gdb):
    """The source from the line where GDB stands to the end of its function."""
    name, line = re.search(r" at (\S+):(\d+)", gdb.run("frame")).groups()
    with open(os.path.join(ROOT, name), encoding="utf-8") as f:
        return "".join(f.readlines()[int(line) - 1:]).split("\n}", 1)[0]


def test_locals_of_kalloc(session):
    """Catches a kalloc in which GDB says "<optimized out>" without a reason, or that
    loses a variable between its first value and its last use."""
    _, gdb = session(mem=32, cpus=1)
    gdb.go("userinit")
    gdb.go("kalloc")
    seen = set()
    for _ in range(30):
        said = gdb.run("info locals")
        have = dict(re.findall(r"^(va) = (.*)$", said, re.M))
        if not have:
            break
        rest = rest_of_function(gdb)
        for name, value in have.items():
            if value.startswith("0x"):
                seen.add(name)
                continue
            assert "no value on this line: it has none yet" in value
            used = re.search(rf"\b{name}\b", rest)
            assert name not in seen or not used, f"{name} was lost\n{said}{rest}"
        gdb.run("next")
    assert seen == {"va"}, seen


def test_walk_says_why(session):
    """Catches a wrong verdict about an access: the kernel's text is not writable, the
    kernel is not the user's, nothing is at 0."""
    _, gdb = session(mem=32, cpus=1)
    gdb.go("userinit")
    text = gdb.run("walk main")
    assert "=> kernel r:" in text
    assert "a write faults: the PTE lacks W, error code 0x3" in text
    assert "a user's access faults: the PDE lacks U, error code 0x5" in text
    assert "the PDE is not present" in gdb.run("walk 0")
    assert "no process 99" in gdb.run("pt 99")
    assert "copy" in gdb.run("help cr3")


# A command, and what it says where it has nothing to show.
SAYS = [("pt -d", "usage"), ("pt -x", "usage"), ("walk -x 1", "usage"),
        ("walk 1 2 3", "usage"), ("pt 99999", "no process"), ("pt -1", "no process"),
        ("walk main main", "multiple of 0x1000"), ("walk 0x123456789", "32 bits"),
        ("pt -d 0x70000000", "no RAM"), ("pt nonsense", "No symbol"),
        ("frame 100", "No frame at level 100"), ("ptdiff sometimes", "on | off"),
        ("frame 0xfee00000", "above RAM"), ("frame main", "the kernel image"),
        ("frame kpgdir", "the directory of kpgdir(?s:.*)by kpgdir: kernel rw"),
        ("walk PTWINDOW", "the PDE is not present"),
        ("areas", "no process's directory"), ("areas 99", "no process 99")]


def test_wrong_arguments(session):
    """Catches a view that shows any bytes as page tables, cuts an address off, or
    answers a wrong argument with a Python traceback."""
    _, gdb = session(mem=32, cpus=1)
    for command, words in (("pt -d kpgdir", "paging is off"),
                           ("kmap entrypgdir", "not in memory yet"),
                           ("walk -p main", "no directory is loaded")):
        assert words in gdb.run(command), command
    gdb.go("*((unsigned)&entry - 0x80000000)")
    assert "4 MB page" in gdb.run("walk main entrypgdir"), "CR4.PSE comes with paging"
    gdb.go("userinit")
    for command, words in SAYS:
        out = gdb.run(command)
        assert re.search(words, out) and len(out) < 400, (command, out)


def test_ps_counts_tables(session):
    """Catches a count of table pages that is not what the directories hold."""
    m, gdb = session(mem=64, cpus=1)
    gdb.go("console_read")
    out = gdb.run("ps")
    kernel, processes = re.search(r"kernel (\d+) .*, processes (\d+) ", out).groups()
    own = 0
    for pa, tables in re.findall(r"([0-9a-f]{8}) +\d+ +(\d+) +\d+ KB", out):
        present = sum(e & 1 for e in m.words(int(pa, 16), 512))
        assert present == int(tables), out
        own += 1 + present
    assert own == int(processes) > 0
    kpgdir = gdb.value("kpgdir") - KERNBASE
    assert int(kernel) == 1 + sum(e & 1 for e in m.words(kpgdir, 1024))
