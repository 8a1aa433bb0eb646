# On a machine with Python 3.11 and make, `make demo` is all it takes.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CODE := app bot jobs sandbox services store rules content migrations tests bench
FUZZ ?= 300
BENCHES := screening due enrol dispatch page_latency page_storm
LOCK := $(BIN)/uv pip compile pyproject.toml --extra build --python-version 3.11 --generate-hashes --no-emit-index-url --quiet

.DEFAULT_GOAL := help
.PHONY: help demo run test check supply format soak fuzz bench lock clean

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

demo: .venv/.run ## everything on this machine: phones in the browser, no token needed
	$(BIN)/fortnight demo

run: .venv/.run ## the engine, with config.toml
	$(BIN)/fortnight run

test: .venv/.dev ## the whole test suite
	$(BIN)/pytest -n 3 --dist worksteal

check: .venv/.dev supply ## style, types, who imports whom, sizes, what we depend on
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest tests/house

supply: .venv/.dev ## build/: bill of materials (CycloneDX) and licences; known holes, when there is a network
	mkdir -p build
	$(BIN)/cyclonedx-py requirements requirements.lock --output-reproducible -o build/sbom.cdx.json
	$(BIN)/pip-licenses --format=markdown --order=license --output-file=build/licences.md >/dev/null
	@if $(BIN)/python -c "import socket; socket.create_connection(('api.osv.dev', 443), 5)" 2>/dev/null; \
	then $(BIN)/pip-audit --vulnerability-service osv --require-hashes --disable-pip -r requirements.lock; \
	else echo "known holes: not looked for, there is no network"; fi

format: .venv/.dev ## mend the style where a machine can
	$(BIN)/ruff check --fix $(CODE)
	$(BIN)/ruff format $(CODE)

soak: .venv/.dev ## hours: the engine killed 1,000 times in 20,000 answers, half on each database; a thousand years of a clinic, a hundred random ones
	for seed in 1 2 3 4 5 6 7 8 9 10; do STORM_PATIENTS=500 FAULTS_SEED=$$seed $(BIN)/pytest -s -n 0 --timeout 1200 tests/faults/test_kill_storm.py || exit 1; done
	SOAK_SEEDS=1000 CLINICS_SEEDS=100 $(BIN)/pytest -s -n 0 tests/soak

fuzz: .venv/.dev ## ten minutes: odd updates and protocol files, guided by coverage (Linux on x86-64)
	$(PIP) install --require-hashes --no-deps -r tests/fuzz/requirements.txt
	for name in updates protocols; do \
		mkdir -p build/fuzz/$$name && $(BIN)/python -m tests.fuzz.$$name -max_total_time=$(FUZZ) -max_len=8192 \
			-artifact_prefix=build/fuzz/ build/fuzz/$$name tests/fuzz/corpus/$$name || exit 1; done

bench: .venv/.dev ## how fast it is, beside what it is measured against
	for name in $(BENCHES); do $(BIN)/python -m bench.$$name || exit 1; done

lock: .venv/.dev ## new locks, after a change of the dependencies in pyproject.toml
	$(LOCK) --upgrade -o requirements.lock
	$(LOCK) --upgrade --extra dev --constraint requirements.lock -o requirements-dev.lock

clean: ## away with the environment and all caches
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build *.egg-info

.venv/.run: requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) --quiet install --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements-dev.lock .venv/.run
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@
