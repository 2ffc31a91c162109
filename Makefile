# The two commands are `make run` and `make test`. They need Python 3.11, make and git.

# Python 3.11 is what the pinned packages were tried with; a newer one is taken where it is missing.
PYTHON ?= $(shell for python in python3.11 python3 python3.12 python3.13; do \
	$$python -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
PY := .venv/bin/python
VAR := $(or $(PARKPARTY_VAR),var)
TEST := PARKPARTY_VAR=$(VAR)/test PYTHONUNBUFFERED=1 PYTHONHASHSEED=0
PYTEST := $(PY) -m pytest -n 2 --dist loadscope
# Without the tests that start things or look at everything there is.
QUICK := -m "not slow and not browser" $(addprefix --ignore=tests/,architecture/test_visibility.py portal/test_demo.py \
	reminders/test_failpoints.py)

.PHONY: help setup run stop test check lint bench clean

help:
	@echo "make run     start everything on this machine (PARKPARTY_PORT, PARKPARTY_VAR); Ctrl-C stops it"
	@echo "make test    the whole suite, on services of its own"
	@echo "make check   a quick subset of the tests, and lint"
	@echo "make lint    style, types, layers, templates, migrations"
	@echo "make bench   the table of speeds and memory"
	@echo "make setup   install into .venv"
	@echo "make stop    stop what make run or manage.py has started"
	@echo "make clean   remove what can be made again; the data stays"

setup:
	@test -n "$(PYTHON)" || { echo "parkparty needs Python 3.11 with venv (on Debian: python3-venv)" >&2; exit 1; }
	@$(PYTHON) deploy/install.py

run: setup
	@exec $(PY) -m parkparty.run

stop:
	@test ! -x $(PY) || $(PY) -m parkparty.run stop
	@test ! -d $(VAR)/test || $(TEST) $(PY) manage.py services stop >/dev/null

test: setup
	$(TEST) $(PYTEST)

check: lint
	$(TEST) $(PYTEST) $(QUICK)

lint: setup
	$(PY) -m ruff check .
	.venv/bin/lint-imports
	$(PY) -m djlint --lint --quiet templates
	$(PY) -m mypy
	@export PARKPARTY_VAR=$(VAR)/lint; set -ex; \
	trap '$(PY) manage.py services stop >/dev/null' EXIT; \
	$(PY) manage.py makemigrations --check --dry-run; \
	$(PY) manage.py lintmigrations

bench: setup
	PARKPARTY_VAR=$(VAR)/bench $(PY) -m bench

clean: stop
	rm -rf staticfiles $(VAR)/test $(VAR)/lint .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find apps parkparty tests bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
