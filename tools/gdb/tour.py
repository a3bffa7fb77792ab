"""The stops of the guided tour: places, texts, views. One source for GDB's `lesson`
(lesson.py) and for the tour of the web page (tools/web). No debugger is needed here.
"""
# where: the place of a breakpoint, with "if" and a condition, or FILE:/TEXT/. then:
# commands that lead from there to the view. show: commands, printed with their output.
STOPS = [
    {"where": "*((unsigned)&entry - 0x80000000)", "title": "entry: no paging yet",
     "text": """The boot loader has put the kernel at 1 MB and jumped to it. Paging is
     off, every address is physical; but the kernel is linked at 0x80100000. entry
     loads CR3 with entrypgdir, a directory of two 4 MB pages that the compiler made. 4 MB
     pages need no second level, so nothing has to be built first.""",
     "show": ["pt", "pt -d entrypgdir"]},
    {"where": "kvmalloc", "title": "kvmalloc: why another page table",
     "text": """The kernel runs high now, through entrypgdir. This directory maps
     only 4 MB of memory, maps them twice, and takes the low addresses that processes
     want. And 4 MB is too large a page for a program of a few dozen kilobytes. So
     kvmalloc makes another directory, with 4 KB pages.""",
     "show": ["pt", "walk main"]},
    {"where": "walkpgdir", "then": ["finish"],
     "title": "walkpgdir: a table where there was none",
     "text": """A flat table of 2^20 entries would take 4 MB, most of it empty. So
     it is cut into tables of 1024 entries, and a directory says which tables exist and
     where they are. mappages asked walkpgdir for the entry of the first page. walkpgdir
     found no table, took a zeroed page for it, and wrote the page's physical address
     into the directory.""",
     "show": ["ptdiff", "pt -d pgdir"]},
    # A row is complete when the next one begins, the last when the stacks' tables do.
    *[{"where": f"mappages if va == kmap[{row + 1}].va" if row < 3 else
                "kstack_tables",
       "title": f"kmap[{row}]: {what}", "text": text, "show": [show]}
      for row, what, text, show in (
          (0, "the low megabyte", """Row 0: the kernel can still reach BIOS and VGA memory,
          at KERNBASE and up. One table was enough: it has room for 1024 pages, and this
          row takes 256 entries of it.""", "kmap"),
          (1, "the kernel's text, read-only", """Row 1 is in the same table. The text is mapped
          without W. entry has set CR0.WP, so not even the kernel can write to its own
          code.""", "kmap"),
          (2, "data and all RAM", """Row 2: all physical memory, from the kernel's data
          to PHYSTOP. So the kernel can reach every page, also page tables, at P2V(pa). A
          page of a process will be mapped twice: once low, for the process, and once
          here.""", "kmap"),
          (3, "devices", """Row 3: the interrupt controllers and other devices.
          Virtual and physical addresses are equal here, and PCD switches the cache
          off.""", "pt -d pgdir"))],
    {"where": "thread_load_cr3", "then": ["finish"], "title": "CR3 is loaded",
     "text": """The directory is complete, and until now the MMU has not used it. Now
     CR3 holds its physical address, and from the next instruction on the MMU translates
     every address with it. The kernel's text has the same addresses as before, or the
     kernel could not go on. But look at the walk: two levels, 4 KB, no W.""",
     "show": ["walk main", "pt"]},
    {"where": "pgdir_new", "then": ["finish"], "title": "the first user directory",
     "text": """A process gets a directory of its own. Its upper half is a copy of
     kpgdir's entries, so all processes share the kernel's tables: a directory costs one
     page instead of kpgdir's 68. One entry is its own: PDE 0x3f7 names the directory
     itself. This is the recursive window, in which the process may read its tables.""",
     "show": ["pt -d $"]},
    {"where": "walkpgdir if (unsigned)pgdir - 0x80000000 != (unsigned)$cr3 && "
              "(unsigned)va < 0x80000000 && alloc",
     "then": ["set $va = va", "set $pgdir = pgdir", "finish"],
     "title": "one directory is edited under another",
     "text": """exec fills the new program's address space before it changes to it: the
     tables edited here belong to a directory that is not in CR3. Who translates the
     kernel's own access to them? The CR3 that is loaded, as for every access: the
     kernel's half maps all RAM, and it is the same in every directory.""",
     "show": ["walk -p $va $pgdir"]},
    {"where": "page_fault", "title": "the first page fault",
     "text": """The program's first instruction: exec has noted which file belongs at
     which address, and mapped nothing. The MMU found no entry, put the address into
     CR2, pushed an error code, and entered the kernel. mm_fault is going to look up the
     area and read the page from the file.""",
     "show": ["walk", "areas", "bt"]},
    {"where": "do_unshare", "then": ["set $va = f->va", "walk $va"],
     "title": "the first copy-on-write",
     "text": """init forks. The child names the tables of its parent, both without W in their
     directories, and has a copy of the stack's table, because both are going to write to
     the stack: fork takes the fault path for them. The area permits the write, so the
     child gets a copy of the page. Then the parent, its last owner, gets W again.""",
     "show": ["walk $va", "pt", "finish", "tbreak do_unshare", "continue", "finish",
              "ptdiff"]},
]
END = """That was the tour. The machine stands here, and you may use every command:
`help cr3` lists the views, and `break mm_fault`, then `continue`, leads to the next page
fault. In this terminal GDB has the keyboard, so you cannot type at cr3's shell. To type
there: `quit`, then `make qemu-nox-gdb` here, and `make gdb` in a second terminal.
docs/page-tables.md goes on from there."""
