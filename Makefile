# Two commands matter: `make demo` and `make test`. README.md explains them.
SHELL := /bin/bash
PYTHON := /usr/bin/python3
VENV := .venv
BIN := $(VENV)/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

# What to build on, and how the demo's machine looks.
BASE ?= debian-12
FIRMWARE ?= bios
DISKS ?= 1
KICKSTART ?=
HEADLESS ?=
# Where the base's packages come from instead of its own mirrors, [DISTRIBUTION=]PLACE each, separated
# by spaces: mirrors (URLs or folders), and install DVDs.
FLEXVDI_MIRROR ?=
FLEXVDI_DVD ?=
# Which tests: unit, integration, e2e; empty for all of them; full adds the long ones.
SUITE ?=
# How many virtual machines (test processes) run side by side.
JOBS ?= 2

ISO := build/flexvdi-$(BASE).iso
MANAGER_IMAGE := build/flexvdi-manager-$(BASE)/manager.qcow2
SOURCES := $(foreach place,$(FLEXVDI_MIRROR),--mirror "$(place)") \
  $(foreach place,$(FLEXVDI_DVD),--source "$(place)")
AS_ROOT := $(shell [ "$$(id -u)" = 0 ] || echo sudo env PATH="$$PATH")
PYTEST := $(AS_ROOT) env FLEXVDI_BASE="$(BASE)" $(BIN)/python -m pytest
# Tests of a production base take its packages only from a place that somebody named. Without one there
# is no medium, and they are reported as skipped.
MEDIUM := $(if $(filter debian-12,$(BASE))$(FLEXVDI_MIRROR)$(FLEXVDI_DVD),iso,set-up)

.PHONY: demo test test-unit test-integration test-e2e test-full bench lint manager-image iso set-up lock clean help

help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

## make demo     build the ISO, install a virtual machine from it, show its flexVDI Config
##                 HEADLESS=1  FIRMWARE=bios|uefi|secure-boot  KICKSTART=path  DISKS=n
demo: iso
	$(AS_ROOT) $(BIN)/python -m tests.lab.demo --base $(BASE) --firmware $(FIRMWARE) \
	  --disks $(DISKS) $(if $(KICKSTART),--kickstart $(KICKSTART)) $(if $(HEADLESS),--headless)

## make test     lint and all tests; SUITE=unit|integration|e2e runs a part, SUITE=full adds more
##                 BASE=name  FLEXVDI_MIRROR="[distribution=]place ..."  FLEXVDI_DVD="..."
test: $(if $(SUITE),test-$(SUITE),lint test-unit test-integration test-e2e)

test-unit: set-up
	$(PYTEST) tests/unit -n $(JOBS) -m "not full"

test-integration: $(MEDIUM)
	$(PYTEST) tests/integration -n $(JOBS) --dist loadfile -m "not full"

test-e2e: $(MEDIUM)
	$(PYTEST) tests/e2e -n $(JOBS) --dist worksteal -m "not full"

test-full: lint $(MEDIUM)
	$(PYTEST) tests/unit -n $(JOBS)
	$(PYTEST) tests/integration -n $(JOBS) --dist loadfile
	$(PYTEST) tests/e2e -n $(JOBS) --dist worksteal

## make lint     ruff, and mypy in strict mode
lint: set-up
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

## make bench    measure sizes and times; prints them and keeps build/bench.json
bench: iso
	$(AS_ROOT) $(BIN)/python -m tests.lab.bench --base $(BASE) $(SOURCES)

## make manager-image   build the disk image of the Manager's appliance below build/
manager-image: set-up
	$(AS_ROOT) $(BIN)/flexvdi-manager-image build --base $(BASE) --output $(MANAGER_IMAGE) $(SOURCES)

## make iso      build the install medium, with the Manager's image, and the network-boot set
iso: manager-image
	$(AS_ROOT) $(BIN)/flexvdi-iso build --base $(BASE) --output $(ISO) $(SOURCES)

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

## make lock     resolve requirements.lock anew from pyproject.toml (needs uv)
lock:
	uv pip compile --quiet --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-header --all-extras pyproject.toml -o requirements.lock

## make clean    remove what was built (the cached root trees stay)
clean:
	rm -rf build
