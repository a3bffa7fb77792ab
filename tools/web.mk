# The kernel live in a web page: included by the Makefile.
#
# npm fetches the pinned emulator, terminal and Python once; after that nothing needs a
# network. The page itself is static.
WEBNPM := tools/web/node_modules/.package-lock.json
WEB := $(wildcard tools/web/*.js tools/web/*.html tools/web/*.css tools/web/*.py \
	tools/web/py/* tools/gdb/*.py)
$(WEBNPM): tools/web/package-lock.json
	$(call need,npm,npm, dev)
	$(Q)cd tools/web && npm ci --ignore-scripts --loglevel=error && touch ../../$@
$(B)/web/index.html: $(B)/kernel $(B)/cr3.img $(B)/fresh.img $(WEB) $(WEBNPM)
	$(needpython)$(Q)$(call say,WEB); $(PYTHON) -B tools/web/build.py $(B) $(B)/web
.PHONY: web web-serve
web: $(B)/web/index.html
WEBPORT ?= 8033
web-serve: $(B)/web/index.html
	@echo 'cr3: open http://127.0.0.1:$(WEBPORT)/ in a browser; Ctrl-C ends it.'
	$(Q)$(PYTHON) -m http.server --bind 127.0.0.1 --directory $(B)/web $(WEBPORT)
