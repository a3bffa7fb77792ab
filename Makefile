# cr3: `make help` lists what there is to make.
#
# Everything is built under build/. Objects land in build/DIR/NAME.o, in the
# order of this file: tools, flags, sources, kernel, boot block, programs, images,
# running, testing.

B := build

# ---- Tools ---------------------------------------------------------------------
# i686-elf- is preferred, then Debian's cross compiler, then the host's own gcc.
TOOLPREFIX ?= $(shell for p in i686-elf- i686-linux-gnu-; do \
	command -v $${p}gcc >/dev/null 2>&1 && { echo $$p; break; }; done)
ifeq ($(origin CC),default)
CC := $(TOOLPREFIX)gcc
endif
ifneq (,$(findstring clang,$(CC)))
LD := $(firstword $(shell command -v ld.lld ld.lld-14 2>/dev/null) ld.lld)
TARGET := --target=i386-elf
OBJCOPY ?= objcopy
OBJDUMP ?= objdump
NM ?= nm
else
LD := $(TOOLPREFIX)ld
TARGET :=
endif
OBJCOPY := $(TOOLPREFIX)objcopy
OBJDUMP := $(TOOLPREFIX)objdump
NM := $(TOOLPREFIX)nm
HOSTCC ?= cc
PERL ?= perl
PYTHON ?= $(shell for p in /usr/bin/python3 python3; do \
	$$p -c 'import pytest, pexpect' 2>/dev/null && { echo $$p; break; }; done)
QEMU ?= $(firstword $(shell command -v qemu-system-i386 qemu-system-x86_64 2>/dev/null) qemu-system-i386)

# ---- Flags ---------------------------------------------------------------------
WARN := -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes -Wno-unused-parameter
ifeq ($(WERROR),1)
WARN += -Werror
endif
COMMON := $(TARGET) -m32 -march=i586 -std=gnu11 -ffreestanding -fno-builtin \
	-fno-pic -fno-pie -fno-stack-protector -fno-strict-aliasing -fno-common \
	-fno-omit-frame-pointer -fno-asynchronous-unwind-tables \
	-fcf-protection=none -mno-80387 -mno-mmx -mno-sse -g -I. $(WARN)
KFLAGS := $(COMMON) -O2 -DKERNEL
ifeq ($(DEBUG),1)
KFLAGS += -DDEBUG
endif
# The spine is stepped through line by line: no inlining, nothing reordered.
SPINEFLAGS := -Og -fno-inline
UFLAGS := $(COMMON) -O2 -Iuser
LDFLAGS := -m elf_i386 -nostdlib -z noexecstack

