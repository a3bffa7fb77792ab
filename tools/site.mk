# The site: included by the Makefile. Sphinx, MyST and Furo are the distribution's.
SITEPYTHON ?= $(or $(shell for p in /usr/bin/python3 python3; do \
	$$p -c 'import sphinx, myst_parser, furo, reportlab' 2>/dev/null && \
	{ echo $$p; break; }; done),python3)
SITE := $(wildcard tools/site/* docs/*.md docs/pictures/* labs/*/README.md \
	labs/*/lab.toml labs/*/mistakes/* *.h */*.h tools/print README) $(SPINE) $(BOOT) $(B)/web/index.html
.PHONY: site site-serve
site: $(B)/site/index.html
	@echo 'cr3: open $(B)/site/index.html in a browser; the running kernel in its pages'
	@echo 'needs a server: `make site-serve`.'
site-serve: $(B)/site/index.html
	@echo 'cr3: open http://127.0.0.1:$(WEBPORT)/ in a browser; Ctrl-C ends it.'
	$(Q)$(PYTHON) -m http.server --bind 127.0.0.1 --directory $(B)/site $(WEBPORT)
$(B)/site/index.html: $(SITE)
	$(call need,$(SITEPYTHON),python3 python3-sphinx, dev)
	$(call need,$(or $(CHROMIUM),chromium),chromium, dev)
	$(Q)$(call say,SITE); CHROMIUM='$(call have,$(CHROMIUM))' $(SITEPYTHON) -B \
		tools/site/build.py $(B)/site
