# The disks with the programs: included by the Makefile.
#
# There are two. $(FRESH) is made again whenever a program changes; tests, tours and
# recordings use copies of it. $(FSIMG) is the user's own disk. It is made once and
# keeps its files, because tools/fsput writes each rebuilt program into it. mkfs and
# fsput write to a second file and rename that, so that an error changes no image.
FSIMG ?= $(B)/fs.img
FSSIZE ?= 32M
FRESH := $(B)/fresh.img
FSFILES := README $(patsubst %,$(B)/user/_%,$(PROGRAMS))
$(B)/mkfs: mkfs.c $(B)/flags
	$(Q)$(call say,HOSTCC); $(HOSTCC) $(HFLAGS) -MMD -MP -MT $@ -o $@ $<
# The checker and fsput share the recovery of the journal with the kernel.
FSCK := $(wildcard tools/fsck/*.c) fs/replay.c
FSPUT := $(wildcard tools/fsput/*.c) fs/replay.c
built: $(B)/fsck $(B)/fsput
$(B)/fsck: $(FSCK) $(wildcard tools/fsck/*.h fs/*.h) $(B)/flags
	$(Q)$(call say,HOSTCC); $(HOSTCC) $(HFLAGS) -o $@ $(FSCK)
$(B)/fsput: $(FSPUT) $(wildcard tools/fsput/*.h fs/*.h) $(B)/flags
	$(Q)$(call say,HOSTCC); $(HOSTCC) $(HFLAGS) -o $@ $(FSPUT)

built: $(FRESH)
$(B)/image: FORCE
	$(call stamp,$(FSFILES))
$(FRESH): $(B)/mkfs $(B)/image $(FSFILES)
	$(Q)$(call say,MKFS); $(B)/mkfs $@ $(FSFILES)

# EXTRA_SRC='a.c b.c' names programs of one source each, which go to the user's disk.
# With COMPAT=xv6-x86 they see the headers of user/compat/xv6-x86 first: programs that
# were written for xv6 are built unchanged.
#
# EXTRA_SRC=DIR NAME=lua makes one program of all C files of a folder, which see the
# headers of user/include (docs/programs.md). EXTRA_FLAGS are options of the compiler.
EXTRA_SRC ?=
COMPAT ?=
NAME ?=
EXTRA_FLAGS ?=
ifneq (,$(NAME))
FOLDER := $(EXTRA_SRC)
override EXTRA_SRC :=
EXTRA += $(B)/extra/_$(NAME)
$(B)/extra/_$(NAME): $(wildcard $(FOLDER)/*.c $(FOLDER)/*.h) $(B)/libc.a $(B)/ulib.a \
		user/user.ld $(B)/extra/flags tools/folder
	$(Q)$(call say,FOLDER); mkdir -p $(@D) && CC='$(CC)' NM='$(NM)' LD='$(LD)' \
		OBJCOPY='$(OBJCOPY)' FLAGS='$(filter-out $(WARN),$(LIBCFLAGS)) -w $(EXTRA_FLAGS)' \
		LIBS='$(B)/libc.a $(B)/ulib.a' LDFLAGS='$(LDFLAGS)' \
		tools/folder '$(FOLDER)' '$(NAME)' $@
endif
extra_program = $(B)/extra/_$(basename $(notdir $(1)))
define extra_rules
$(call extra_program,$(1)): $(1) $(B)/ulib.a user/user.ld $(B)/extra/flags
	$$(Q)$$(call say,CC); mkdir -p $$(@D) && $$(CC) \
		$(if $(COMPAT),-Iuser/compat/$(COMPAT)) $$(PFLAGS) -c -o $$@.o $$< && \
		$$(LD) $$(LDFLAGS) -T user/user.ld -o $$@ $$@.o $$(B)/ulib.a && \
		$$(OBJCOPY) --strip-debug $$@
endef
$(foreach s,$(EXTRA_SRC),$(eval $(call extra_rules,$(s))))
EXTRA += $(foreach s,$(EXTRA_SRC),$(call extra_program,$(s)))
$(B)/extra/flags: FORCE $(B)/flags
	$(call stamp,$(COMPAT) $(PFLAGS) $(LIBCFLAGS) $(EXTRA_FLAGS) $(FOLDER))

# The time of this stamp says which programs the user's disk has. The time of the disk
# itself does not, because a running machine changes it.
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
# make fsput FILE... [TO=DIR], make fsget NAME [TO=FILE]: only the first word is a
# goal, the others are files.
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
