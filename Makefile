# Two commands matter: `make demo` and `make test`. README.md explains them.
SHELL := /bin/bash
PYTHON := /usr/bin/python3
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: demo test bench lint set-up clean lock help

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

## make set-up   install the system packages and the Python environment (the others do it first)
set-up: build/.system-packages $(VENV)/.installed

build/.system-packages: debian-packages.txt
	@mkdir -p build
	tests/tools/install-system-packages debian-packages.txt
	@touch $@

$(VENV)/.installed: requirements.lock pyproject.toml build/.system-packages
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

## make lock     resolve requirements.lock anew from pyproject.toml
lock:
	uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --all-extras pyproject.toml -o requirements.lock
