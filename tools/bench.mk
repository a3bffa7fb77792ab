# Counting what operations cost: included by the Makefile.
#
# ROW='getpid dup' chooses rows, BASE=REV compares with a revision, BENCHFLAGS are
# options of tools/bench/bench.
ROW ?=
BASE ?=
BENCHFLAGS ?=
BENCHPYTHON := $(or $(call first,python3),python3)
needbench = $(needqemu)$(call need,$(BENCHPYTHON),python3)

.PHONY: bench
bench: all
	@$(needbench)QEMU='$(QEMU)' $(BENCHPYTHON) tools/bench/bench --build '$(B)' \
		--fs '$(FSIMG)' $(if $(BASE),--base '$(BASE)') $(BENCHFLAGS) $(ROW)
