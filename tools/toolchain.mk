# The compilers and their tools: included by the Makefile.
#
# The first choice is i686-elf-gcc, the second Debian's cross compiler, the third the
# host's gcc with -m32. With CC=clang (or clang-14) the linker and the tools are
# LLVM's, as far as they are installed.
have = $(shell command -v $(1) 2>/dev/null || :)
first = $(firstword $(foreach t,$(1),$(if $(call have,$(t)),$(t))))
# need TOOL,PACKAGES[, dev]: stops with one line that says what to install. The
# packages are some that tools/setup, or tools/setup dev, installs.
need = $(if $(call have,$(firstword $(1))),,$(error cr3: $(firstword $(1)) is \
missing. Run tools/setup$(3), or install: $(2)))

TOOLPREFIX ?= $(patsubst %gcc,%,$(call first,i686-elf-gcc i686-linux-gnu-gcc))
ifeq ($(origin CC),default)
CC := $(TOOLPREFIX)gcc
endif
ifneq (,$(findstring clang,$(notdir $(CC))))
TARGET := --target=i386-elf
ALIGN4 := -mstack-alignment=4
llvm = $(call first,$(shell $(CC) -print-prog-name=$(1)) $(2))
LD := $(or $(call llvm,ld.lld,),ld.lld)
OBJCOPY := $(call llvm,llvm-objcopy,$(TOOLPREFIX)objcopy)
OBJDUMP := $(call llvm,llvm-objdump,$(TOOLPREFIX)objdump)
NM := $(call llvm,llvm-nm,$(TOOLPREFIX)nm)
AR := $(call llvm,llvm-ar,$(TOOLPREFIX)ar)
ADDR2LINE := $(call llvm,llvm-addr2line,$(TOOLPREFIX)addr2line)
else
TARGET :=
ALIGN4 := -mpreferred-stack-boundary=2
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
ifneq (,$(TARGET))
$(if $(call have,$(LD)),,$(error cr3: $(LD) is missing. Install: lld))
endif
$(call need,$(LD),binutils)
$(call need,$(PERL),perl)
$(call need,$(HOSTCC),gcc and libc6-dev)
ifeq (,$(TOOLPREFIX))
ifneq (,$(shell echo 'int x;' | $(CC) $(TARGET) -m32 -x c -c -o /dev/null - 2>&1))
$(error cr3: $(CC) cannot compile for i386 (-m32). Run tools/setup, or install: \
gcc-i686-linux-gnu or i686-elf-gcc)
endif
endif
endif
