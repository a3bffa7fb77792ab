# cr3: `make help` lists what there is to make.
#
# Everything is built under build/: the objects of DIR/NAME.c in build/DIR/NAME.o,
# in the order of this file: tools, flags, sources, kernel, boot disk, programs,
# the file system's image. Running and testing stand in tools/run.mk.

B := build
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
.PHONY: all built clean help FORCE
all: built

# ---- Tools ---------------------------------------------------------------------
# i686-elf-gcc is preferred, then Debian's cross compiler, then the host's own gcc
# with -m32. CC=clang (or clang-14) brings its own linker and tools, if it has them.
have = $(shell command -v $(1) 2>/dev/null || :)
first = $(firstword $(foreach t,$(1),$(if $(call have,$(t)),$(t))))
# need TOOL,PACKAGES: stops with one line that says what to install.
need = $(if $(call have,$(firstword $(1))),,$(error cr3: $(firstword $(1)) is \
missing. Run tools/setup$(3), or install: $(2)))

TOOLPREFIX ?= $(patsubst %gcc,%,$(call first,i686-elf-gcc i686-linux-gnu-gcc))
ifeq ($(origin CC),default)
CC := $(TOOLPREFIX)gcc
endif
ifneq (,$(findstring clang,$(notdir $(CC))))
TARGET := --target=i386-elf
llvm = $(call first,$(shell $(CC) -print-prog-name=$(1)) $(2))
LD := $(or $(call llvm,ld.lld,),ld.lld)
OBJCOPY := $(call llvm,llvm-objcopy,$(TOOLPREFIX)objcopy)
OBJDUMP := $(call llvm,llvm-objdump,$(TOOLPREFIX)objdump)
NM := $(call llvm,llvm-nm,$(TOOLPREFIX)nm)
AR := $(call llvm,llvm-ar,$(TOOLPREFIX)ar)
ADDR2LINE := $(call llvm,llvm-addr2line,$(TOOLPREFIX)addr2line)
else
TARGET :=
LD := $(TOOLPREFIX)ld
OBJCOPY := $(TOOLPREFIX)objcopy
OBJDUMP := $(TOOLPREFIX)objdump
NM := $(TOOLPREFIX)nm
AR := $(TOOLPREFIX)ar
ADDR2LINE := $(TOOLPREFIX)addr2line
endif
HOSTCC ?= cc
PERL ?= perl

