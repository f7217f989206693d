# make results   the whole analysis: a release in results/, its report in results/latest/report.html
# make test      every test
# make report    Snakemake's own report (zip), with captions and provenance
# make lint      ruff, snakefmt, snakemake --lint
# make evaluation  how well dose texts are read, into docs/evaluation.md
# make peers     the estimators beside metafor, DoseFinding and brglm2, run on the same data, into benchmarks/
# make calibration  type I error and coverage of the tests and intervals, by simulation, into benchmarks/
# make benchmark  the times of the main job, into benchmarks/
# make benchmark-reading  the times of reading doses, into benchmarks/
# make clean     remove what is made on the way (build/), not what came out (results/)
# make lock      resolve the libraries anew: requirements.lock and environment.yml
# Each sets itself up on a machine that has git, make and Python 3.11 or newer.

.PHONY: results test report lint evaluation peers calibration benchmark benchmark-reading clean lock
.DELETE_ON_ERROR:

VENV := .venv
READY := $(VENV)/ready
PYTHON := $(shell command -v python3.11 || command -v python3)
BIN := $(VENV)/bin

unexport PYTHONDONTWRITEBYTECODE
unexport PYTHONPATH

results: $(READY)
	@$(BIN)/snakemake

report: results
	@$(BIN)/snakemake --report build/snakemake-report.zip
	@echo "Snakemake's report: build/snakemake-report.zip"

test: $(READY)
	@$(BIN)/pytest --numprocesses 2 --dist loadfile

lint: $(READY)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/snakefmt --check workflow
	@$(BIN)/snakemake --lint

# DIFFERENCES=yes also prints the misread fragments of the tuning half; those held back are never shown.
# quantulum3's reading of some units depends on Python's hash seed.
evaluation: $(READY)
	@PYTHONHASHSEED=0 $(BIN)/python tests/evaluation/evaluate.py $(if $(DIFFERENCES),--show-tuning-differences)
	@cp build/evaluation/evaluation.md docs/evaluation.md

# One thread of linear algebra, as in the main job; small matrices are slower on several.
test peers calibration: export OPENBLAS_NUM_THREADS = 1
test peers calibration: export OMP_NUM_THREADS = 1

peers: $(READY)
	@$(BIN)/python benchmarks/peers.py

calibration: $(READY)
	@$(BIN)/python benchmarks/calibration.py

benchmark: $(READY)
	@$(BIN)/python benchmarks/main_run.py

benchmark-reading: $(READY)
	@$(BIN)/python benchmarks/dose_reading.py

clean:
	@rm -rf build .snakemake

lock: $(READY)
	@$(PYTHON) -m pip install --quiet --target build/uv uv
	@PYTHONPATH=build/uv $(PYTHON) -m uv pip compile --quiet --universal --generate-hashes --no-annotate --no-header \
		--no-emit-index-url --no-emit-find-links --group dev pyproject.toml --output-file requirements.lock
	@$(BIN)/python .ci/environment.py requirements.lock > environment.yml

$(READY): requirements.lock pyproject.toml
	@echo "Setting up $(VENV) (once) ..."
	@rm -rf $(VENV)
	@if command -v uv >/dev/null 2>&1; then \
		uv venv --quiet --python $(PYTHON) $(VENV) && \
		uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock && \
		uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation -e . ; \
	else \
		$(PYTHON) -m venv $(VENV) && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock && \
		$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . ; \
	fi
	@$(BIN)/python -m compileall -q scripts
	@touch $(READY)
