# Works on a fresh machine with Python 3.11 or later and make: what is missing is installed into
# .venv. `make help` lists the targets.

PYTHON ?= python3
UV := $(shell uv --version >/dev/null 2>&1 && command -v uv || echo .venv/bin/uv)
RUN := $(UV) run --no-sync
# --inexact, because a uv that lives in .venv is not in the lock and would be removed.
SYNC := $(UV) sync --locked --inexact --quiet

# Where it is set, every process would compile dbt's thousand modules for itself, two seconds each.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help quickstart build generate test test-all test-spark lint bench docs

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

quickstart: $(UV) ## build all worlds at a fifth of their size, without tests and Monte Carlo, and a report
	@$(SYNC) --no-dev
	@$(RUN) diorama build --quiet --no-tests --scale 0.2 --exclude tag:monte_carlo+ --exclude experiments__sequential
	@$(RUN) diorama report --to report.html $(if $(DISPLAY)$(WAYLAND_DISPLAY)$(filter Darwin,$(shell uname)),--open)

build: $(UV) ## build and test all worlds in diorama.duckdb
	@$(SYNC) --no-dev
	@$(RUN) diorama build
	@test -n "$$VIRTUAL_ENV" || echo "First, for these commands: source .venv/bin/activate" >&2

generate: $(UV) ## make a fresh search world and stream it, ten events a second, into stream/
	@$(SYNC) --no-dev
	@$(RUN) diorama stream --generate

test: $(UV) ## run the tests, but for the slow ones
	@$(SYNC) --extra sail
	@$(RUN) pytest

test-all: $(UV) ## run the slow tests as well
	@$(SYNC) --extra sail
	@$(RUN) pytest -m "not spark"

# An environment of its own, because pyspark and the client that Sail needs are one package.
test-spark: export UV_PROJECT_ENVIRONMENT ?= .venv-spark
test-spark: $(UV) ## compare Spark's rows with DuckDB's, also on two executors (needs Java 17)
	@$(SYNC) --extra spark
	@$(RUN) pytest -m spark tests/python/test_engines.py

# The linters need no data: they use a database in memory and a target directory of their own.
# sqlfluff takes a second and more for each file: it reads what the last commits changed, and all SQL
# for `make lint SINCE=`, as before a release.
lint: export DIORAMA_DATABASE = :memory:
lint: export DBT_TARGET_PATH = target/lint
lint: SINCE ?= $(shell git rev-parse --quiet --verify HEAD~25)
lint: CHANGED = $(if $(SINCE),git diff --name-only --diff-filter=d $(SINCE) --,git ls-files)
lint: $(UV) ## check Python, SQL and YAML against STYLE.md
	@$(SYNC)
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) pre-commit validate-config
	$(RUN) dbt --quiet --warn-error parse
	$(CHANGED) 'models/*.sql' 'tests/singular/*.sql' | xargs --no-run-if-empty $(RUN) sqlfluff lint
	$(CHANGED) 'cli/diorama/*.sql' \
	  | xargs --no-run-if-empty $(RUN) sqlfluff lint --templater raw --exclude-rules ST06,RF04,AM04

bench: $(UV) ## measure feed, a declared world (LARGE=1: also at 50 million events), generation, analyse and fit
	@$(SYNC)
	@$(RUN) python bench/feed.py $(if $(LARGE),--large)
	@$(RUN) python bench/own_world.py $(if $(LARGE),--large)
	@$(RUN) python bench/generation.py --share $(if $(LARGE),1,0.1)
	@$(RUN) python bench/analyse.py
	@$(RUN) python bench/fit.py

docs: export NO_MKDOCS_2_WARNING = 1
docs: $(UV) ## build the site of docs, with dbt's documentation in it, in target/site
	@$(SYNC) --group docs
	@$(RUN) dbt --quiet docs generate --static
	@$(RUN) mkdocs build --quiet --strict
	@echo "Open target/site/index.html in a browser."

.venv/bin/uv:
	$(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check uv
