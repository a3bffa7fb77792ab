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
	$(Q)QEMU='$(QEMU)' GDB='$(GDB)' $(MOVIEPYTHON) -B tools/pgmovie/pgmovie \
		$(B)/kernel $(B)/cr3.img $(B)/pgmovie.img $@
MOVIEPYTHON := $(or $(call first,python3),$(PYTHON))
$(B)/pgmovie.html: $(B)/pgmovie.json
	$(Q)$(call say,HTML); $(MOVIEPYTHON) -B tools/pgmovie/page.py $< $@
.PHONY: pgmovie
pgmovie: $(B)/pgmovie.html
	@echo 'cr3: open $(B)/pgmovie.html in a browser.'
# The film of a guest, cr3 in cr3 (docs/shadow-paging.md).
$(B)/guestmovie.json: $(B)/kernel $(B)/cr3.img $(VMIMG) $(MOVIE)
	$(needqemu)$(needgdb)$(Q)$(call say,FILM)
	$(Q)QEMU='$(QEMU)' GDB='$(GDB)' $(MOVIEPYTHON) -B tools/pgmovie/pgmovie --guest \
		$(B)/kernel $(B)/cr3.img $(VMIMG) $@
$(B)/guestmovie.html: $(B)/guestmovie.json
	$(Q)$(call say,HTML); $(MOVIEPYTHON) -B tools/pgmovie/page.py $< $@
.PHONY: guestmovie
guestmovie: $(B)/guestmovie.html
	@echo 'cr3: open $(B)/guestmovie.html in a browser.'
.PHONY: pgpics
pgpics: $(B)/pgmovie.json
	$(Q)$(call say,SVG); $(MOVIEPYTHON) -B tools/pgmovie/pics.py $< $(B)/pgpics
	@echo 'cr3: open $(B)/pgpics/index.html, or take the SVG files.'
# The pictures that docs/ show, drawn anew.
.PHONY: docpics
docpics: $(B)/pgmovie.json $(B)/guestmovie.json
	$(Q)$(call say,SVG); for film in $^; do \
		$(MOVIEPYTHON) -B tools/pgmovie/pics.py --docs $$film docs/pictures; done

# Both in a real browser. npm fetches the pinned playwright-core once; the browser is
# the system's.
CHROMIUM ?= $(call first,chromium chromium-browser google-chrome)
NODE ?= node
.PHONY: check-web
check-web: $(B)/pgmovie.html $(B)/guestmovie.html pgpics web site
	$(call need,$(NODE),nodejs, dev)$(call need,npm,npm, dev)
	$(call need,$(or $(CHROMIUM),chromium),chromium, dev)
	$(Q)cd tests/web && { [ node_modules/.package-lock.json -nt package-lock.json ] || \
		npm ci --ignore-scripts --loglevel=error; }
	$(Q)B='$(abspath $(B))' CHROMIUM='$(call have,$(CHROMIUM))' QEMU='$(QEMU)' \
		GDB='$(GDB)' PYTHON='$(MOVIEPYTHON)' $(NODE) --test tests/web/*.test.mjs
