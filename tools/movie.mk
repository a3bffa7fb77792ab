# The film of the page tables: included by the Makefile.
#
# The kernel is the one of `make`, and runs as it is; a small disk of its own has
# the program that the film follows, so that no other disk needs it.
MOVIE := $(wildcard tools/pgmovie/* tools/gdb/*.py)
$(B)/tools/pgmovie/%.o: tools/pgmovie/%.c $(B)/flags
	$(call compile,$(UFLAGS))
$(B)/story: $(B)/tools/pgmovie/story.o $(B)/ulib.a user/user.ld
	$(Q)$(call say,LD); $(LD) $(LDFLAGS) -T user/user.ld -o $@ \
		$(filter %.o,$^) $(B)/ulib.a
$(B)/pgmovie.img: $(B)/mkfs $(B)/story $(B)/user/_init $(B)/user/_sh
	$(Q)$(call say,MKFS); $(B)/mkfs -s 2M $@ $(B)/story $(B)/user/_init \
		$(B)/user/_sh
$(B)/pgmovie.json: $(B)/kernel $(B)/cr3.img $(B)/pgmovie.img $(MOVIE)
	$(needqemu)$(needgdb)$(Q)$(call say,FILM)
	$(Q)QEMU='$(QEMU)' GDB='$(GDB)' $(MOVIEPYTHON) tools/pgmovie/pgmovie \
		$(B)/kernel $(B)/cr3.img $(B)/pgmovie.img $@
MOVIEPYTHON := $(or $(call first,python3),$(PYTHON))
$(B)/pgmovie.html: $(B)/pgmovie.json
	$(Q)$(call say,HTML); $(MOVIEPYTHON) tools/pgmovie/page.py $< $@
.PHONY: pgmovie
pgmovie: $(B)/pgmovie.html
	@echo 'cr3: open $(B)/pgmovie.html in a browser.'
.PHONY: pgpics
pgpics: $(B)/pgmovie.json
	$(Q)$(call say,SVG); $(MOVIEPYTHON) tools/pgmovie/pics.py $< $(B)/pgpics
	@echo 'cr3: open $(B)/pgpics/index.html, or take the SVG files.'
