# cr3: `make help` lists what there is to make.
#
# The order of this file: the sources, the flags, the rules, the kernel, the boot disk,
# the programs. Everything is built under build/: DIR/NAME.c becomes build/DIR/NAME.o.
#	tools/toolchain.mk	finds the compilers
#	tools/disk.mk		the disks with the programs
#	tools/run.mk		running, debugging, testing, help
#	tools/vm.mk		cr3 in cr3
B := build
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
.PHONY: all built clean help FORCE
all: built

# ---- Sources -------------------------------------------------------------------
SPINE := entry.S entrypgdir.c main.c kalloc.c vm.c proc.c trap.c
FLOORS := $(wildcard lib/*.c x86/*.c kern/*.c dev/*.c fs/*.c mm/*.c file/*.c \
		team/*.c hv/*.c sys/*.c) \
	$(filter-out x86/apboot.S,$(wildcard x86/*.S kern/*.S mm/*.S hv/*.S))
# PTSHARE=0: fork copies page tables instead of sharing them.
PTSHARE ?= 1
ifeq ($(PTSHARE),0)
FLOORS := $(filter-out mm/ptshare.c,$(FLOORS))
endif
# HV=0: a kernel without the hypervisor, as most labs have it.
HV ?= $(if $(wildcard hv/*.c),1,0)
ifeq ($(HV),0)
FLOORS := $(filter-out hv/%,$(FLOORS))
endif
BOOT := bootasm.S bootmain.c
# A program for each user/NAME.c; usertests has the files of tests/user/ too, and
# bench and fuzz those of user/benchrows/ and user/fuzzers/.
PROGRAMS := $(patsubst user/%.c,%,$(wildcard user/*.c))
# Programs have an assert_fail of their own.
ULIB := $(wildcard user/lib/*.c user/lib/*.S) \
	$(filter-out lib/assert.c,$(wildcard lib/*.c))
# The library with the standard names (user/include), for programs from elsewhere.
LIBC := $(wildcard user/libc/*.c user/libc/*.S)
UTESTS := $(wildcard tests/user/*.c)
UBENCH := $(wildcard user/benchrows/*.c)
UFUZZ := $(wildcard user/fuzzers/*.c)
UVMM := $(wildcard user/machine/*.c)
UNITS := $(wildcard tests/unit/*.c)

objects = $(patsubst %,$(B)/$(2)%.o,$(basename $(1)))
KOBJ := $(call objects,$(SPINE) $(FLOORS),) $(B)/x86/vectors.o $(B)/x86/apboot.o
ULIBOBJ := $(call objects,$(ULIB),ulib/)
LIBCOBJ := $(call objects,$(LIBC),libc/)
UTESTOBJ := $(call objects,$(UTESTS),)
UBENCHOBJ := $(call objects,$(UBENCH),)
UFUZZOBJ := $(call objects,$(UFUZZ),)
UVMMOBJ := $(call objects,$(UVMM),)
UPROGS := $(patsubst %,$(B)/user/%,$(PROGRAMS))
# The kernel with the unit tests has DEBUG's checks, so it has objects of its own.
# The same kernel without the tests is kernel.debug.
DEBUGOBJ := $(call objects,$(SPINE) $(FLOORS),unit/) \
	$(B)/unit/x86/vectors.o $(B)/unit/x86/apboot.o
UNITOBJ := $(DEBUGOBJ) $(call objects,$(UNITS),unit/)

include tools/toolchain.mk

# ---- Flags ---------------------------------------------------------------------
WARN := -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes -Wno-unused-parameter
ifeq ($(WERROR),1)
WARN += -Werror
endif
# In i686-elf's <stdint.h> 32 bits are a long, and %x would not print a paddr_t.
INT32 := -U__INT32_TYPE__ -D__INT32_TYPE__=int \
	-U__UINT32_TYPE__ -D__UINT32_TYPE__=unsigned
# Any Pentium can run the code, but its instructions are chosen for later CPUs. The
# stack is aligned to words: SSE, which would want more, is not used.
COMMON := $(TARGET) -m32 -march=i586 -mtune=generic $(ALIGN4) -std=gnu11 \
	-ffreestanding -fno-builtin \
	-fno-pic -fno-pie -fno-stack-protector -fno-strict-aliasing -fno-common \
	-fno-omit-frame-pointer -fno-asynchronous-unwind-tables \
	-fcf-protection=none -mno-80387 -mno-mmx -mno-sse -g -I. $(WARN) $(INT32)
KFLAGS := $(COMMON) -O2 -DKERNEL $(if $(filter 1,$(DEBUG)),-DDEBUG) \
	$(if $(filter 0,$(PTSHARE)),,-DPTSHARE) $(if $(filter 0,$(HV)),,-DHV)
# GDB steps through the spine line by line, so nothing is inlined or reordered there.
# In vm.c GDB shows every variable on every line, also after its last use: only -O0
# allows that.
SPINEFLAGS := -Og -fno-inline
VMFLAGS := -O0
BOOTFLAGS := $(COMMON) -Os
UFLAGS := $(COMMON) -O2 -Iuser -I$(B)/user
PFLAGS := $(UFLAGS) -Wno-missing-prototypes
# Programs from elsewhere, and the library for them: with the FPU, and headers with the
# standard names. Their warnings are their authors'.
LIBCFLAGS := $(filter-out -mno-80387 -Iuser -I$(B)/user,$(UFLAGS)) -Iuser/include
HFLAGS := -std=gnu11 -O2 -g $(WARN) -I.
LDFLAGS := -m elf_i386 -nostdlib -z noexecstack

# ---- Rules ---------------------------------------------------------------------
# V=1 shows the commands, -s nothing.
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(findstring s,$(firstword -$(MAKEFLAGS)))$(filter 1,$(V)),:,echo '  $(1)	$@')
compile = $(Q)$(call say,CC); mkdir -p $(@D) && $(CC) $(1) -MMD -MP -c -o $@ $<

# A stamp is written when its text changes. Its dependents are then made again.
stamp = @mkdir -p $(@D); t='$(1)'; [ "$$t" = "`cat $@ 2>/dev/null`" ] || echo "$$t" >$@
STAMP := $(CC) $(shell $(CC) -dumpversion 2>/dev/null || :) $(LD) $(KFLAGS) \
	$(SPINEFLAGS) $(VMFLAGS) $(BOOTFLAGS) $(PFLAGS) $(LDFLAGS) $(HOSTCC) $(HFLAGS)
$(B)/flags: FORCE
	$(call stamp,$(STAMP))
$(B)/objects: FORCE
	$(call stamp,$(KOBJ) $(UNITOBJ) $(ULIBOBJ) $(LIBCOBJ) $(UTESTOBJ) \
		$(UBENCHOBJ) $(UFUZZOBJ) $(UVMMOBJ))

$(call objects,$(filter %.c,$(SPINE)),): $(B)/%.o: %.c $(B)/flags
	$(call compile,$(KFLAGS) $(SPINEFLAGS) $(if $(filter vm.c,$<),$(VMFLAGS)))
$(call objects,$(filter %.c,$(SPINE)),unit/): $(B)/unit/%.o: %.c $(B)/flags
	$(call compile,$(KFLAGS) -DDEBUG $(SPINEFLAGS) $(if $(filter vm.c,$<),$(VMFLAGS)))
$(call objects,$(filter %.c,$(BOOT)),): $(B)/%.o: %.c $(B)/flags
	$(call compile,$(BOOTFLAGS))
$(call objects,$(filter %.S,$(BOOT)),): $(B)/%.o: %.S $(B)/flags
	$(call compile,$(BOOTFLAGS))
$(B)/unit/%.o: %.c $(B)/flags
	$(call compile,$(KFLAGS) -DDEBUG)
$(B)/unit/%.o: %.S $(B)/flags
	$(call compile,$(KFLAGS) -DDEBUG)
$(B)/ulib/%.o: %.c $(B)/flags
	$(call compile,$(UFLAGS))
$(B)/ulib/%.o: %.S $(B)/flags
	$(call compile,$(UFLAGS))
$(B)/libc/%.o: %.c $(B)/flags
	$(call compile,$(LIBCFLAGS))
$(B)/libc/%.o: %.S $(B)/flags
	$(call compile,$(LIBCFLAGS))
$(B)/user/%.o: user/%.c $(B)/flags
	$(call compile,$(PFLAGS))
$(B)/user/help.o: $(B)/user/help_lines.h
$(B)/user/help_lines.h: tools/helplines.pl $(wildcard user/*.c)
	$(Q)mkdir -p $(@D) && $(PERL) tools/helplines.pl $(wildcard user/*.c) >$@
$(B)/user/man.o: $(B)/user/man_pages.h
$(B)/user/man_pages.h: tools/helplines.pl $(wildcard user/*.c)
	$(Q)mkdir -p $(@D) && $(PERL) tools/helplines.pl -m $(wildcard user/*.c) >$@
$(B)/tests/user/%.o: tests/user/%.c $(B)/flags
	$(call compile,$(UFLAGS))
$(B)/%.o: %.c $(B)/flags
	$(call compile,$(KFLAGS))
$(B)/%.o: %.S $(B)/flags
	$(call compile,$(KFLAGS))

$(B)/x86/vectors.S: x86/vectors.pl
	$(Q)$(call say,PERL); mkdir -p $(@D) && $(PERL) $< >$@
$(B)/x86/vectors.o $(B)/unit/x86/vectors.o: $(B)/x86/vectors.S $(B)/flags
	$(call compile,$(KFLAGS))

compile_commands.json: $(B)/flags $(B)/objects tools/compdb.pl
	$(Q)$(PERL) tools/compdb.pl '$(CURDIR)' '$(CC)' \
		'$(KFLAGS) $(SPINEFLAGS)' $(filter-out vm.c,$(SPINE)) -- \
		'$(KFLAGS) $(SPINEFLAGS) $(VMFLAGS)' vm.c -- \
		'$(KFLAGS)' $(FLOORS) $(UNITS) -- \
		'$(BOOTFLAGS)' $(BOOT) -- \
		'$(UFLAGS)' $(wildcard user/*.c user/lib/* user/benchrows/*.c user/fuzzers/*.c user/machine/*.c) \
		$(UTESTS) -- \
		'$(LIBCFLAGS)' $(filter %.c,$(LIBC)) -- \
		'$(HFLAGS)' mkfs.c >$@

built: $(B)/cr3.img $(B)/kernel.asm $(B)/kernel.sym compile_commands.json

# ---- The kernel ----------------------------------------------------------------
# The kernel is linked twice. The second time it holds the table of its own symbols,
# for panic's backtrace. The table stands behind the text, so the text does not move.
define link
$(Q)$(call say,LD)
$(Q)$(LD) $(LDFLAGS) -T kernel.ld -o $@.tmp $(1)
$(Q)$(NM) -n $@.tmp | $(PERL) tools/ksyms.pl >$@.syms.S
$(Q)$(CC) $(KFLAGS) -c -o $@.syms.o $@.syms.S
$(Q)$(LD) $(LDFLAGS) -T kernel.ld -o $@.tmp $(1) $@.syms.o
$(Q)mv -f $@.tmp $@
endef
$(B)/kernel: $(KOBJ) kernel.ld tools/ksyms.pl $(B)/objects
	$(call link,$(KOBJ))
$(B)/kernel.unit: $(UNITOBJ) kernel.ld tools/ksyms.pl $(B)/objects
	$(call link,$(UNITOBJ))
$(B)/kernel.debug: $(DEBUGOBJ) kernel.ld tools/ksyms.pl $(B)/objects
	$(call link,$(DEBUGOBJ))
$(B)/%.asm: $(B)/%
	$(Q)$(OBJDUMP) -S $< >$@
$(B)/%.sym: $(B)/%
	$(Q)$(NM) -n $< >$@

# ---- The boot disk -------------------------------------------------------------
$(B)/boot: $(call objects,$(BOOT),) boot.ld
	$(Q)$(call say,LD); $(LD) $(LDFLAGS) -T boot.ld -o $@ $(filter %.o,$^)
$(B)/boot.bin: $(B)/boot $(B)/boot.asm $(B)/boot.sym
	$(Q)$(OBJCOPY) -O binary $< $@
# The size is a multiple of 4 MB, so that any BIOS finds a geometry for the disk.
$(B)/cr3.img: $(B)/boot.bin $(B)/kernel
	$(Q)$(call say,IMG); cat $^ >$@.tmp
	$(Q)$(PERL) -e '$$s = -s $$ARGV[0]; $$m = 4 << 20; \
		truncate($$ARGV[0], int(($$s + $$m - 1) / $$m) * $$m) or die' $@.tmp
	$(Q)mv -f $@.tmp $@

# ---- Programs ------------------------------------------------------------------
$(B)/libc.a: $(LIBCOBJ) $(B)/objects
	$(Q)$(call say,AR); rm -f $@; $(AR) rcs $@ $(LIBCOBJ)
$(B)/ulib.a: $(ULIBOBJ) $(B)/objects
	$(Q)$(call say,AR); rm -f $@; $(AR) rcs $@ $(ULIBOBJ)
$(B)/user/usertests: $(UTESTOBJ) $(B)/objects
$(B)/user/bench: $(UBENCHOBJ) $(B)/objects
$(B)/user/fuzz: $(UFUZZOBJ) $(B)/objects
$(B)/user/vmm: $(UVMMOBJ) $(B)/objects
$(UPROGS): $(B)/user/%: $(B)/user/%.o $(B)/ulib.a user/user.ld
	$(Q)$(call say,LD); $(LD) $(LDFLAGS) -T user/user.ld -o $@ \
		$(filter %.o,$^) $(B)/ulib.a
# The image has the programs without debug information; mkfs drops the leading _.
$(B)/user/_%: $(B)/user/%
	$(Q)$(OBJCOPY) --strip-debug $< $@
built: $(addsuffix .asm,$(UPROGS)) $(addsuffix .sym,$(UPROGS))

include tools/disk.mk
include tools/run.mk
include tools/vm.mk
include tools/print.mk
include tools/movie.mk
include tools/web.mk
include tools/bench.mk
include tools/labs.mk
include tools/site.mk

# The user's disk stays: `make newdisk` makes a new one.
clean:
	@[ ! -d $(B) ] || find $(B) -mindepth 1 -maxdepth 1 ! -name 'fs.img*' \
		-exec rm -rf {} +
	@rmdir $(B) 2>/dev/null || [ ! -d $(B) ] || \
		echo 'cr3: $(B)/fs.img, your disk, stays.'
	rm -f compile_commands.json

-include $(shell find $(B) -name '*.d' 2>/dev/null || :)