# ---- Sources -------------------------------------------------------------------
SPINE := entry.S entrypgdir.c main.c kalloc.c vm.c proc.c trap.c
FLOORS := $(wildcard lib/*.c x86/*.c kern/*.c dev/*.c fs/*.c mm/*.c sys/*.c)
FLOORS_S := $(filter-out x86/apboot.S,$(wildcard x86/*.S kern/*.S mm/*.S))
PROGRAMS := $(patsubst user/%.c,%,$(wildcard user/*.c))
ULIB := $(wildcard user/lib/*.c user/lib/*.S) $(wildcard lib/*.c)

KOBJ := $(patsubst %,$(B)/%.o,$(basename $(SPINE) $(FLOORS_S) $(FLOORS))) \
	$(B)/x86/vectors.o $(B)/x86/apboot.o
SPINEOBJ := $(patsubst %.c,$(B)/%.o,$(filter %.c,$(SPINE)))

.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all
all: $(B)/cr3.img $(B)/fs.img $(B)/kernel $(B)/kernel.asm $(B)/kernel.sym

# ---- The kernel ----------------------------------------------------------------
$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(KFLAGS) $(if $(filter $@,$(SPINEOBJ)),$(SPINEFLAGS)) -MMD -MP -c -o $@ $<

$(B)/%.o: %.S
	@mkdir -p $(@D)
	$(CC) $(KFLAGS) -MMD -MP -c -o $@ $<

$(B)/x86/vectors.S: x86/vectors.pl
	@mkdir -p $(@D)
	$(PERL) $< > $@

$(B)/x86/vectors.o: $(B)/x86/vectors.S
	$(CC) $(KFLAGS) -c -o $@ $<

# Linked twice: the second time with the table of its own symbols that panic's
# backtrace prints (it lies behind the text, so that the text does not move).
$(B)/kernel: $(KOBJ) kernel.ld tools/ksyms.pl
	$(LD) $(LDFLAGS) -T kernel.ld -o $@.1 $(KOBJ)
	$(NM) -n $@.1 | $(PERL) tools/ksyms.pl > $@.syms.S
	$(CC) $(KFLAGS) -c -o $@.syms.o $@.syms.S
	$(LD) $(LDFLAGS) -T kernel.ld -o $@ $(KOBJ) $@.syms.o
	@rm -f $@.1

$(B)/kernel.asm: $(B)/kernel
	$(OBJDUMP) -S $< > $@
$(B)/kernel.sym: $(B)/kernel
	$(NM) -n $< > $@

# ---- The boot disk -------------------------------------------------------------
$(B)/bootasm.o $(B)/bootmain.o: KFLAGS := $(filter-out -O2,$(COMMON)) -Os
$(B)/boot.elf: $(B)/bootasm.o $(B)/bootmain.o boot.ld
	$(LD) $(LDFLAGS) -T boot.ld -o $@ $(B)/bootasm.o $(B)/bootmain.o
	$(OBJDUMP) -S $@ > $(B)/boot.asm
$(B)/boot.bin: $(B)/boot.elf
	$(OBJCOPY) -O binary $< $@
# A multiple of 4 MB, so that any BIOS finds a geometry for it.
$(B)/cr3.img: $(B)/boot.bin $(B)/kernel
	cat $(B)/boot.bin $(B)/kernel > $@
	truncate -s %4M $@

# ---- Programs ------------------------------------------------------------------
$(B)/user/%.o: user/%.c
	@mkdir -p $(@D)
	$(CC) $(UFLAGS) -MMD -MP -c -o $@ $<
$(B)/user/%.o: user/%.S
	@mkdir -p $(@D)
	$(CC) $(UFLAGS) -MMD -MP -c -o $@ $<
$(B)/tests/user/%.o: tests/user/%.c
	@mkdir -p $(@D)
	$(CC) $(UFLAGS) -MMD -MP -c -o $@ $<
$(B)/ulib/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(UFLAGS) -MMD -MP -c -o $@ $<
$(B)/ulib/%.o: %.S
	@mkdir -p $(@D)
	$(CC) $(UFLAGS) -MMD -MP -c -o $@ $<
ULIBOBJ := $(patsubst %,$(B)/ulib/%.o,$(basename $(ULIB)))
UTESTOBJ := $(patsubst %.c,$(B)/%.o,$(wildcard tests/user/*.c))
$(B)/ulib.a: $(ULIBOBJ)
	rm -f $@
	$(TOOLPREFIX)ar rcs $@ $^
$(B)/user/usertests: $(UTESTOBJ)
$(B)/user/%: $(B)/user/%.o $(B)/ulib.a user/user.ld
	$(LD) $(LDFLAGS) -T user/user.ld -o $@ $(filter %.o,$^) $(B)/ulib.a
	$(OBJDUMP) -S $@ > $@.asm

# ---- The file-system image -----------------------------------------------------
FSIMG ?= $(B)/fs.img
EXTRA ?=
FSSIZE ?= 32M
$(B)/mkfs: mkfs.c fs/layout.h
	@mkdir -p $(@D)
	$(HOSTCC) -std=gnu11 -O2 -g $(WARN) -I. -o $@ mkfs.c
UPROGS := $(patsubst %,$(B)/user/%,$(PROGRAMS))
$(B)/fs.img: $(B)/mkfs README $(UPROGS) $(EXTRA)
	$(B)/mkfs -s $(FSSIZE) $@ README $(UPROGS) $(EXTRA)

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# ---- Running -------------------------------------------------------------------
CPUS ?= 2
MEM ?= 224
QEMUOPTS = -smp $(CPUS) -m $(MEM) -no-reboot \
	-drive file=$(B)/cr3.img,index=0,media=disk,format=raw \
	-drive file=$(FSIMG),index=1,media=disk,format=raw $(QEMUEXTRA)
.PHONY: qemu-nox clean
qemu-nox: all
	$(QEMU) -nographic $(QEMUOPTS)

clean:
	rm -rf $(B) compile_commands.json
