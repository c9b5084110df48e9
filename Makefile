# What a person types. `make run` and `make test` need nothing but Python 3.11+ and the internet, the first time.

VENV := .venv
PYTHON := $(VENV)/bin/python
# A file's tests stay together: what they install once for themselves, no other process touches meanwhile.
PYTEST := $(PYTHON) -m pytest --numprocesses=auto --dist=loadfile --no-loadscope-reorder
PIP_INSTALL := $(PYTHON) -m pip install --quiet --disable-pip-version-check

# The first of these that is new enough and can make a virtual environment.
PYTHON3 ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$name -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)

.PHONY: help run test check format bench lock screenshots

help:
	@echo "make run      start the product with its playground"
	@echo "make test     run the tests (ARGS='-k wizard' for some of them)"
	@echo "make check    format, lint, types, import contract and tests, as CI does"
	@echo "make bench    measure the speed, as a table"
	@echo "make screenshots  take the README's pictures again"
	@echo "make format   put the code into its format"
	@echo "make lock     refresh the lock files from pyproject.toml"

run: $(VENV)/.ready
	@exec $(PYTHON) -m bot run

test: $(VENV)/.ready-dev
	@$(PYTEST) $(ARGS)

check: $(VENV)/.ready-dev
	@echo "format"  && $(VENV)/bin/ruff format --check --quiet .
	@echo "lint"    && $(VENV)/bin/ruff check --quiet .
	@echo "types"   && $(VENV)/bin/mypy
	@echo "imports" && $(VENV)/bin/lint-imports --no-logo
	@echo "tests"   && $(PYTEST) $(ARGS)

format: $(VENV)/.ready-dev
	@$(VENV)/bin/ruff check --quiet --fix . ; $(VENV)/bin/ruff format .

bench: $(VENV)/.ready-dev
	@$(PYTHON) -m tests.benchmarks

screenshots: $(VENV)/.ready-dev
	@$(PYTHON) -m tests.screenshots

# The stamps are younger than the lock file while everything in it is installed.
$(VENV)/.ready: requirements.txt | $(PYTHON)
$(VENV)/.ready-dev: requirements-dev.txt | $(PYTHON)
$(VENV)/.ready $(VENV)/.ready-dev:
	@echo "Setting up (about a minute, once)…"
	@$(PIP_INSTALL) --require-hashes --requirement $<
	@$(PIP_INSTALL) --no-build-isolation --no-deps --editable .
	@touch $(VENV)/.ready $@

$(PYTHON):
	@test -n "$(PYTHON3)" || { echo "InviteOnce needs Python 3.11 or newer with its venv module; on Debian and Ubuntu:" \
		"sudo apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON3) -m venv --clear $(VENV)

# One lock for every system and every Python from 3.11 on; it names no package index.
LOCK := $(PYTHON) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--custom-compile-command "make lock" $(UPGRADE) pyproject.toml

lock: | $(PYTHON)
	@$(PIP_INSTALL) uv
	@$(LOCK) --group build --output-file requirements.txt
	@$(LOCK) --group dev --constraint requirements.txt --output-file requirements-dev.txt
