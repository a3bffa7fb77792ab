# cr3 in cr3: included by the Makefile. A disk with a kernel and a smaller disk on it,
# for the program vmm; a machine whose processor has SVM (docs/shadow-paging.md).
VMFS ?= 12M
VMIMG := $(B)/vm.img
$(B)/vm/kernel: $(B)/kernel
	$(Q)mkdir -p $(@D) && $(OBJCOPY) --strip-debug $< $@
$(B)/vm/fs.img: $(B)/mkfs $(B)/image $(FSFILES)
	$(Q)$(call say,MKFS); mkdir -p $(@D) && $(B)/mkfs -s $(VMFS) $@ $(FSFILES)
$(VMIMG): $(B)/mkfs $(B)/vm/kernel $(B)/vm/fs.img $(FSFILES)
	$(Q)$(call say,MKFS); $(B)/mkfs -s 64M $@ $(FSFILES) \
		$(B)/vm/kernel $(B)/vm/fs.img
# What starts such machines.
check check-boot soak transcripts bench benchguest benchchart: $(VMIMG)

# The disk is made anew whenever the kernel or a program changes.
SVMCPU := qemu32,+svm
.PHONY: qemu-vm
qemu-vm: all $(VMIMG)
	@$(needqemu)echo 'cr3: `vmm kernel fs.img` starts cr3 in cr3. There Ctrl-A X leaves:'; \
	echo '     in this terminal Ctrl-A Ctrl-A X, as QEMU takes the first Ctrl-A.'; \
	B='$(B)' tools/qemu nox $(QEMU) -cpu $(SVMCPU) -smp $(CPUS) \
		$(call qemuopts,$(VMIMG))
