"""entrypgdir, and the way from physical to virtual addresses."""
from ptcore import A, D, P, W
from steps import BOOT_STACK, KERNBASE, PSE, WP
from verdict import entry, expect

PS = 0x80
WANT = P | W | PS


def has(steps, index, what):
    """Fails unless an entry of the directory maps the first 4 MB, for the kernel."""
    seen = steps.directory[index]
    expect(seen & P, f"entry {index}: {entry(WANT)}", entry(seen), f"{what} is not mapped",
           "part A")
    expect(seen & PS, f"entry {index} has PS: it is a page of 4 MB, and no table",
           entry(seen), "without PS the processor takes physical page 0 for a table",
           "mmu.h")
    expect(seen & ~0xFFF == 0, f"entry {index} leads to physical address 0",
           entry(seen), "an entry holds a physical address", "part A")
    expect(seen & W, f"entry {index} has W", entry(seen), "the kernel writes to its data",
           "mmu.h")


def test_low(steps):
    """Catches a directory that does not map the code that turns paging on."""
    has(steps, 0, "the address at which the code runs now")


def test_high(steps):
    """Catches a directory that does not map the linked addresses."""
    has(steps, KERNBASE >> 22, "the address for which the kernel is linked")


def test_pse(steps):
    """Catches a PS bit that the processor does not know."""
    state = steps.at_paging()
    expect(state.cr4 & PSE, "CR4.PSE is set when paging begins", f"CR4 {state.cr4:#x}",
           "without PSE the processor ignores PS and walks a table at address 0", "part B")


def test_cr3(steps):
    """Catches a wrong address in CR3, or CR3 that comes after CR0."""
    state, want = steps.at_paging(), steps.names["entrypgdir"] - KERNBASE
    cause = "CR3 holds a physical address: V2P_WO" if state.cr3 == want + KERNBASE else \
        "CR3 must be right before PG is set: the next fetch is translated"
    expect(state.cr3 & ~0xFFF == want, f"CR3 is {want:#x} when paging begins",
           f"{state.cr3:#x}", cause, "part B")


def test_wp(steps):
    """Catches a kernel that may write to read-only pages."""
    state = steps.at_paging()
    expect(state.cr0 & WP, "CR0 has PG and WP", f"CR0 {state.cr0:#x}", "without WP "
           "the kernel writes through read-only entries: its own text, and pages that "
           "processes share", "part B")


def test_jump(steps):
    """Catches a jump that stays at the low address."""
    steps.at_main()


def test_stack(steps):
    """Catches a stack at the low address, and arguments that main does not get."""
    esp, top = steps.at_main().esp, steps.names["stack"] + BOOT_STACK
    expect(top - 64 <= esp < top, f"main's stack is just below {top:#x}", f"ESP {esp:#x}",
           "kvmalloc's directory does not map the low addresses any more" if
           esp < KERNBASE else "the stack grows down from stack + BOOT_STACK", "part C")
    eax, ebx = steps.given
    expect(steps.stack[1:] == (eax, ebx), f"main(magic {eax:#x}, info {ebx:#x})",
           "main({:#x}, {:#x})".format(*steps.stack[1:]), "the last argument is pushed "
           "first; the registers still hold what the loader has put there", "part C")
    expect(steps.ebp == 0 and steps.stack[0] == 0, "%ebp and main's return address are 0",
           f"{steps.ebp:#x}, {steps.stack[0]:#x}", "a backtrace ends where %ebp is 0",
           "part C")


def test_prompt(boot):
    """Catches anything that keeps the machine from running a program."""
    m = boot()
    expect(m.process().dir[KERNBASE >> 22] & ~(A | D) & P, "a process has the kernel's "
           "half", "it has not", "the machine runs on other tables by now")
