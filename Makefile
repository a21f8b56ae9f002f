# Two commands matter: `make check` audits this laptop, `make test` proves the program. `make help` lists the rest.

# Debian's own Python where there is one: it is what practices have, and it can be older than a developer's.
PYTHON ?= $(firstword $(wildcard /usr/bin/python3) python3)
BIN := .venv/bin
LOCKS := packaging/constraints
SETUP := packaging/setup

.PHONY: help check test lint format bench mutation lock model clean
.DELETE_ON_ERROR:

help:
	@echo 'make check     set up .venv, audit this laptop, say what could not be seen and how to change that'
	@echo 'make test      set up everything, Debian packages included; lint, types, import contracts, all tests'
	@echo 'make lint      ruff, mypy and the import contracts, nothing changed'
	@echo 'make format    ruff rewrites the layout of the code'
	@echo 'make bench     the measures: times beside their references, function lengths, coverage, recordings'
	@echo 'make mutation  break each decision in checks/ and see a test go red; SAMPLE=N tries N of them'
	@echo 'make lock      resolve the pins anew from pyproject.toml'
	@echo 'make model     train the picture finders: DATA=folder of labelled pictures, OUT=folder for what ships'
	@echo 'make clean     remove .venv and every cache'

# A verdict other than "compliant" is an answer, not a fault of the program: see first-audit.sh.
check: .venv/.runtime
	@$(SETUP)/first-audit.sh $(BIN)/scrubin

test: .venv/.dev
	@$(SETUP)/debian-packages.sh test
	@$(MAKE) --no-print-directory lint
	PYTHONPATH=$(SETUP) $(BIN)/python -m pytest -p no_skips -n logical --dist loadfile $(ARGS)

lint: .venv/.dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: .venv/.dev
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/.dev
	@$(SETUP)/debian-packages.sh test
	@$(SETUP)/debian-packages.sh bench
	$(BIN)/python packaging/bench/everything.py $(ARGS)

SAMPLE ?= 0
mutation: .venv/.dev
	$(BIN)/python packaging/mutation/run.py --sample $(SAMPLE) $(ARGS)

lock: .venv-lock/.ready
	$(SETUP)/lock.sh .venv-lock/bin

OUT ?= build/model
model: .venv-model/.ready
	$(if $(DATA),,$(error say where the labelled pictures lie: make model DATA=FOLDER))
	packaging/model/make.sh .venv-model/bin/python $(DATA) $(OUT)

clean:
	rm -rf .venv .venv-lock .venv-model build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage*

.venv/.runtime: $(LOCKS)/runtime.txt pyproject.toml $(SETUP)/venv.sh
	@PYTHON=$(PYTHON) $(SETUP)/venv.sh .venv $(LOCKS)/runtime.txt --with-project
	@touch $@

.venv/.dev: $(LOCKS)/dev.txt pyproject.toml $(SETUP)/venv.sh
	@PYTHON=$(PYTHON) $(SETUP)/venv.sh .venv $(LOCKS)/dev.txt --with-project
	@touch .venv/.runtime $@

.venv-lock/.ready: $(LOCKS)/lock-tools.txt $(SETUP)/venv.sh
	@PYTHON=$(PYTHON) $(SETUP)/venv.sh .venv-lock $(LOCKS)/lock-tools.txt
	@touch $@

.venv-model/.ready: packaging/model/requirements.txt
	$(PYTHON) -m venv --clear .venv-model
	.venv-model/bin/python -m pip install --quiet --requirement packaging/model/requirements.txt
	@touch $@
