"""Mistakes put into the shadow paging of hv/: shadow_test.c must find each one.

A row is (name, file, the text as it is, the text with the mistake).
"""
import os
import shlex
import subprocess

import pytest
from machine import ROOT

FLAGS = ["-std=gnu11", "-O1", "-I.", "-Itests/host", "-DHOST"]

MISTAKES = [
    ("guest-physical used as host-physical", "hv/shadow.c",
     "f->frame | perm,", "f->w.frame | perm,"),
    ("the guest's U ignored", "hv/shadow.c",
     "supervisor_write(f) ? 0 : perm & PTE_U;", "PTE_U;"),
    ("the guest's W ignored", "hv/shadow_case.c",
     "return v->guest_w && (", "return ("),
    ("the directory's U and W ignored", "hv/shadow.c",
     "perm = f->w.entry[0] & (PTE_W | PTE_U);", "perm = PTE_W | PTE_U;"),
    ("A not kept", "hv/guestwalk.c",
     "pte_t leaf = PTE_A |", "pte_t leaf = 0 |"),
    ("D not kept", "hv/guestwalk.c",
     "(access & PF_W ? PTE_D : 0)", "0"),
    ("W before the first write", "hv/shadow_case.c",
     "(v->guest_d || v->write)", "true"),
    ("table left writable", "hv/shadowtab.c",
     "\tif (!f->unsynced)\n\t\tshadow_protect(s, f);\n", ""),
    ("table that maps itself left writable", "hv/shadow.c",
     "\tf->view.table = is_table(frame_of(s, f->w.frame));\n", ""),
    ("table not protected again after CR3", "hv/shadow.c",
     "\tif (f->shadows)\n\t\tshadow_protect(s, f);\n", ""),
    ("shadow kept across CR3", "hv/shadow.c",
     "\t\tsync(s);\n\telse if", "\t\t;\n\telse if"),
    ("translations kept across CR3", "hv/shadow.c",
     "\ts->root = NULL;\n\ts->fresh = true;\n", "\ts->root = NULL;\n"),
    ("invlpg ignored", "hv/shadow.c",
     "\tshadow_clear(s, t, PTX(va));\n", ""),
    ("a 4 MB page forgotten in part", "hv/shadow.c",
     "\tif (t->kind == SHADOW_PRIVATE) {\n\t\tshadow_clear(s, s->root, PDX(va));",
     "\tif (t->kind == SHADOW_PRIVATE) {\n\t\tshadow_clear(s, t, PTX(va));"),
    ("a hidden fault injected", "hv/shadow_case.c",
     "\t\treturn SHADOW_HOST;", "\t\treturn SHADOW_INJECT;"),
    ("the guest's own fault hidden", "hv/shadow_case.c",
     "\tif (!v->allowed)\n\t\treturn SHADOW_INJECT;\n", ""),
    ("a 4 MB page split wrongly", "hv/guestwalk.c",
     "(va & BIG_OFFSET & ~(PGSIZE - 1u))", "0"),
    ("a 4 MB page as a table", "hv/guestwalk.c",
     "w->big = w->entry[0] & PTE_PS && r->cr4 & CR4_PSE;", "w->big = false;"),
    ("shadows leaked", "hv/shadowtab.c",
     "\tif (child->kind == SHADOW_PRIVATE)\n\t\tshadow_free(s, child);\n", ""),
    ("no bound", "hv/shadow.c",
     "v->memory = v->allowed && guest_has(s->mem, f->w.frame, PGSIZE);",
     "v->memory = v->allowed;"),
    ("a host page taken while the shadow keeps it", "hv/shadow.c",
     "\tif (tlb_shadow_stale(s->host))\n\t\tdrop_all(s);\n", ""),
    ("the host's W ignored", "hv/shadow_case.c",
     " && v->host_w && !v->table;", " && !v->table;"),
    ("an entry cleared without a flush", "hv/shadowtab.c",
     "\tt->entry[i] = 0;\n\ts->fresh = true;\n", "\tt->entry[i] = 0;\n"),
    ("W taken without a flush", "hv/shadowtab.c",
     "\t\t*e &= ~PTE_W;\n\t\ts->fresh = true;\n", "\t\t*e &= ~PTE_W;\n"),
    ("CR0.WP clear: user mode may write", "hv/shadow.c",
     "supervisor_write(f) ? 0 : perm & PTE_U;", "perm & PTE_U;"),
    ("a fault without WP taken for one with it", "hv/guestwalk.c",
     " || !(r->cr0 & CR0_WP);", ";"),
    ("a changed directory entry not seen by a new fault", "hv/shadow.c",
     "if (*t && same_entry(s->root->seen[i], f->w.entry[0]))", "if (*t)"),
    ("a table linked as it was", "hv/shadow.c",
     "*t = find_table(s, frame);", "*t = shadow_find(frame, SHADOW_TABLE);"),
    ("a directory's old entry kept by invlpg", "hv/shadow.c",
     "\tif (s->root->frame->unsynced)\n\t\tshadow_clear(s, s->root, PDX(va));\n", ""),
]


@pytest.mark.parametrize("row", MISTAKES, ids=lambda r: r[0].replace(" ", "_"))
def test_is_found(row, tmp_path):
    """Catches a shadow_test.c that would let the mistake pass."""
    name, source, old, new = row
    with open(os.path.join(ROOT, source), encoding="utf-8") as f:
        text = f.read()
    assert text.count(old) == 1, (name, "the text has changed")
    (tmp_path / os.path.dirname(source)).mkdir()
    (tmp_path / source).write_text(text.replace(old, new))
    compiler = shlex.split(os.environ.get("HOSTCC", "cc"))
    program = str(tmp_path / "shadow_test")
    subprocess.run([*compiler, "-I", str(tmp_path), *FLAGS, "-w",
                    "tests/host/shadow_test.c", "-o", program],
                   cwd=ROOT, check=True, timeout=120)
    run = subprocess.run([program, "4000"], stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, timeout=240, check=False)
    assert run.returncode != 0, f"{name}: not found"
