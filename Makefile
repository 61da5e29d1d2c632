# Everything is installed into .venv from the lock files; nothing outside this folder is touched.
# Paths are relative on purpose: the folder's own path may hold spaces.
PYTHON ?= python3
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help install run test kill-test lint types lock schemas clean

help: ## Show what there is to make
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

.venv/bootstrapped: requirements/bootstrap.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Counterclaim needs Python 3.11 or newer; set PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -m venv .venv || { echo "Creating .venv failed; on Debian and Ubuntu: apt install python3-venv"; exit 1; }
	.venv/bin/python -m pip install --quiet --require-hashes -r requirements/bootstrap.txt
	@touch .venv/bootstrapped

.venv/installed: .venv/bootstrapped requirements/run.txt pyproject.toml
	.venv/bin/python -m uv pip install --quiet --python .venv/bin/python --require-hashes -r requirements/run.txt
	.venv/bin/python -m uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation --editable .
	@touch .venv/installed

.venv/installed-test: .venv/installed requirements/test.txt
	.venv/bin/python -m uv pip install --quiet --python .venv/bin/python --require-hashes -r requirements/test.txt
	@touch .venv/installed-test

install: .venv/installed ## Install into .venv; then .venv/bin/counterclaim is the command

run: install ## Start broker, daemons and sample feeds, and watch the alerts come in
	@.venv/bin/counterclaim demo $(ARGS)

test: .venv/installed-test ## Install and run every test, those on real Kafka, PostgreSQL and a browser included
	@sh tests/services.sh
	.venv/bin/python -m pytest $(ARGS)

kill-test: .venv/installed-test ## The crash test with 50 kills, once, with its counts (20 minutes)
	COUNTERCLAIM_TEST_KILLS=50 .venv/bin/python -m pytest -q tests/integration/test_pipeline_kills.py $(ARGS)

lint: .venv/installed-test ## Ruff, format check included
	.venv/bin/ruff check . && .venv/bin/ruff format --check .

types: .venv/installed-test ## mypy, strict
	.venv/bin/mypy

lock: .venv/bootstrapped ## Write the lock files anew from pyproject.toml
	.venv/bin/python -m uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 requirements/bootstrap.in -o requirements/bootstrap.txt
	.venv/bin/python -m uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 pyproject.toml -o requirements/run.txt
	.venv/bin/python -m uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 pyproject.toml --extra test -c requirements/run.txt -o requirements/test.txt

schemas: install ## Write docs/schemas/ anew from the models
	.venv/bin/counterclaim schemas write docs/schemas

clean: ## Remove what was built; the data folder stays
	rm -rf .venv dist build .pytest_cache .mypy_cache .ruff_cache
