"""Tests that students see after the deadline."""
from ptcore import U
from steps import KERNBASE, PG, WP
from verdict import entry, expect


def test_nothing_else(steps):
    """Catches entries that nobody needs, and rights for user mode."""
    for i, seen in enumerate(steps.directory):
        if i in (0, KERNBASE >> 22):
            expect(seen & 1 and not seen & U, f"entry {i} without U", entry(seen),
                   "no program runs on this directory", "part A")
        else:
            expect(seen == 0, f"entry {i} is 0", entry(seen), "what is mapped can be "
                   "reached by a wild pointer", "part A")


def test_others(boot):
    """Catches a directory that serves the first CPU only."""
    for cpus, mem in (4, 224), (1, 32):
        m = boot(cpus, mem)
        for cpu in range(cpus):
            regs = m.registers(cpu)
            expect(regs["CR0"] & (PG | WP) == PG | WP and regs["EIP"] >= KERNBASE and
                   regs["CR3"] & ~0xFFF != m.names["entrypgdir"] - KERNBASE,
                   f"cpu {cpu} has left entrypgdir, and runs high with PG and WP",
                   "CR0 {CR0:#x}, CR3 {CR3:#x}, EIP {EIP:#x}".format(**regs),
                   "each CPU passes through entrypgdir (x86/apboot.S)", "parts A and B")
