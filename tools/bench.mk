# Counting what operations cost: included by the Makefile.
#
# ROW='getpid dup' chooses rows, BASE=REV compares with a revision, BENCHFLAGS are
# options of tools/bench/bench.
ROW ?=
BASE ?=
BENCHFLAGS ?=
BENCHPYTHON := $(or $(call first,python3),python3)
needbench = $(needqemu)$(call need,$(BENCHPYTHON),python3)

.PHONY: bench benchchart benchgrowth benchguest
bench: built
	@$(needbench)QEMU='$(QEMU)' $(BENCHPYTHON) tools/bench/bench --build '$(B)' \
		$(if $(BASE),--base '$(BASE)') $(BENCHFLAGS) $(ROW:%='%')
	@$(if $(ROW)$(BASE)$(BENCHFLAGS)$(filter 0,$(HV)),,QEMU='$(QEMU)' $(BENCHPYTHON) \
		tools/bench/bench --build '$(B)' --guest)

# cr3 in cr3: what operations cost there, and the exits that they make.
benchguest: built
	@$(needbench)QEMU='$(QEMU)' $(BENCHPYTHON) tools/bench/bench --build '$(B)' --guest

# The picture that docs/performance.md shows, drawn anew.
benchchart: built
	@$(needbench)QEMU='$(QEMU)' $(BENCHPYTHON) tools/bench/bench --build '$(B)' --json \
		>$(B)/bench.json
	@$(BENCHPYTHON) -B tools/bench/chart.py $(B)/bench.json docs/pictures/bench.svg

# How the costs grow, on a disk that holds 10,000 files and a file of 100 MB.
$(B)/bench.img: $(B)/mkfs $(FRESH) $(FSFILES)
	$(Q)$(call say,MKFS); $(B)/mkfs -s 256M $@ $(FSFILES)
benchgrowth: built $(B)/bench.img $(B)/profile.so
	@$(needbench)QEMU='$(QEMU)' NM='$(NM)' ADDR2LINE='$(ADDR2LINE)' \
		$(BENCHPYTHON) tools/bench/bench --build '$(B)' --growth $(BENCHFLAGS)

# Where the instructions of ROW go; FUNCTION=name: the lines of that function.
FUNCTION ?=
PROFILEFLAGS ?=
PLUGIN := tools/bench/profile.c tools/bench/names.c
$(B)/profile.so: $(PLUGIN) $(wildcard tools/bench/*.h) memlayout.h $(B)/flags
	$(Q)$(call say,HOSTCC); $(HOSTCC) $(HFLAGS) -shared -fPIC -o $@ $(PLUGIN)
.PHONY: profile
profile: built $(B)/profile.so
	@$(needbench)QEMU='$(QEMU)' NM='$(NM)' ADDR2LINE='$(ADDR2LINE)' \
		$(BENCHPYTHON) tools/bench/profile --build '$(B)' \
		--folded '$(B)/profile.folded' $(if $(FUNCTION),--function '$(FUNCTION)') \
		$(PROFILEFLAGS) $(or $(ROW:%='%'),$(error cr3: name a row: make profile ROW=getpid))
