# TDPF: two commands matter, `make run` and `make test`.
PYTHON ?= python3
VENV := .venv/bin
export UV_PYTHON_DOWNLOADS := never

.PHONY: run setup setup-tests test suite-of-engines suite-on-sqlite suite-on-postgresql check journeys soak reset lock

run: setup ## serve the platform with sample data on http://localhost:8080 (Ctrl-C stops it)
	@TDPF_DEMO=$${TDPF_DEMO-1} exec $(VENV)/tdpf run all

setup: ## make .venv and page assets, exactly as the lock files say
	@$(PYTHON) bootstrap.py

setup-tests:
	@$(PYTHON) bootstrap.py --tests

check: setup ## style, types, contracts: what needs no database
	$(VENV)/ruff check src tests bootstrap.py
	$(VENV)/ruff format --check src tests
	$(VENV)/mypy
	$(VENV)/lint-imports

test: setup-tests ## everything that must hold before a change lands, the main journey included
	@$(MAKE) --no-print-directory --jobs=4 --output-sync=target check suite-of-engines suite-on-sqlite suite-on-postgresql
	$(VENV)/pytest -q -p no:randomly -m journey tests/journeys/test_main_journey.py

ENGINES := tests/gateway tests/delivery tests/engine

suite-of-engines:
	$(VENV)/pytest -q -m "not journey and not fault" $(ENGINES)

suite-on-sqlite:
	$(VENV)/pytest -q -m "not journey and not fault" $(ENGINES:%=--ignore=%) tests

suite-on-postgresql:
	$(VENV)/python -m tests.on_postgresql

journeys: setup-tests ## all journeys and all faults, through the real gateway and a real browser (WITHOUT=FILE leaves one out)
	$(VENV)/pytest -q -p no:randomly -m "journey or fault" $(WITHOUT:%=--ignore=%) tests/journeys

reset: ## forget this installation: data, accounts, secrets (asks nothing)
	rm -rf var

lock: ## compile the lock files anew
	$(VENV)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --all-extras --no-emit-index-url --no-header pyproject.toml -o requirements.lock
