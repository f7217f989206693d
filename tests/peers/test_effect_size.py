"""Effect sizes against metafor's escalc on public data (expected values kept beside the data)."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evdose.modelling.effect_size import (
    Counts,
    Sample,
    hedges_g,
    log_odds_ratio,
    log_risk_ratio,
    risk_difference,
)
from places import REFERENCE

pytestmark = pytest.mark.usefixtures("reference")
DATA = REFERENCE / "reference"


def _columns(file: str, *pairs: tuple[str, ...]) -> list[list[np.ndarray]]:
    frame = pd.read_csv(DATA / file)
    return [[frame[name].to_numpy(float) for name in pair] for pair in pairs]


def _bcg() -> tuple[Counts, Counts]:
    (events_1, rest_1), (events_0, rest_0) = _columns("dat_bcg.csv", ("tpos", "tneg"), ("cpos", "cneg"))
    return Counts(events_1, events_1 + rest_1), Counts(events_0, events_0 + rest_0)


def _normand() -> tuple[Sample, Sample]:
    first, second = _columns("dat_normand1999.csv", ("m1i", "sd1i", "n1i"), ("m2i", "sd2i", "n2i"))
    return Sample(*first), Sample(*second)


CASES = [
    ("dat_bcg:OR", log_odds_ratio, _bcg),
    ("dat_bcg:RR", log_risk_ratio, _bcg),
    ("dat_bcg:RD", risk_difference, _bcg),
    ("dat_normand1999:SMD", hedges_g, _normand),
]


@pytest.mark.parametrize(("dataset", "formula", "arms"), CASES, ids=[case[0] for case in CASES])
def test_equals_escalc(dataset, formula, arms):
    expected = pd.read_csv(DATA / "expected_values.csv")
    expected = expected[(expected["dataset"] == dataset) & (expected["analysis"] == "escalc")]
    effect = formula(*arms())
    ours = {
        f"{name}[{i + 1}]": value
        for name, values in (("yi", effect.estimate), ("vi", effect.variance))
        for i, value in enumerate(values)
    }
    assert set(expected["quantity"]) == set(ours)
    for row in expected.itertuples():
        assert ours[row.quantity] == pytest.approx(row.value, abs=row.tolerance_abs), row.quantity
