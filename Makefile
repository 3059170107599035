# Everything is installed into .venv; every goal can be run again safely.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
HOST ?= 127.0.0.1
PORT ?= 8000
CORPORA := $(or $(BROADSHEET_CORPORA),../shared/corpora)
CANDIDATE ?= build/candidate
TEACHER ?= build/teacher.csv.gz
RATED := ratings_train webis17_train
UNRATED := publishers_train unrated_recent upworthy webis17_train stop_clickbait
TESTS := ratings_test publishers_2023 webis17_test
WORKERS ?= auto

.DEFAULT_GOAL := help
.PHONY: help install serve test covered quick lint style types format teacher train adopt agree evaluate ablate bench load soak worst pages fuzz lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-9s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.installed: pyproject.toml setup.py constraints.txt $(wildcard model/scoring/kernel/*)
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else f"Broadsheet needs Python 3.11 or newer, {sys.executable} is {sys.version.split()[0]}; try: make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

install: $(VENV)/.installed ## Install Broadsheet and its tools into .venv

serve: install ## Serve http://127.0.0.1:8000 with the default model (HOST=, PORT=)
	@exec $(BIN)/broadsheet serve --host $(HOST) --port $(PORT)

lint: style types ## Check style, types and the direction of imports

style: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: install
	$(BIN)/mypy
	$(BIN)/lint-imports

test: style ## Lint, check types and run all tests, as many at a time as there are cores (WORKERS=)
	@$(MAKE) --no-print-directory --jobs=2 types covered || { echo 'Types, imports, tests or coverage: see above' >&2; exit 1; }

covered: install
	@$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest --numprocesses $(WORKERS) --dist loadgroup
	@$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

quick: install ## Run the tests that train no model and start no process, and ruff
	$(BIN)/ruff check --quiet .
	$(BIN)/pytest --quick --quiet --numprocesses $(WORKERS) --dist loadgroup

format: install ## Rewrite the code in the house's format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

teacher: install ## Let a sentence encoder mark the headlines that nobody rated, for make train (an hour; needs torch)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[teacher]'
	$(BIN)/python -m training.teacher --output $(TEACHER) --ratings $(CORPORA)/ratings_train.csv.gz $(UNRATED:%=--unrated $(CORPORA)/%.csv.gz) \
	  $(TESTS:%=--test $(CORPORA)/%.csv.gz)

train: install ## Train the default model on the corpora (BROADSHEET_CORPORA=) into build/candidate
	@test -f $(TEACHER) || echo "$(TEACHER) is not there (make teacher): without it the heads lose .002 to .02 ROC AUC, see docs/evaluation.md" >&2
	$(BIN)/broadsheet train --output $(CANDIDATE) --name default $(RATED:%=--data $(CORPORA)/%.csv.gz) $(patsubst %,--data %,$(wildcard $(TEACHER))) \
	  $(TESTS:%=--test $(CORPORA)/%.csv.gz)

adopt: install ## Make build/candidate the default model
	$(BIN)/broadsheet models show --model $(CANDIDATE) > /dev/null
	$(BIN)/python -m training.adopt $(CANDIDATE)

agree: install ## Compare scikit-learn's probabilities with both scorers' on every headline of the corpora
	$(BIN)/python -m benchmarks.agreement --candidate $(CANDIDATE) --corpora $(CORPORA)

evaluate: install ## Print the figures of docs/evaluation.md and write build/report.html
	$(BIN)/broadsheet evaluate --cross-validate $(RATED:%=--data $(CORPORA)/%.csv.gz) $(patsubst %,--data %,$(wildcard $(TEACHER)))
	@mkdir -p build
	$(BIN)/broadsheet evaluate $(TESTS:%=--data $(CORPORA)/%.csv.gz) --report build/report.html --pictures build/pictures
	$(BIN)/python -m benchmarks.topics --corpora $(CORPORA)

ablate: install ## Print what smaller heads and weights by topic would cost, out of publisher
	$(BIN)/python -m benchmarks.ablations --corpora $(CORPORA)

bench: install ## Print every table of docs/performance.md; build/candidate and the corpora serve where they stand
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	$(BIN)/python -m benchmarks --candidate $(CANDIDATE) --corpora $(CORPORA)

load: install ## Print how the service does under load, and servers it could run on; needs wrk
	-$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[bench]'
	$(BIN)/python -m benchmarks.service_load --candidate $(CANDIDATE) --corpora $(CORPORA)
	$(BIN)/python -m benchmarks.servers --candidate $(CANDIDATE) --corpora $(CORPORA)

soak: install ## Load the service for ten minutes and say what grew (MINUTES=); needs wrk
	$(BIN)/python -m benchmarks.soak --corpora $(CORPORA) --minutes $(or $(MINUTES),10)

worst: install ## Search for the costliest requests and pages (SECONDS= of each search)
	$(BIN)/python -m benchmarks.worst.requests --seconds $(or $(SECONDS),120)
	$(BIN)/python -m benchmarks.worst.pages --seconds $(or $(SECONDS),600)

pages: install ## Find the own headline of saved pages beside trafilatura and newspaper4k, which it fetches
	$(BIN)/python -m benchmarks.pages

fuzz: install ## Fuzz the compiled scorer, and run its tests, under sanitizers (SECONDS=)
	$(BIN)/python -m benchmarks.fuzz --seconds $(or $(SECONDS),600) --tests

lock: install ## Resolve constraints.txt anew from pyproject.toml
	$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip compile --universal --python-version 3.11 --extra dev --extra bench --no-header --output-file constraints.txt pyproject.toml

clean: ## Remove what can be made again
	rm -rf $(VENV) build model/_kernel*.so .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage .coverage.* .import_linter_cache
