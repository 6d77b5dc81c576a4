# One command per habit; CI calls the same ones.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
TRAINING_STAMP := $(VENV)/.training
# Synapse asks for other versions of libraries than BART, so it has an environment of its own.
SYNAPSE := .venv-synapse
SYNAPSE_STAMP := $(SYNAPSE)/.installed
SYNAPSE_WANTED := matrix-synapse>=1.150,<2
ARGS ?=

.PHONY: help install run test longer synapse training train-encoder check bench bench-channels bench-desks train soak screenshots clean

help:  ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "%-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP)  ## make .venv with the command bart in it

# The stamp comes last: an install that was interrupted is done again.
$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	  || { echo "BART needs Python 3.11 or newer: apt install python3, or make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "Python cannot make a virtual environment here: apt install python3-venv" >&2; exit 1; }
	@test -x $(BIN)/python && $(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $(STAMP)

run: install  ## start BART; ARGS="--port 9000" goes to bart run
	@$(BIN)/bart run $(ARGS)

test: install  ## all tests but the long ones
	@$(BIN)/python -m pytest -m "not soak and not longer" $(ARGS)

longer: install  ## faults, real servers, a small training
	@$(BIN)/python -m pytest -m "longer and not soak" $(ARGS)

synapse: $(SYNAPSE_STAMP)  ## a Matrix homeserver for the tests, once, in .venv-synapse

$(SYNAPSE_STAMP):
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null \
	  || { echo "Python cannot make a virtual environment here: apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv --clear $(SYNAPSE)
	$(SYNAPSE)/bin/python -m pip install --quiet --disable-pip-version-check '$(SYNAPSE_WANTED)'
	@touch $(SYNAPSE_STAMP)

check: install  ## style, types and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: install  ## measure speed and memory, as "name: value" lines
	@$(BIN)/bart bench $(ARGS)

bench-channels: install  ## measure the channels alone
	@$(BIN)/python -m tests.bench channels

bench-desks: install  ## measure the desks alone
	@$(BIN)/python -m tests.bench desks

train: install  ## make the light model, its join with the encoder, and their figures
	@nice -n 10 $(BIN)/python -m nlp.train $(ARGS)

training: $(TRAINING_STAMP)  ## install what fine-tuning the encoder needs (PyTorch)

$(TRAINING_STAMP): $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[encoder]'
	@touch $(TRAINING_STAMP)

train-encoder: training  ## fine-tune the encoder: hours on two cores
	@nice -n 10 $(BIN)/python -m nlp.full.training $(ARGS)

soak: install  ## the long suites: faults and many random cases
	@$(BIN)/python -m pytest -m soak --timeout 3600 $(ARGS)

screenshots: install  ## make the pictures of the docs from the running page
	@$(BIN)/python -m tests.support.screenshots docs/images

clean:  ## remove what was built; data stays
	rm -rf $(VENV) $(SYNAPSE) build dist *.egg-info .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
