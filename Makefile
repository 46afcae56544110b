# Everything runs from here on a bare machine with git, make and Python 3.11 to 3.14; `make` lists the targets.

# The project's own tools come first, absolute so that a recipe may change folder.
export PATH := $(CURDIR)/.venv/bin:$(CURDIR)/node_modules/.bin:$(PATH)

# Nothing is written outside the project: HOME may be read-only.
export XDG_CACHE_HOME := $(CURDIR)/build/cache
export XDG_CONFIG_HOME := $(CURDIR)/build/cache/config
export XDG_DATA_HOME := $(CURDIR)/build/cache/data
export XDG_STATE_HOME := $(CURDIR)/build/cache/state
export npm_config_cache := $(CURDIR)/build/cache/npm
export npm_config_userconfig := /dev/null
export SOLCX_BINARY_PATH := $(CURDIR)/build/cache/solcx
export HYPOTHESIS_STORAGE_DIRECTORY := $(CURDIR)/build/cache/hypothesis
export HARDHAT_DISABLE_TELEMETRY_PROMPT := true

# The native binary: the npm wrapper exits 0 when tests fail. It comes for Linux x86-64 only.
FORGE := node_modules/@foundry-rs/forge-linux-amd64/bin/forge

.DEFAULT_GOAL := help
.PHONY: help setup demo test check prove slither mutate soak bench format lock clean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

setup: ## install what the locks name, compile the contracts (again only what changed)
	@sh scripts/setup.sh

demo: setup ## the whole life of an agreement on an embedded chain
	@python -m scripts.demo

test: setup ## every test, Python and Solidity
	@python -m scripts.tools || test -z "$$CI"
	@pytest -n 2 --dist loadgroup -m "not slow"

check: setup ## format, lint, types, import rules, unit tests
	@ruff format --check
	@ruff check
	@$(FORGE) fmt --check contracts tests/solidity tests/analysis/proofs
	@solhint --noPoster --disc --max-warnings 0 'contracts/**/*.sol'
	@mypy
	@lint-imports --no-logo --cache-dir build/cache/import_linter
	@pytest tests/unit -q -n 2
	@python -m scripts.mutate --due

prove: setup ## prove the contracts' rules for all values (halmos), and that the proofs can fail
	@python -m scripts.analysis.halmos

slither: setup ## ask Slither about the contracts: nothing high or medium may be left
	@python -m scripts.analysis.slither

mutate: setup ## break the money's arithmetic line by line and see the tests notice; writes docs/mutation.md, resumes
	@python -m scripts.mutate

soak: setup ## a million calls of the protocol, by actors honest and hostile, against the model of it
	@python -m tests.invariant.soak

bench: setup ## measure gas beside its targets, metering beside SQL by hand (METERING=--small: seconds, not minutes)
	@python -m benchmarks.gas
	@test -n "$(METERING)" || python -m scripts.tools --spark
	@python -m benchmarks.metering $(METERING)

format: setup ## rewrite the code in the one format
	@ruff format
	@ruff check --fix
	@$(FORGE) fmt contracts tests/solidity tests/analysis/proofs

lock: setup ## write the locks again, from pyproject.toml, locks/*.in and package.json
	@python -m scripts.lock

clean: ## remove all that setup and the tests made
	@rm -rf build .venv node_modules
