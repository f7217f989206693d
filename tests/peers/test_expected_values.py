"""Every published, asserted or computed number of the reference sets: equal to ours, or listed with a reason.

Each module of this folder with an ``ANALYSES`` maps (data set, analysis) to a function without arguments that
returns evdose's numbers by quantity. ``not_offered.csv`` lists patterns of what evdose doesn't compute.
"""

from __future__ import annotations

import fnmatch
import importlib
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from places import REFERENCE

pytestmark = pytest.mark.usefixtures("reference")
HERE = Path(__file__).parent
MODULES = sorted(path.stem for path in HERE.glob("offers_*.py"))
EXPECTED_ROWS = 2670  # the reference grid as it is; it must not shrink


@cache
def expected() -> pd.DataFrame:
    """Rows of expected_values.csv, in the order of the file."""
    file = REFERENCE / "reference" / "expected_values.csv"
    return pd.read_csv(file, dtype={"dataset": str, "analysis": str, "quantity": str}, low_memory=False)


@cache
def analyses() -> dict:
    """All analyses that evdose offers, over the modules."""
    found = {}
    for module in MODULES:
        offered = importlib.import_module(f"peers.{module}").ANALYSES
        assert not found.keys() & offered.keys(), f"{module} offers what another module offers"
        found |= offered
    return found


@cache
def not_offered() -> pd.DataFrame:
    """Patterns of (dataset, analysis, quantity) that evdose doesn't offer, each with a reason."""
    return pd.read_csv(HERE / "not_offered.csv", dtype=str)


def is_listed(dataset: str, analysis: str, quantity: str) -> bool:
    """Whether a row is one that evdose doesn't offer."""
    return any(
        fnmatch.fnmatchcase(dataset, row.dataset)
        and fnmatch.fnmatchcase(analysis, row.analysis)
        and fnmatch.fnmatchcase(quantity, row.quantity)
        for row in not_offered().itertuples()
    )


def groups() -> list[tuple[str, str]]:
    """(data set, analysis) pairs of the reference grid; none where a machine lacks it."""
    if not REFERENCE.is_dir():
        return []
    return list(dict.fromkeys(zip(expected()["dataset"], expected()["analysis"], strict=True)))


def test_the_grid_is_whole():
    assert len(expected()) >= EXPECTED_ROWS
    assert set(analyses()) <= set(groups()), "an analysis that the grid doesn't have"
    reasons = not_offered()["reason"]
    assert reasons.notna().all() and reasons.str.len().gt(10).all()


@pytest.mark.parametrize(("dataset", "analysis"), groups())
def test_equals_the_peer(dataset, analysis):
    rows = expected()[(expected()["dataset"] == dataset) & (expected()["analysis"] == analysis)]
    offered = analyses().get((dataset, analysis))
    ours = offered() if offered else {}
    wrong = []
    for row in rows.itertuples():
        if row.quantity in ours:
            value = float(ours[row.quantity])
            if not abs(value - float(row.value)) <= float(row.tolerance_abs):
                theirs = f"theirs {row.value} ± {row.tolerance_abs}"
                wrong.append(f"{row.quantity} ({row.kind}): {value!r}, {theirs}")
        elif not is_listed(dataset, analysis, row.quantity):
            wrong.append(f"{row.quantity}: neither computed nor listed in not_offered.csv")
    assert not wrong, "\n".join(wrong)