ifneq (,$(filter-out clean help,$(or $(MAKECMDGOALS),all)))
ifneq (,$(shell mkdir -p $(B) 2>&1 && [ -w $(B) -a -w . ] || echo no))
$(error cr3: $(CURDIR)/$(B) cannot be made or written to: a read-only tree, or \
another user's? Copy the sources, or change their owner)
endif
$(call need,$(CC),gcc and binutils)
$(call need,$(LD),$(if $(TARGET),lld,binutils))
$(call need,$(PERL),perl)
$(call need,$(HOSTCC),gcc and libc6-dev)
ifeq (,$(TOOLPREFIX))
ifneq (,$(shell echo 'int x;' | $(CC) $(TARGET) -m32 -x c -c -o /dev/null - 2>&1))
$(error cr3: $(CC) cannot compile for i386 (-m32). Run tools/setup, or install: \
gcc-i686-linux-gnu or i686-elf-gcc)
endif
endif
endif

# ---- Flags ---------------------------------------------------------------------
WARN := -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes -Wno-unused-parameter
ifeq ($(WERROR),1)
WARN += -Werror
endif
# i686-elf's <stdint.h> makes 32 bits of long: then %x would not print a paddr_t.
INT32 := -U__INT32_TYPE__ -D__INT32_TYPE__=int \
	-U__UINT32_TYPE__ -D__UINT32_TYPE__=unsigned
COMMON := $(TARGET) -m32 -march=i586 -std=gnu11 -ffreestanding -fno-builtin \
	-fno-pic -fno-pie -fno-stack-protector -fno-strict-aliasing -fno-common \
	-fno-omit-frame-pointer -fno-asynchronous-unwind-tables \
	-fcf-protection=none -mno-80387 -mno-mmx -mno-sse -g -I. $(WARN) $(INT32)
KFLAGS := $(COMMON) -O2 -DKERNEL $(if $(filter 1,$(DEBUG)),-DDEBUG)
# The spine is stepped through line by line: no inlining, nothing reordered. In
# vm.c every variable is to be seen on every line, also after its last use, which
# only -O0 grants.
SPINEFLAGS := -Og -fno-inline
VMFLAGS := -O0
BOOTFLAGS := $(COMMON) -Os
UFLAGS := $(COMMON) -O2 -Iuser -I$(B)/user
PFLAGS := $(UFLAGS) -Wno-missing-prototypes
HFLAGS := -std=gnu11 -O2 -g $(WARN) -I.
LDFLAGS := -m elf_i386 -nostdlib -z noexecstack

# ---- Sources -------------------------------------------------------------------
SPINE := entry.S entrypgdir.c main.c kalloc.c vm.c proc.c trap.c
FLOORS := $(wildcard lib/*.c x86/*.c kern/*.c dev/*.c fs/*.c mm/*.c file/*.c sys/*.c) \
	$(filter-out x86/apboot.S,$(wildcard x86/*.S kern/*.S mm/*.S))
BOOT := bootasm.S bootmain.c
# A program for each user/NAME.c; usertests has the files of tests/user/ too, and
# bench those of user/benchrows/.
PROGRAMS := $(patsubst user/%.c,%,$(wildcard user/*.c))
ULIB := $(wildcard user/lib/*.c user/lib/*.S lib/*.c)
UTESTS := $(wildcard tests/user/*.c)
UBENCH := $(wildcard user/benchrows/*.c)
UNITS := $(wildcard tests/unit/*.c)

objects = $(patsubst %,$(B)/$(2)%.o,$(basename $(1)))
KOBJ := $(call objects,$(SPINE) $(FLOORS),) $(B)/x86/vectors.o $(B)/x86/apboot.o
ULIBOBJ := $(call objects,$(ULIB),ulib/)
UTESTOBJ := $(call objects,$(UTESTS),)
UBENCHOBJ := $(call objects,$(UBENCH),)
UPROGS := $(patsubst %,$(B)/user/%,$(PROGRAMS))
# The kernel with the unit tests in it, and DEBUG's checks, is built aside.
UNITOBJ := $(call objects,$(SPINE) $(FLOORS) $(UNITS),unit/) \
	$(B)/unit/x86/vectors.o $(B)/unit/x86/apboot.o

built: $(B)/cr3.img $(B)/kernel.asm $(B)/kernel.sym compile_commands.json

# ---- Rules ---------------------------------------------------------------------
# V=1 shows the commands, -s nothing.
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(findstring s,$(firstword -$(MAKEFLAGS)))$(filter 1,$(V)),:,echo '  $(1)	$@')
compile = $(Q)$(call say,CC); mkdir -p $(@D) && $(CC) $(1) -MMD -MP -c -o $@ $<

# A stamp is written when its text changes; what depends on it is then made anew.
stamp = @mkdir -p $(@D); t='$(1)'; [ "$$t" = "`cat $@ 2>/dev/null`" ] || echo "$$t" >$@
STAMP := $(CC) $(shell $(CC) -dumpversion 2>/dev/null || :) $(LD) $(KFLAGS) \
	$(SPINEFLAGS) $(VMFLAGS) $(BOOTFLAGS) $(PFLAGS) $(LDFLAGS) $(HOSTCC) $(HFLAGS)
$(B)/flags: FORCE
	$(call stamp,$(STAMP))
$(B)/objects: FORCE
	$(call stamp,$(KOBJ) $(UNITOBJ) $(ULIBOBJ) $(UTESTOBJ) $(UBENCHOBJ))

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
$(B)/user/%.o: user/%.c $(B)/flags
	$(call compile,$(PFLAGS))
$(B)/user/help.o: $(B)/user/help_lines.h
$(B)/user/help_lines.h: tools/helplines.pl $(wildcard user/*.c)
	$(Q)mkdir -p $(@D) && $(PERL) tools/helplines.pl $(wildcard user/*.c) >$@
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
		'$(UFLAGS)' $(wildcard user/*.c user/lib/* user/benchrows/*.c) $(UTESTS) -- \
		'$(HFLAGS)' mkfs.c >$@

# ---- The kernel ----------------------------------------------------------------
# Linked twice: the second time with the table of its own symbols that panic's
# backtrace prints (it lies behind the text, so that the text does not move).
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
$(B)/%.asm: $(B)/%
	$(Q)$(OBJDUMP) -S $< >$@
$(B)/%.sym: $(B)/%
	$(Q)$(NM) -n $< >$@

# ---- The boot disk -------------------------------------------------------------
$(B)/boot: $(call objects,$(BOOT),) boot.ld
	$(Q)$(call say,LD); $(LD) $(LDFLAGS) -T boot.ld -o $@ $(filter %.o,$^)
$(B)/boot.bin: $(B)/boot $(B)/boot.asm $(B)/boot.sym
	$(Q)$(OBJCOPY) -O binary $< $@
# A multiple of 4 MB, so that any BIOS finds a geometry for it.
$(B)/cr3.img: $(B)/boot.bin $(B)/kernel
	$(Q)$(call say,IMG); cat $^ >$@.tmp
	$(Q)$(PERL) -e '$$s = -s $$ARGV[0]; $$m = 4 << 20; \
		truncate($$ARGV[0], int(($$s + $$m - 1) / $$m) * $$m) or die' $@.tmp
	$(Q)mv -f $@.tmp $@

# ---- Programs ------------------------------------------------------------------
$(B)/ulib.a: $(ULIBOBJ) $(B)/objects
	$(Q)$(call say,AR); rm -f $@; $(AR) rcs $@ $(ULIBOBJ)
$(B)/user/usertests: $(UTESTOBJ) $(B)/objects
$(B)/user/bench: $(UBENCHOBJ) $(B)/objects
$(UPROGS): $(B)/user/%: $(B)/user/%.o $(B)/ulib.a user/user.ld
	$(Q)$(call say,LD); $(LD) $(LDFLAGS) -T user/user.ld -o $@ \
		$(filter %.o,$^) $(B)/ulib.a
# In the image they stand without debug information; mkfs drops the leading _.
$(B)/user/_%: $(B)/user/%
	$(Q)$(OBJCOPY) --strip-debug $< $@
built: $(addsuffix .asm,$(UPROGS)) $(addsuffix .sym,$(UPROGS))

# ---- Images of file systems ------------------------------------------------------
# Two disks. $(FRESH) is made anew whenever a program changes: tests, tours and
# recordings run on copies of it. $(FSIMG) is the user's own. It is made once and
# keeps its files: a program that is rebuilt is written into it (tools/fsput). mkfs
# and fsput write aside, so that an image is whole or as it was.
FSIMG ?= $(B)/fs.img
FSSIZE ?= 32M
FRESH := $(B)/fresh.img
FSFILES := README $(patsubst %,$(B)/user/_%,$(PROGRAMS))
$(B)/mkfs: mkfs.c $(B)/flags
	$(Q)$(call say,HOSTCC); $(HOSTCC) $(HFLAGS) -MMD -MP -MT $@ -o $@ $<
# The checker and fsput share the recovery of the journal with the kernel.
FSCK := tools/fsck.c tools/fscktree.c fs/replay.c
FSPUT := $(wildcard tools/fsput/*.c) fs/replay.c
built: $(B)/fsck $(B)/fsput
$(B)/fsck: $(FSCK) $(wildcard tools/*.h fs/*.h) $(B)/flags
	$(Q)$(call say,HOSTCC); $(HOSTCC) $(HFLAGS) -o $@ $(FSCK)
$(B)/fsput: $(FSPUT) $(wildcard tools/fsput/*.h fs/*.h) $(B)/flags
	$(Q)$(call say,HOSTCC); $(HOSTCC) $(HFLAGS) -o $@ $(FSPUT)

built: $(FRESH)
$(B)/image: FORCE
	$(call stamp,$(FSFILES))
$(FRESH): $(B)/mkfs $(B)/image $(FSFILES)
	$(Q)$(call say,MKFS); $(B)/mkfs $@ $(FSFILES)

# The stamp tells which programs the user's disk has; the machine changes the time
# of the disk itself.
DISK := $(B)/disk/$(subst /,_,$(FSIMG))
fsput = $(B)/fsput -c $(B)/fsck
$(DISK).extra: FORCE
	$(call stamp,extra files: $(EXTRA))
$(DISK): $(B)/mkfs $(B)/fsput $(B)/fsck $(FSFILES) $(EXTRA) $(DISK).extra \
		$(if $(wildcard $(FSIMG)),,FORCE)
	$(Q)if [ -f '$(FSIMG)' ]; then \
		$(fsput) '$(FSIMG)' $(filter $(FSFILES),$?) $(EXTRA); \
	elif [ ! -e '$(FSIMG)' ]; then \
		$(call say,MKFS) '$(FSIMG)'; \
		$(B)/mkfs -s $(FSSIZE) '$(FSIMG)' $(FSFILES) $(EXTRA); \
	fi && touch $@
all: $(DISK)

# Refuses if a machine runs on the user's disk.
alone = $(B)/fsput -u '$(FSIMG)' || { echo 'cr3: a machine runs on $(FSIMG): power \
it off first, or take another disk: FSIMG=build/other.img'; exit 1; };
.PHONY: fsck newdisk fsput fsget
fsck: $(B)/fsck
	@$(B)/fsck $(FSIMG)
newdisk: built
	@$(alone)[ ! -f '$(FSIMG)' ] || { mv -f '$(FSIMG)' '$(FSIMG).old' && \
		echo 'cr3: the old disk is $(FSIMG).old now.'; }
	@$(MAKE) --no-print-directory $(DISK)
# make fsput FILE... [TO=DIR]; make fsget NAME [TO=FILE]: the words behind the first
# goal are files, not goals.
ifneq (,$(filter fsput fsget,$(firstword $(MAKECMDGOALS))))
WORDS := $(wordlist 2,$(words $(MAKECMDGOALS)),$(MAKECMDGOALS))
.PHONY: $(WORDS)
$(WORDS): ;@:
endif
fsput: $(DISK)
	@$(if $(WORDS),$(fsput) $(if $(TO),-d '$(TO)') '$(FSIMG)' $(WORDS),\
		echo 'usage: make fsput FILE... [TO=DIR]'; exit 2)
fsget: $(DISK)
	@$(if $(WORDS),$(foreach f,$(WORDS),$(B)/fsput -g '$f' $(if $(TO),-o '$(TO)') \
		'$(FSIMG)' &&) true,echo 'usage: make fsget NAME [TO=FILE]'; exit 2)

include tools/run.mk
include tools/print.mk
include tools/movie.mk
include tools/bench.mk

# The user's disk stays: `make newdisk` makes a new one.
clean:
	@[ ! -d $(B) ] || find $(B) -mindepth 1 -maxdepth 1 ! -name 'fs.img*' \
		-exec rm -rf {} +
	@rmdir $(B) 2>/dev/null || [ ! -d $(B) ] || \
		echo 'cr3: $(B)/fs.img, your disk, stays.'
	rm -f compile_commands.json

-include $(shell find $(B) -name '*.d' 2>/dev/null || :)
