"""R's packages themselves, on a few of the simulated sets of the benchmark."""

from __future__ import annotations

import importlib.util
import sys

import pytest

from places import PROJECT


@pytest.fixture(scope="module")
def benchmark():
    """benchmarks/peers.py as a module."""
    file = PROJECT / "benchmarks/peers.py"
    before = sys.path.copy()
    spec = importlib.util.spec_from_file_location("benchmark_of_peers", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    sys.path[:] = before
    return module


def test_fifty_sets_are_simulated_the_same_each_time(benchmark):
    first, again = benchmark.data_sets(None), benchmark.data_sets(None)
    assert sum(table["set"].nunique() for table in first.values()) == 50
    assert all(first[kind].equals(again[kind]) for kind in first)


def test_a_machine_without_r_is_told_what_to_install(benchmark, monkeypatch):
    monkeypatch.setattr(benchmark.shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match="r-cran-metafor, r-cran-dosefinding and r-cran-brglm2"):
        benchmark.main()


def test_live_numbers_agree(benchmark):
    kept = {"effects": 2, "tables": 1, "means": 1, "nested": 2, "trials": 1, "binary": 2}
    data = {
        kind: table[table["set"] == f"simulated_{kept[kind]:02d}"]
        for kind, table in benchmark.data_sets(None).items()
    }
    try:
        compared, _ = benchmark.compare(data, rounds=1)
    except benchmark.PeersAbsentError as absent:
        pytest.skip(str(absent))
    compared = compared[~compared["method"].str.startswith("rma.glmm")].set_index("method")
    assert len(compared) >= 25
    assert (compared["comparisons"] > 0).all()
    monte_carlo = ["MCTtest: critical value", "MCTtest: adjusted p"]
    assert (compared.loc[monte_carlo, "largest_absolute"] < 5e-3).all()
    rest = compared["largest_relative"].drop(monte_carlo)
    assert (rest < 2e-5).all(), rest[rest >= 2e-5]
