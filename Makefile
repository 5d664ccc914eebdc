# Dateline: `make train` and `make test` need Python 3.11 or later with venv, and nothing else.

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
CONFIG ?= configs/news.yaml
MODEL ?= models/news
PORT ?= 5000
SERVE_PORT ?= 8000
MINUTES ?= 1
ROUNDS ?= 200
SECONDS_AT_MOST ?= 1800
PARALLEL := -n 2 --dist loadfile --max-worker-restart 0
READY := $(VENV)/.ready
EXTRAS := --extra all --group dev

.DEFAULT_GOAL := help
.PHONY: help train learn prepare test predict serve ui lint format lock audit benchmark benchmark-languages torture fuzz clean

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(READY): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Dateline needs Python 3.11 or later; name one with make PYTHON=python3.12" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "installing the locked packages into $(VENV) (about 1.3 GB, once)" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes \
	  -r requirements.lock
	@echo "compiling what is fast (twenty seconds, once)" >&2
	@$(BIN)/python -c 'from pipeline.training.warm_up import compile_all; compile_all()'
	@touch $@

train: $(READY)  ## prepare the corpus, train, log to MLflow, write models/<name>/ (CONFIG=...)
	@$(BIN)/python train.py train --config $(CONFIG)

prepare: $(READY)  ## only fetch and prepare the corpus (CONFIG=...)
	@$(BIN)/python train.py prepare --config $(CONFIG)

learn: $(READY)  ## train with the editors' corrections added, behind the gate (CONFIG=...)
	@$(BIN)/python train.py learn --config $(CONFIG)

predict: $(READY)  ## tag a text: make predict TEXT="..." (MODEL=...)
	@test -n "$$TEXT" || { echo 'say what to tag: make predict TEXT="..."' >&2; exit 2; }
	@$(BIN)/python train.py predict --model $(MODEL) -- "$$TEXT"

serve: $(READY)  ## serve the tagger on this machine (MODEL=... SERVE_PORT=...)
	@$(BIN)/python train.py serve --model $(MODEL) --port $(SERVE_PORT)

ui: $(READY)  ## open the MLflow UI (PORT=...)
	@$(BIN)/python train.py ui --port $(PORT)

test: $(READY)  ## run the tests of the rooms and of the commands (PYTEST_ARGS=...)
	@$(BIN)/python -m pytest $(PARALLEL) tests/unit tests/commands $(PYTEST_ARGS)

test-all: test  ## run these, then those of faults, hostile input, clusters, servers and browsers
	@$(BIN)/python -m pytest $(PARALLEL) tests/faults $(PYTEST_ARGS)

lint: $(READY)  ## check format, style, types, and which room imports which
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

format: $(READY)  ## mend format and style
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

benchmark: $(READY)  ## measure, and write the tables of BENCHMARKS.md
	@$(BIN)/python benchmarks/run.py

benchmark-languages: $(READY)  ## measure MasakhaNEWS and 10kGNAD beside scikit-learn (MASAKHANEWS=folder GNAD=file)
	@$(BIN)/python benchmarks/languages.py $(if $(MASAKHANEWS),--masakhanews $(MASAKHANEWS)) $(if $(GNAD),--gnad $(GNAD))

torture: $(READY)  ## kill the commands 200 times and look what breaks (ROUNDS=... SECONDS_AT_MOST=...)
	@$(BIN)/python benchmarks/torture.py --rounds $(ROUNDS) --seconds $(SECONDS_AT_MOST)

fuzz: $(READY)  ## feed damaged files to the readers (MINUTES=1 for each of five)
	@$(BIN)/python benchmarks/fuzz.py --minutes $(MINUTES)

lock:  ## resolve pyproject.toml anew into requirements.lock
	@$(PYTHON) -m venv $(VENV)-lock
	@$(VENV)-lock/bin/python -m pip install --quiet --disable-pip-version-check uv
	@$(VENV)-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --no-annotate $(EXTRAS) --upgrade pyproject.toml -o requirements.lock
	@rm -rf $(VENV)-lock

audit: $(READY)  ## look for known vulnerabilities of the locked packages
	@.ci/audit $(BIN)/pip-audit

clean:  ## remove the environment, prepared data and caches; models and runs stay
	rm -rf $(VENV) data/prepared data/cache .pytest_cache .mypy_cache .ruff_cache

export TEXT
