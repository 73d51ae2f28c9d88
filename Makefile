# Three commands matter: `make audit`, `make audit-video` and `make test`. Each makes what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed
CODE := src tests plugins examples bench docs

# The same code on the numpy that older packages still pin.
NUMPY1 := $(VENV)/numpy1

.PHONY: audit audit-video test test-core test-quick test-nuscenes test-numpy1 coverage check lint types bench bench-nuscenes schema docs clean

audit: $(READY)
	$(BIN)/speccheck run specs/stage3.yaml

test: test-core test-nuscenes

# Modules in their order: the long ones, in tests/acceptance, come first, so that both workers end together.
test-core: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder

# What needs neither torch nor an example: tests/support/quick.py says how that is decided, and enforces it.
test-quick: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadscope --no-loadscope-reorder --quick

test-numpy1: $(READY)
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --upgrade --target $(NUMPY1) numpy==1.26.4
	PYTHONPATH=$(NUMPY1) $(BIN)/python -m pytest -n 2 tests/checks tests/unit/subjects tests/unit/executors

# Lines and branches of src/speccheck that these tests reach; pyproject.toml has the floor. Most tests of the command
# line start processes, which are not measured.
coverage: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadscope --cov --cov-report=term tests/unit tests/contract tests/checks

check: lint types

lint: $(READY)
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)

# Each plugin and each example has modules of its own named `support`, `broken` or `conftest`, so each is a run of its own.
types: PLUGIN_TYPES := --config-file ../../pyproject.toml --cache-dir ../../.mypy_cache
types: $(READY)
	$(BIN)/mypy src/speccheck tests docs bench
	cd plugins/speccheck-template && ../../$(BIN)/mypy $(PLUGIN_TYPES)/template src tests
	cd plugins/speccheck-nuscenes && MYPYPATH=../../tests:../../examples/video_ssl \
		../../$(BIN)/mypy $(PLUGIN_TYPES)/nuscenes src tests
	cd examples/uti && ../../$(BIN)/mypy --config-file= --strict --ignore-missing-imports uti broken
	cd examples/video_ssl && ../../$(BIN)/mypy --config-file= --strict --ignore-missing-imports video_ssl broken

bench: $(READY)
	$(BIN)/python -m bench

# What is generated from the registered checks; tests fail when it drifts.
schema: $(READY)
	$(BIN)/speccheck schema spec > src/speccheck/schema/spec-v1.json
	$(BIN)/speccheck schema run > src/speccheck/schema/run-v2.json

docs: $(READY)
	$(BIN)/python docs/generate.py
	$(BIN)/python docs/architecture.py
	$(BIN)/python docs/plugins.py
	$(BIN)/python docs/readme.py

$(READY): constraints.txt pyproject.toml src/speccheck/__init__.py
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[media,examples,dev]"
	touch $(READY)

# The nuScenes plugin has an environment of its own: the devkit pins numpy below 2.
NUSCENES := .venv-nuscenes
NUSCENES_READY := $(NUSCENES)/.installed

audit-video: $(NUSCENES_READY)
	OMP_NUM_THREADS=1 $(NUSCENES)/bin/speccheck run specs/day0_6.yaml
	OMP_NUM_THREADS=1 $(NUSCENES)/bin/speccheck run specs/day7_probe.yaml

test-nuscenes: $(NUSCENES_READY)
	OMP_NUM_THREADS=1 $(NUSCENES)/bin/python -m pytest -c pyproject.toml -n 2 --dist worksteal plugins/speccheck-nuscenes/tests

bench-nuscenes: $(NUSCENES_READY)
	$(NUSCENES)/bin/python -m bench.nuscenes

$(NUSCENES_READY): constraints-nuscenes.txt pyproject.toml plugins/speccheck-nuscenes/pyproject.toml src/speccheck/__init__.py
	$(PYTHON) -m venv $(NUSCENES)
	$(NUSCENES)/bin/pip install --quiet --disable-pip-version-check --constraint constraints-nuscenes.txt \
		--editable ".[media,examples]" --editable plugins/speccheck-nuscenes \
		pytest pytest-xdist
	touch $(NUSCENES_READY)

clean:
	rm -rf $(VENV) $(NUSCENES) .mypy_cache .ruff_cache .speccheck
