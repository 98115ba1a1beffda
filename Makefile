# Everything a person or a machine does with this project. `make help` tells what there is.
#
# Needs git, make and Python 3.11 or newer. The rest comes into .venv from the Python package index, with every version and
# hash written down in requirements/; the stamps in .venv make a second start quick.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

UV_VERSION := 0.13.9
BIN := .venv/bin
UV := $(BIN)/uv
DEMO_ARGS ?=
PYTEST_ARGS ?=
FIGURES ?=
export DEBIAN_FRONTEND := noninteractive

# A Python that is new enough; the first of these that is one.
FIND_PYTHON := for name in python3.11 python3 python3.13 python3.12 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$name; break; }; done; true
AS_ROOT_WITH_APT := [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null
APT_INSTALL = apt-get update -qq && apt-get install -y -qq --no-install-recommends

.PHONY: help demo test check controls faults fuzz bench figures lock fonts build

help: ## Say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' Makefile

demo: setting-up .venv/.run ## Start the demo: a small LMS and the tool on this computer, with three doors to walk through (DEMO_ARGS=…)
	@$(MAKE) -s fonts OPTIONAL=yes
	@exec $(BIN)/lti-tool demo $(DEMO_ARGS)

test: check ## Check and test everything, on SQLite and PostgreSQL, in a real browser; at most 15 minutes
	@$(MAKE) -s fonts test-tools OPTIONAL=yes
	@exec $(BIN)/python -m pytest -n 3 --dist loadfile -q $(PYTEST_ARGS)

check: .venv/.dev ## Check style, types and who imports whom, without running a test
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet . || { echo "Not formatted: run $(BIN)/ruff format ."; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

controls: .venv/.dev ## Switch off one guard at a time and see that its tests fail
	@$(MAKE) -s fonts test-tools OPTIONAL=yes
	@exec $(BIN)/python -m tests.run_controls

faults: .venv/.dev ## Kill, stop, starve and flood a running tool, and see that nothing is lost and nobody let in
	@$(MAKE) -s fonts test-tools OPTIONAL=yes
	@$(BIN)/python -m pytest tests/faults -m "faults or not faults" -q $(PYTEST_ARGS)
	@exec $(BIN)/python -m pytest --ignore tests/faults -m faults -q $(PYTEST_ARGS)

fuzz: .venv/.dev ## Try many random inputs: 40 times as many as make test, and other ones each time
	@HYPOTHESIS_PROFILE=many exec $(BIN)/python -m pytest -n 2 -m "hypothesis or fuzz" --timeout 1800 -q $(PYTEST_ARGS)

bench: .venv/.dev ## Measure what the documentation claims about speed
	@for name in hot_paths launch_baseline slow_platform scoring; do echo "== $$name"; $(BIN)/python benchmarks/$$name.py; done

figures: .venv/.dev ## Run the heavy tests and benchmarks and write docs/figures.md (half an hour; FIGURES=name for some)
	@exec $(BIN)/python benchmarks/figures.py $(FIGURES)

lock: $(UV) ## Write the newest allowed versions, with hashes, into requirements/
	@compile() { $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --upgrade --no-header \
		--no-emit-index-url --no-emit-find-links --no-config "$$@"; }; \
	note='# Made by `make lock`. Every version with its hashes; no index is named, so any mirror will do.'; \
	{ echo "$$note"; echo "uv==$(UV_VERSION)" | compile --no-annotate -; } > requirements/uv.txt.new; \
	mv requirements/uv.txt.new requirements/uv.txt; \
	{ echo "$$note"; compile pyproject.toml; } > requirements/run.txt.new; \
	mv requirements/run.txt.new requirements/run.txt; \
	{ echo "$$note"; compile --constraint requirements/run.txt --group dev pyproject.toml; } > requirements/dev.txt.new; \
	mv requirements/dev.txt.new requirements/dev.txt; \
	{ echo "$$note"; compile requirements/interop.in; } > requirements/interop.txt.new; \
	mv requirements/interop.txt.new requirements/interop.txt

fonts: ## Bring the typefaces that certificates need for names in every script (Debian's Noto packages)
	@have() { { [ -e /usr/share/fonts/truetype/noto/$$1 ] || [ -e .fonts/usr/share/fonts/truetype/noto/$$1 ]; } && \
		{ [ -e /usr/share/fonts/opentype/noto/$$2 ] || [ -e .fonts/usr/share/fonts/opentype/noto/$$2 ]; }; }; \
	have NotoSerif-Regular.ttf NotoSerifCJK-Regular.ttc && exit 0; \
	if $(AS_ROOT_WITH_APT); then \
		echo "Installing typefaces: fonts-noto-core fonts-noto-cjk"; \
		{ $(APT_INSTALL) fonts-noto-core fonts-noto-cjk >/dev/null; } && exit 0; \
	elif command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null; then \
		echo "Fetching typefaces into .fonts"; mkdir -p .fonts; \
		( cd .fonts && apt-get download -qq fonts-noto-core fonts-noto-cjk && \
		  for package in *.deb; do dpkg-deb -x "$$package" . && rm "$$package"; done ) && exit 0; \
	fi; \
	echo "Typefaces are missing: certificates with names in some scripts wait until fonts-noto-core and fonts-noto-cjk" \
		"(the Noto typefaces) are installed."; \
	[ -n "$(OPTIONAL)" ]

build: .venv/.dev ## Build the wheel into dist/
	@$(UV) build --quiet --wheel --build-constraints requirements/dev.txt --require-hashes --python $(BIN)/python
	@ls dist/*.whl

.PHONY: setting-up
setting-up:
	@[ -e .venv/.run ] || echo "Setting up (about a minute, once) …"

# --- How it gets there --------------------------------------------------------------------------------------------------

$(UV): | requirements/uv.txt
	@python=$$($(FIND_PYTHON)); \
	[ -n "$$python" ] || { echo "Python 3.11 or newer is needed: install it and run make again."; exit 1; }; \
	if [ ! -x $(BIN)/pip ]; then \
		rm -rf .venv; \
		$$python -m venv .venv >/dev/null 2>&1 || { rm -rf .venv; $(AS_ROOT_WITH_APT) && $(APT_INSTALL) python3-venv >/dev/null \
			&& $$python -m venv .venv; } || { rm -rf .venv; \
			echo "Python's venv and pip are missing: install the package python3-venv and run make again."; exit 1; }; \
	fi; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/uv.txt

# Everything for working on the project.
.venv/.dev: requirements/dev.txt pyproject.toml | $(UV)
	@$(UV) pip sync --quiet --require-hashes --python $(BIN)/python requirements/dev.txt
	@$(INSTALL_HOUSE)
	@touch .venv/.dev .venv/.run

# What running it takes. Where everything is already there, this is too.
.venv/.run: requirements/run.txt pyproject.toml | $(UV)
	@if [ -e .venv/.dev ]; then $(MAKE) .venv/.dev; else \
		$(UV) pip sync --quiet --require-hashes --python $(BIN)/python requirements/run.txt; $(INSTALL_HOUSE); fi
	@touch .venv/.run

# The project itself, as it lies here; what builds it is held to the locked versions too.
INSTALL_HOUSE = $(UV) pip install --quiet --no-deps --build-constraints requirements/dev.txt --python $(BIN)/python \
	--editable .

# What the tests need beside Python: installed where that is allowed, else named; tests that need it then say so.
.PHONY: test-tools
test-tools: node_modules/.package-lock.json
	@missing=(); \
	command -v chromium >/dev/null || missing+=(chromium); \
	command -v pdftotext >/dev/null || missing+=(poppler-utils); \
	[ $${#missing[@]} -gt 0 ] || exit 0; \
	if $(AS_ROOT_WITH_APT); then echo "Installing for the tests: $${missing[*]}"; \
		{ $(APT_INSTALL) "$${missing[@]}" >/dev/null; } && exit 0; fi; \
	echo "Missing for some tests, which are skipped: install $${missing[*]} to run them."

node_modules/.package-lock.json: package.json package-lock.json
	@if command -v npm >/dev/null; then npm ci --silent --ignore-scripts --no-audit --no-fund && touch $@; \
	else echo "Missing for the accessibility checks, which are skipped: npm (it brings axe-core)."; fi
