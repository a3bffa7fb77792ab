# Running, debugging, testing: included by the Makefile.

# ---- The machine ---------------------------------------------------------------
QEMU ?= $(or $(call first,qemu-system-i386 qemu-system-x86_64),qemu-system-i386)
GDB ?= $(or $(call first,i686-elf-gdb gdb gdb-multiarch),gdb)
# One CPU under the debugger, unless CPUS says otherwise.
GDBCPUS := $(or $(CPUS),1)
CPUSORIGIN := $(origin CPUS)
CPUS ?= 2
# With 224 MB RAM ends at 0x8E000000, as in the lecture's picture.
MEM ?= 224
QEMUEXTRA ?=
SWAP ?=
# SWAP=64M adds a third disk of that size, for the program swapon.
SWAPIMG = $(B)/swap-$(SWAP).img
$(B)/swap-%.img:
	$(Q)mkdir -p $(@D) && truncate -s $* $@
# Each user has a port of his own, as many students may share a machine.
GDBPORT ?= $(shell expr `id -u` % 5000 + 25000)
# Nobody writes to the boot disk, so machines may share it.
qemuopts = -m $(MEM) -nic none \
	-drive file=$(B)/cr3.img,index=0,media=disk,format=raw,file.locking=off \
	-drive file=$(1),index=1,media=disk,format=raw \
	$(if $(SWAP),-drive file=$(SWAPIMG)$(comma)index=2$(comma)media=disk$(comma)format=raw) \
	$(QEMUEXTRA)
comma := ,
QEMUOPTS = $(call qemuopts,$(FSIMG))
# Tours and recordings have a fresh disk, unless FSIMG is given by hand.
TOURIMG = $(if $(filter command% env%,$(origin FSIMG)),$(FSIMG),$(FRESH))
STOPPED = -S -gdb tcp:127.0.0.1:$(GDBPORT)

needqemu = $(call need,$(QEMU),qemu-system-x86)
needgdb = $(call need,$(GDB),gdb)

.PHONY: qemu qemu-nox qemu-gdb qemu-nox-gdb gdb lesson qemu-fault
qemu: all $(if $(SWAP),$(SWAPIMG))
	@$(needqemu)$(alone)B='$(B)' tools/qemu window $(QEMU) -smp $(CPUS) $(QEMUOPTS)
qemu-nox: all $(if $(SWAP),$(SWAPIMG))
	@$(needqemu)$(alone)B='$(B)' tools/qemu nox $(QEMU) -smp $(CPUS) $(QEMUOPTS)
qemu-gdb: all $(if $(SWAP),$(SWAPIMG)) $(B)/gdbinit $(B)/gdbinit.attach
	@$(needqemu)$(alone)echo 'cr3: QEMU waits for `make gdb` in another terminal.'
	@B='$(B)' tools/qemu window $(QEMU) -smp $(GDBCPUS) $(QEMUOPTS) $(STOPPED)
qemu-nox-gdb: all $(if $(SWAP),$(SWAPIMG)) $(B)/gdbinit $(B)/gdbinit.attach
	@$(needqemu)$(alone)echo 'cr3: QEMU waits for `make gdb` in another terminal.'
	@B='$(B)' tools/qemu nox $(QEMU) -smp $(GDBCPUS) $(QEMUOPTS) $(STOPPED)

# -nx and -x: no ~/.gdbinit, and no safe path in it, is needed for this.
gdb: $(B)/kernel $(B)/gdbinit
	$(needgdb)$(GDB) -q -nx -x $(B)/gdbinit
$(B)/gdbport: FORCE
	$(call stamp,$(GDBPORT))
$(B)/gdbinit: tools/gdbinit tools/run.mk $(B)/gdbport
	$(Q)sed 's,@PORT@,$(GDBPORT),; s,@KERNEL@,$(B)/kernel,' $< >$@
# For editors: the same file without its last steps, which an editor does itself.
$(B)/gdbinit.attach: $(B)/gdbinit
	$(Q)sed '/^thbreak/d; /^continue/d; /^echo/d' $< >$@
# The tour. GDB starts a machine of its own, without a window. What the machine prints
# goes to a file. The machine ends when GDB ends.
lesson: built $(B)/gdbinit.lesson
	@$(needqemu)$(needgdb)$(GDB) -q -nx -x $(B)/gdbinit.lesson
$(B)/gdbinit.lesson: $(B)/gdbinit FORCE
	$(Q)RUN='$(QEMU) -smp 1 $(call qemuopts,$(TOURIMG)) -snapshot \
		-no-reboot -display none \
		-serial file:$(B)/lesson.log -S -gdb stdio' $(PERL) -pe \
		's/^target remote .*/target remote | exec $$ENV{RUN}/; \
		s/^(echo|thbreak) .*//; s/^continue/lesson/' $< >$@

