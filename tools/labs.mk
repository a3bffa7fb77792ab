# The labs: included by the Makefile. docs/labs.md explains them.
.PHONY: lab labs labs-check
# make lab L=NAME OUT=DIR [SOLUTION=1]: the repository of a student.
lab:
	@[ '$(L)' ] && [ '$(OUT)' ] || { \
		echo 'usage: make lab L=NAME OUT=DIR [SOLUTION=1]'; exit 2; }
	@$(needpython)$(PYTHON) tools/cutlab $(if $(filter 1,$(SOLUTION)),--solution) \
		'$(L)' '$(OUT)'
labs:
	@$(needpython)$(PYTHON) tools/cutlab --list
# What labs promise, for each lab (or L=NAME): LABSFLAGS=--short takes a minute.
labs-check:
	@$(needpython)NM='$(NM)' $(PYTHON) tools/labscheck $(LABSFLAGS) $(L)
clean: labs-clean
.PHONY: labs-clean
labs-clean:
	rm -rf build-labs
