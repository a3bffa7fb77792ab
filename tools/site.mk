# The site: included by the Makefile. Sphinx, MyST and Furo are the distribution's.
SITEPYTHON ?= $(or $(shell for p in /usr/bin/python3 python3; do \
	$$p -c 'import sphinx, myst_parser, furo, reportlab' 2>/dev/null && \
	{ echo $$p; break; }; done),python3)
SITE := $(wildcard tools/site/* docs/*.md docs/pictures/* labs/*/README.md \
	labs/*/lab.toml labs/*/mistakes/* *.h */*.h tools/print README) $(SPINE) $(BOOT)
.PHONY: site
site: $(B)/site/index.html
	@echo 'cr3: open $(B)/site/index.html in a browser.'
$(B)/site/index.html: $(SITE)
	$(call need,$(SITEPYTHON),python3 python3-sphinx, dev)
	$(call need,$(or $(CHROMIUM),chromium),chromium, dev)
	$(Q)$(call say,SITE); CHROMIUM='$(call have,$(CHROMIUM))' $(SITEPYTHON) -B \
		tools/site/build.py $(B)/site