# Backwards. qemu-rr records a boot in this terminal, then replays it under GDB. replay
# replays the last recording again; it needs nothing that was built later, and GDB
# reads the kernel that was recorded.
RR := $(B)/rr
.PHONY: qemu-rr replay
qemu-rr: built
	@$(needqemu)$(needgdb)$(PERL) tools/rr record $(RR) $(B)/kernel $(B)/cr3.img \
		$(TOURIMG) $(QEMU) -m $(MEM) $(QEMUEXTRA)
	@$(MAKE) --no-print-directory replay
replay: $(RR)/gdbinit
	@[ -f $(RR)/recording ] || { \
		echo 'cr3: there is no recording: `make qemu-rr` makes one.'; exit 1; }
	@$(needgdb)$(GDB) -q -nx -x $<
$(RR)/gdbinit: $(B)/gdbinit
	$(Q)mkdir -p $(@D) && $(PERL) -pe 's,^file .*,file $(RR)/kernel,; \
		s/^(echo|thbreak|continue).*//; s,^target remote .*,replay $(RR),' $< >$@

# Draws the page tables of the running machine, each second.
PTVIEW ?= --watch=1 grid
.PHONY: ptview
ptview: $(B)/kernel
	@$(call need,python3,python3)tools/ptview --kernel $(B)/kernel $(PTVIEW)

# Runs until a triple fault or a panic, and explains it.
qemu-fault: all $(if $(SWAP),$(SWAPIMG))
	@$(needqemu)$(alone)$(PERL) tools/qemu-fault $(B)/kernel \
		'$(ADDR2LINE)' $(QEMU) -smp $(CPUS) $(QEMUOPTS) -no-reboot

# ---- Tests ---------------------------------------------------------------------
# check runs all parts. CHECKFLAGS goes to pytest, for example -k wc, or --matrix for
# every combination. CPUS chooses the counts of CPUs.
PYTHON ?= $(or $(shell for p in /usr/bin/python3 python3; do \
	$$p -c 'import pytest, pexpect' 2>/dev/null && { echo $$p; break; }; done), \
	no-python3-with-pytest)
CHECKFLAGS ?=
# LUA=DIR, ZLIB=DIR: sources of Lua and zlib, which are then built and tried too.
LUA ?=
ZLIB ?=
# With pytest-xdist tests run side by side: two more than there are CPUs, as some
# tests wait. With JOBS=1 one by one.
JOBS ?= $(shell echo $$(($$(nproc 2>/dev/null || echo 2) + 2)))
parallel = $(shell [ '$(JOBS)' = 1 ] || ! $(PYTHON) -c 'import xdist' 2>/dev/null || \
	echo --numprocesses $(JOBS) --dist loadgroup)
needpython = $(call need,$(PYTHON),python3 python3-pytest python3-pexpect, dev)
pytest = $(needpython)B=$(B) QEMU='$(QEMU)' GDB='$(GDB)' HOSTCC='$(HOSTCC)' \
	ADDR2LINE='$(ADDR2LINE)' NM='$(NM)' PERL='$(PERL)' LUA='$(LUA)' ZLIB='$(ZLIB)' \
	CHECKCPUS='$(if $(filter command% env%,$(CPUSORIGIN)),$(CPUS),$(SOAKCPUS))' \
	$(PYTHON) -m pytest -c tests/pytest.ini $(parallel) $(CHECKFLAGS)

.PHONY: check check-host check-unit check-user check-boot check-compilers \
	check-crash check-class soak
check: built $(B)/kernel.unit $(B)/kernel.debug
	@$(pytest) --ignore=tests/compilers --ignore=tests/prove \
		--ignore=tests/class tests
check-host:
	@$(pytest) tests/host
check-unit: $(B)/kernel.unit
	@$(pytest) tests/unit
check-user: built
	@$(pytest) tests/user
check-boot: built $(B)/kernel.debug
	@$(pytest) tests/boot
check-compilers:
	@$(pytest) tests/compilers
# Grades a class of 200 over ssh, on this machine.
check-class:
	@$(pytest) tests/class
# Kills 30 machines while they write, and replays power cuts from each of them.
check-crash: built
	@$(pytest) tests/boot/test_crash.py --crashes=30
# The long runs: random calls, damaged images, power cuts; and the proofs.
soak: SOAKCPUS := 2 4
soak: built $(B)/kernel.debug
	@$(pytest) --soak --crashes=30 --durations=12 \
		tests/boot/test_fuzz.py tests/boot/test_crash.py \
		tests/boot/test_nomemory.py tests/boot/test_watchdog.py \
		tests/boot/test_guest.py \
		tests/host/test_host.py
	@$(MAKE) --no-print-directory prove

# ---- Proofs --------------------------------------------------------------------
# vm.c against the processor's own walk; then that no mistake passes the proof.
.PHONY: prove
prove:
	@$(needpython)$(PYTHON) tools/prove/prove
	@$(pytest) tests/prove

