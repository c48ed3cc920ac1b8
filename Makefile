# kanshiki: make alone lists the targets.
SHELL := /bin/sh
PYTHON ?= python3
CASE ?=
BENCH ?=
UV_VERSION := 0.13.9
BOOT := .uv
export UV_PROJECT_ENVIRONMENT := $(CURDIR)/.venv
export UV_PYTHON_DOWNLOADS := never
# uv comes as a wheel from the package index, pinned: no system package, no compiler, whatever stands on PATH.
UV := $(BOOT)/bin/uv

.PHONY: help setup ingest test lint types golden fixtures docs accuracy bench clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(BOOT)/bin/uv:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or later is needed, this is " + sys.version) if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(BOOT)
	$(BOOT)/bin/python -m pip install --quiet --disable-pip-version-check uv==$(UV_VERSION)

.venv/.main: pyproject.toml uv.lock $(UV)
	$(UV) sync --quiet --locked --no-dev --inexact --python $(PYTHON) --compile-bytecode
	@touch $@

.venv/.dev: pyproject.toml uv.lock $(UV)
	$(UV) sync --quiet --locked --python $(PYTHON) --compile-bytecode
	@touch $@ .venv/.main

setup: .venv/.main ## set up the locked environment in .venv

ingest: .venv/.main ## run a case whole: make ingest CASE=fixtures/cases/usb-takeout
	@test -n "$(CASE)" || { echo 'name a case: make ingest CASE=fixtures/cases/usb-takeout' >&2; exit 2; }
	@.venv/bin/kanshiki run "$(CASE)"

test: .venv/.dev ## lint, types and every test
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/pytest

lint: .venv/.dev ## lint and types alone
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy

golden: .venv/.dev ## rewrite the golden rows of every fixture
	.venv/bin/python -m tests.golden_rows

fixtures: .venv/.dev ## build the demo cases again (needs mkntfs, ntfs-3g and ewfacquire)
	.venv/bin/python -m fixtures.make

docs: .venv/.dev ## write the generated pages of docs/
	.venv/bin/python -m tests.docs_pages

accuracy: .venv/.dev ## score the recognition of personal data on labelled layouts, write docs/accuracy.md
	.venv/bin/python -m tests.accuracy

bench: .venv/.dev ## measure speed beside plaso, presidio and others, an hour: make bench BENCH=--quick for five minutes
	.venv/bin/python -m tests.bench --uv $(UV) $(BENCH)

clean: ## remove the environment and caches, never a case
	rm -rf .venv .uv .bench .pytest_cache .mypy_cache .ruff_cache .hypothesis
