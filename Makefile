# Everything one does with this repository. `make help` lists it.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/ready

.DEFAULT_GOAL := help
.PHONY: help install demo fmt lint lint-plpgsql types test test-majors docs clean

help:  ## say what the targets do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(READY)  ## make a virtual environment in .venv and install everything into it

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	    { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	    { echo "$(PYTHON) cannot make a virtual environment: on Debian, apt-get install python3-venv"; exit 1; }
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(READY)

demo: install  ## run one order to its end, with a worker killed half way
	$(BIN)/python -m examples.demo

fmt: install  ## format the Python code
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format --quiet .

lint: install  ## check style: Python, migrations, functions, the distribution
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/squawk --config .squawk.toml migrations/*.sql
	$(BIN)/python tools/sql_lint.py
	$(BIN)/python tools/distribution_lint.py

lint-plpgsql: install  ## check every function with plpgsql_check, on Debian's PostgreSQL 15
	WORKFLOW_PG_TEST_MAJOR=15 $(BIN)/python -m pytest tests/lint/test_plpgsql_check.py

types: install  ## check types, strictly
	$(BIN)/pyright

test: install  ## run the whole test suite on one PostgreSQL
	$(BIN)/python -m pytest

test-majors: install  ## run the suite on PostgreSQL 18, 16 and 15, and on other Pythons
	$(BIN)/python tools/test_majors.py

docs: install  ## write what is generated: docs/ and the diagrams of ARCHITECTURE.md
	$(BIN)/python tools/docs.py

clean:  ## remove what the targets made
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
