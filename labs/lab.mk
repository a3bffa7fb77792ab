# The targets of a lab: included at the end of the student's Makefile.
.PHONY: grade handin bug
HANDIN ?= handin.zip
grade: built
	@QEMU='$(QEMU)' NM='$(NM)' $(PYTHON) tools/grade $(if $(ONLY),--only $(ONLY))
handin:
	@$(PYTHON) tools/grade --handin $(HANDIN)
# The unit tests alone, yours too. They end QEMU with status 1 if all passed.
unit: $(B)/kernel.unit
	@$(QEMU) -m 64 -nographic -no-reboot -device isa-debug-exit,iobase=0xf4,iosize=4 \
		-kernel $< || [ $$? = 1 ]

ifneq ($(wildcard tools/vm.mk),)
define VMHELP

make qemu-vm       with a CPU that can run guests: `vmm kernel fs.img` there
endef
endif

define HELP
make               all of it, under build/
make qemu          run it in a window, or in the terminal (make qemu-nox)
make qemu-nox-gdb  the same, stopped; `make gdb` in a second terminal connects
make qemu-fault    run it until a triple fault or a panic, and decode that
make ptview        the page tables of the running machine, drawn again and again$(VMHELP)
make unit          the tests inside of the kernel, and yours (tests/unit/mine.c)
make grade         the tests that you may see; ONLY='pgtbl.boot': one
make handin        handin.zip: what you hand in
make clean         remove what was built, but not fs.img

CPUS=2 MEM=224     the machine
endef
