# Sheets to print: included by the Makefile.
PDFPYTHON ?= $(or $(shell for p in /usr/bin/python3 python3; do \
	$$p -c 'import reportlab' 2>/dev/null && { echo $$p; break; }; done),python3)
pdf = $(call need,$(PDFPYTHON),python3 python3-reportlab, dev)HOSTCC='$(HOSTCC)' \
	$(PDFPYTHON)

.PHONY: print handout lecture transcripts
print:
	@$(pdf) tools/print $(B)/cr3.pdf
handout: $(B)/kernel.sym
	@$(pdf) tools/handout $(B)/handout.pdf $<
# Corrects the line numbers in docs/.
lecture:
	@$(PDFPYTHON) tools/lecture --update
# Executes the transcripts in docs/ and writes what the machine says today.
transcripts: built
	@$(needpython)B=$(B) QEMU='$(QEMU)' GDB='$(GDB)' $(PYTHON) tests/transcripts.py --update
