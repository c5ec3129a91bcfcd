# Middleground. `make help` lists what there is.
.DEFAULT_GOAL := help
SHELL := /bin/sh
PORT ?= 8000
BIN := .venv/bin
export PYTHONPATH := src

.PHONY: help run test lint types contracts check-code unit unit-postgresql setup dev lock bench docs messages clean

help: ## Show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-16s %s\n", $$1, $$2}'

setup:
	@sh scripts/setup.sh runtime

dev:
	@sh scripts/setup.sh dev

run: setup ## Start the demo clinic at http://127.0.0.1:8000 (PORT=... for another port)
	@$(BIN)/python scripts/compile_messages.py
	@$(BIN)/middleground serve --demo --port $(PORT)

test: dev ## Everything: lint, types, contracts, all tests on SQLite, actions again on PostgreSQL, journeys in Chromium
	@sh scripts/test_tools.sh
	@$(MAKE) --no-print-directory messages check-code unit-postgresql unit

check-code: lint types contracts

lint: ## Ruff: lint and format
	@$(BIN)/ruff check .

types: ## mypy on the engines and the kernel
	@$(BIN)/mypy src/middleground/engines src/middleground/kernel

contracts: ## The floors of the house: who may import whom
	@$(BIN)/lint-imports --no-cache

messages: ## Compile the Spanish texts
	@$(BIN)/python scripts/compile_messages.py

unit: ## All tests on SQLite
	@$(BIN)/pytest -n 2 --dist loadfile

unit-postgresql: ## Actions and the three doors on PostgreSQL
	@$(BIN)/python scripts/postgres_for_tests.py -- $(BIN)/pytest -m db_both -n 2 --dist loadfile

bench: dev ## Ratios: pages against a bare view, small clinic against large; start dates promised against those that came; the week planner against its baselines
	@$(BIN)/python -m tests.bench
	@$(BIN)/python -m tests.bench.promises
	@$(BIN)/python -m bench.timetabling

lock: dev ## Make the lock files anew
	@for name in bootstrap runtime dev; do $(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.12 --no-emit-index-url requirements/$$name.in -o requirements/$$name.lock; done

docs: dev ## Build the documentation site into site/
	@$(BIN)/mkdocs build -q

clean: ## Remove what was built (not the clinic's data in var/)
	@rm -rf .venv site staticfiles .pytest_cache .ruff_cache .mypy_cache .hypothesis
