"""The proofs of tools/prove do not hold for a wrong kernel.

Each mistake is one that students make. It is put into a copy of the sources; the
named theorem must be refuted, with a counterexample that says what the processor
would do. A mistake whose text is no longer found fails the test: mend the table.
"""
import os
import re
import shutil
import subprocess

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
SOURCES = ["vm.c", "vm.h", "mmu.h", "memlayout.h", "kalloc.h", "entry.S",
           "entrypgdir.c", "abi", "lib", "kern", "mm"]

# (what the student did, file, pattern, what stands there instead, theorem)
MISTAKES = [
    ("a virtual address in the directory", "vm.c",
     r"V2P\(table\)", "(uint)table", "walkpgdir"),
    ("the new table is not zeroed", "vm.c",
     r"kalloc_zero\(\) : NULL", "kalloc() : NULL", "walkpgdir"),
    ("the directory's entry lacks W", "vm.c",
     r"V2P\(table\) \| PTE_P \| PTE_W", "V2P(table) | PTE_P", "walkpgdir"),
    ("kernel tables have U: the window shows them", "vm.c",
     r"\(vaddr_t\)va < KERNBASE \? PTE_U : 0", "PTE_U", "walkpgdir"),
    ("the directory's entry lacks U", "vm.c",
     r"\(vaddr_t\)va < KERNBASE \? PTE_U : 0", "0", "walkpgdir"),
    ("the entry's flags leak into the address", "vm.c",
     r"P2V\(PTE_ADDR\(\*pde\)\)", "P2V(*pde)", "walkpgdir"),
    ("a physical address is followed", "vm.c",
     r"P2V\(PTE_ADDR\(\*pde\)\)", "(pte_t *)PTE_ADDR(*pde)", "walkpgdir"),
    ("the directory's index taken for the table's", "vm.c",
     r"&table\[PTX\(va\)\]", "&table[PDX(va)]", "walkpgdir"),
    ("the table's index taken for the directory's", "vm.c",
     r"&pgdir\[PDX\(va\)\]", "&pgdir[PTX(va)]", "walkpgdir"),
    ("a table is made although none was asked for", "vm.c",
     r"alloc \? kalloc_zero\(\) : NULL", "kalloc_zero()", "walkpgdir"),
    ("the entry is not present", "vm.c",
     r"pa \| perm \| PTE_P", "pa | perm", "mappages-step"),
    ("every page is mapped to the same frame", "vm.c",
     r"pa \+= PGSIZE", "pa += 0", "mappages-step"),
    ("an unaligned range loses its last page", "vm.c",
     r"PGROUNDUP\(PGOFFSET\(\(vaddr_t\)va\) \+ size\)", "PGROUNDUP(size)",
     "mappages-step"),
    ("the last page is left out", "vm.c", r"n > 0", "n > 1", "mappages"),
    ("the permission is ignored", "vm.c",
     r"pa \| perm \| PTE_P", "pa | PTE_W | PTE_P", "mappages-step"),
    ("nobody looks whether memory is out", "vm.c",
     r"if \(!pte\)\s*return -ENOMEM;", "", "mappages"),
    ("the kernel's text is writable", "vm.c",
     r"(\"kernel text\"[^}]*)PTE_G", r"\1PTE_W | PTE_G", "kvmalloc"),
    ("a row's size is taken for its end", "vm.c",
     r"k->end - k->pa", "k->end", "kvmalloc"),
    ("devices are mapped to RAM", "vm.c",
     r"\(void \*\)DEVSPACE, DEVSPACE", "(void *)DEVSPACE, EXTMEM", "kvmalloc"),
    ("programs can write their own tables", "vm.c",
     r"V2P\(pgdir\) \| PTE_P \| PTE_U", "V2P(pgdir) | PTE_P | PTE_U | PTE_W",
     "pgdir_new"),
    ("the window shows the kernel's directory", "vm.c",
     r"V2P\(pgdir\) \| PTE_P \| PTE_U", "V2P(kpgdir) | PTE_P | PTE_U", "pgdir_new"),
    ("a new directory's user half is not emptied", "vm.c",
     r"memset\(pgdir, 0,[^;]*;", "", "pgdir_new"),
    ("4 MB pages are not switched on", "entry.S",
     r"orl\s+\$CR4_PSE", "orl\t$0", "entry"),
    ("CR3 gets a virtual address", "entry.S",
     r"\$V2P_WO\(entrypgdir\)", "$entrypgdir", "entry"),
    ("read-only does not hold for the kernel", "entry.S",
     r"CR0_PG \| CR0_WP", "CR0_PG", "entry"),
    ("the low mapping is missing", "entrypgdir.c",
     r"\[0\] = [^,]*,", "", "entry"),
    ("the fault table asks the file for a page behind its end", "mm/fault_case.c",
     r"object && v->past_end", "false && v->past_end",
     "fault_case"),
    ("a write to a read-only area is permitted", "mm/fault_case.c",
     r"\? v->writable : v->readable", "? v->readable : v->readable", "fault_case"),
    ("copy-on-write in a shared area", "mm/fault_case.c",
     r"if \(v->shared\)\s*return DO_SHARE;", "", "fault_case"),
]


def prove(*theorems, root=ROOT, timeout=600):
    """(exit status, output) of tools/prove."""
    done = subprocess.run([os.path.join(ROOT, "tools/prove/prove"), *theorems],
                          env=dict(os.environ, CR3_ROOT=str(root)), text=True,
                          capture_output=True, timeout=timeout, check=False)
    return done.returncode, done.stdout + done.stderr


def copy_sources(to):
    """A tree with only what the proofs read."""
    for name in SOURCES:
        source = os.path.join(ROOT, name)
        if os.path.isdir(source):
            shutil.copytree(source, to / name,
                            ignore=shutil.ignore_patterns("*.S", "*.o"))
        else:
            shutil.copy(source, to / name)


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda m: m[0].replace(" ", "-"))
def test_mistake_is_refuted(mistake, tmp_path):
    """Catches a proof that would also hold for a wrong kernel."""
    _, name, pattern, instead, theorem = mistake
    copy_sources(tmp_path)
    text = (tmp_path / name).read_text()
    broken, count = re.subn(pattern, instead, text)
    assert count, f"{pattern} is no longer in {name}"
    (tmp_path / name).write_text(broken)
    status, output = prove("--pages", "2", theorem, root=tmp_path)
    assert status == 1 and "refuted" in output, output
    assert "called with" in output or "CR3" in output, output


def test_what_it_cannot_read_is_said(tmp_path):
    """Catches a prover that takes C it does not know for proved."""
    copy_sources(tmp_path)
    text = (tmp_path / "vm.c").read_text()
    text = text.replace("return &table[PTX(va)];", "goto out;\nout:\n\treturn table;")
    (tmp_path / "vm.c").write_text(text)
    status, output = prove("walkpgdir", root=tmp_path)
    assert status == 2 and "not decided" in output, output