# ---- Rules of the house --------------------------------------------------------
.PHONY: lint format house
KSOURCES := $(SPINE) $(BOOT) $(FLOORS) x86/apboot.S
lint: $(KOBJ) $(call objects,$(BOOT),) $(B)/kernel
	@$(call need,sparse,sparse, dev)$(call need,clang-format,clang-format, dev)$(needpython)\
	CC='$(CC)' NM='$(NM)' B='$(B)' KFLAGS='$(KFLAGS)' UFLAGS='$(UFLAGS)' \
	HFLAGS='$(HFLAGS)' KOBJ='$(KOBJ)' $(PYTHON) tools/lint
# docs/house.md: the tree, and the graph of includes and symbols.
house: $(KOBJ)
	@$(needpython)NM='$(NM)' B='$(B)' KOBJ='$(KOBJ)' $(PYTHON) tools/lint --house
format:
	@$(call need,clang-format,clang-format, dev)$(needpython)\
	$(PYTHON) tools/format `find . -name "*.[ch]" -not -path "./$(B)/*"`

# ---- Help ----------------------------------------------------------------------
define HELP
make               all of it, under build/: the kernel, the boot disk cr3.img, and
                   fs.img, the disk of your machine, which keeps its files
make qemu          run it in a window, or in the terminal if there is no display
make qemu-nox      run it in the terminal
make qemu-gdb      the same two, stopped before the first instruction: then
make qemu-nox-gdb  `make gdb` in a second terminal connects, stops in kvmalloc
make lesson        a guided tour of the page tables, in gdb
make qemu-rr       record a run, then replay it in gdb, which can go backwards
make replay        the replay alone, of the last recording
make ptview        the page tables of the running machine, drawn again and again;
                   PTVIEW='walk main' or another view of tools/ptview: once
make qemu-fault    run it until a triple fault or a panic, and decode that
make qemu-vm       a machine with SVM, where `vmm kernel fs.img` boots cr3 in cr3
make pgmovie       record the page tables as a film: build/pgmovie.html;
                   make guestmovie: those of cr3 in cr3
make pgpics        the same as SVG: build/pgpics/; make check-web tests both
make web           the kernel live in a web page: build/web/ (docs/live.md);
                   make web-serve opens it to a browser on this machine
make docpics       the same as docs/ show them, drawn anew: docs/pictures/
make check         all tests; parts: check-host check-unit check-user check-boot
make check-compilers  build and run it with every compiler that is installed
make check-class   grade a class of 200 over ssh, on this machine
make soak          random calls, damaged images and power cuts, for long
make check-crash   kill 30 machines while they write; their images must recover
make bench         count the instructions of each operation, beside the goals;
                   ROW='fork open': only these; BASE=REV: before and after
make benchchart    draw docs/pictures/bench.svg anew
make benchguest    cr3 in cr3: what operations cost there, and their exits
make benchgrowth   how the costs grow with memory, files, processes; minutes
make profile ROW=fork  where the instructions of this row go, by function;
                   FUNCTION=name: by line
make fsck          check fs.img
make fsput FILE... copy files into fs.img; TO=DIR: into a directory
make fsget NAME    copy a file out of fs.img; TO=FILE: under another name
make newdisk       make a new fs.img; the old one becomes fs.img.old
make lab L=NAME OUT=DIR  the repository of a student (docs/labs.md)
make labs-check    what labs promise, checked; LABSFLAGS=--short: in a minute
make site          handouts, docs/, slides as a site: build/site/
make prove         prove vm.c against the processor's walk (docs/proof.md)
make print         the spine on numbered sheets: build/cr3.pdf
make handout       page tables on one page: build/handout.pdf
make lecture       set right the lines that docs/lecture.md cites
make transcripts   execute the sessions in docs/ and write down what they print
make lint          the rules of the house
make house         write docs/house.md: each file's purpose, and the graph
make format        let clang-format lay out all C files
make clean         remove what was built, but not fs.img

CPUS=2             CPUs (1 under the debugger)
MEM=224            memory in MB
SWAP=64M           a third disk of that size: `swapon` lets pages leave for it
FSIMG=build/fs.img path of your machine's disk
FSSIZE=32M         size of a new disk
EXTRA='FILE...'    more files for its root directory
EXTRA_SRC='X.c...' more programs for it; COMPAT=xv6-x86: written for xv6
QEMUEXTRA='...'    more options for QEMU
DEBUG=1            poisoned free pages, double-free checks, a watchdog over locks,
                   interrupts and sleeping threads (kern/watchdog.h)
WERROR=1           warnings are errors
CC=clang           another compiler (tools/toolchain makes one)
V=1                show the commands
JOBS=1             run tests one by one, not side by side
CHECKFLAGS='...'   options for pytest: -k NAME, -x, --matrix, --big, --seed=N
endef
export HELP
help:
	@echo "$$HELP"
