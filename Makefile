# Everything one does with this repository. `make help` lists it.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/ready

.DEFAULT_GOAL := help
.PHONY: help install demo fmt lint lint-plpgsql types test test-majors test-import test-crowd test-pgbouncer test-typescript coverage-sql bench docs sync clean

help:  ## say what the targets do
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(READY)  ## make a virtual environment in .venv and install everything into it

# Made again when what is to be installed has changed, and only then.
$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	    { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv $(VENV) >/dev/null 2>&1 || \
	    $(PYTHON) -m virtualenv --quiet $(VENV) 2>/dev/null || { rm -rf $(VENV); \
	    echo "$(PYTHON) cannot make a virtual environment: on Debian, apt-get install python3-venv"; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(READY)

demo: install  ## run one order to its end, with a worker killed half way
	$(BIN)/python -m examples.demo

fmt: install  ## format the Python code
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format --quiet .

# A file with this header is run outside a transaction, where other rules hold.
ALONE := $(shell grep -l '^-- transaction: none' migrations/*.sql)

lint: install  ## check style: Python, migrations, functions, the distribution, the twin
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/squawk $(filter-out $(ALONE),$(wildcard migrations/*.sql))
	$(if $(ALONE),$(BIN)/squawk --no-assume-in-transaction $(ALONE))
	$(BIN)/python -m tools.sql_lint
	$(BIN)/python -m tools.distribution_lint
	$(BIN)/python -m tools.merge_lint
	$(BIN)/python -m tools.async_to_sync --check

lint-plpgsql: install  ## check every function with plpgsql_check, on Debian's PostgreSQL 15
	@test -x /usr/lib/postgresql/15/bin/postgres || \
	    { echo "absent: Debian's postgresql-15, with postgresql-15-plpgsql-check"; exit 1; }
	WORKFLOW_PG_TEST_MAJOR=15 $(BIN)/python -m pytest tests/lint/test_plpgsql_check.py

types: install  ## check types, strictly
	$(BIN)/pyright --pythonpath $(BIN)/python

# Tests wait more than they work. Each process has a server of its own; where one is given
# to all, its roles are everybody's, and the tests go one by one.
SPREAD := $(if $(WORKFLOW_PG_TEST_DSN),,-n 4 --dist loadfile)

test: install  ## run the whole test suite on one PostgreSQL
	$(BIN)/python -m pytest $(SPREAD)

test-majors: install  ## run the suite on PostgreSQL 18, 16 and 15, and on other Pythons
	$(BIN)/python -m tools.test_majors

test-import: install  ## import 1,000 runs that the TypeScript package has made; needs Node
	WORKFLOW_PG_IMPORT_RUNS=1000 $(BIN)/python -m pytest tests/importing/test_real.py

test-crowd: install  ## run the scenarios of crowds at full size, for some minutes
	WORKFLOW_PG_TEST_CROWD=1 $(BIN)/python -m pytest tests/scenarios/test_races.py \
	    tests/scenarios/test_recovery.py

test-pgbouncer: install  ## run the tests of both SDKs through pgbouncer in transaction mode
	WORKFLOW_PG_TEST_POOLER=1 $(BIN)/python -m pytest tests/sdk tests/typescript

test-typescript: install  ## run the TypeScript SDK, stable and beta, and its own suite on our World; needs Node
	$(BIN)/python -m pytest tests/typescript/suite.py

coverage-sql: install  ## say which statements of sql/ no test runs, on Debian's PostgreSQL 15
	$(BIN)/python -m tools.sql_coverage

bench: install  ## measure runs and steps a second, on the oldest and the newest Python
	$(BIN)/python -m bench

sync: install  ## write the blocking twin of the World, workflow_pg/sync/, from its source
	$(BIN)/python -m tools.async_to_sync

docs: install  ## write what is generated: docs/ and the diagrams of ARCHITECTURE.md
	$(BIN)/python tools/docs.py

clean:  ## remove what the targets made
	rm -rf $(VENV) $(VENV)-* build dist *.egg-info .hypothesis .pytest_cache .ruff_cache .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
