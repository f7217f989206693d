"""Random-effects pooling against metafor, statsmodels' pinned values and PyMARE's grid of 180 fits."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats.tests.results import results_meta

from evdose.modelling.effect_size import (
    Counts,
    Sample,
    hedges_g,
    log_odds_ratio,
    log_risk_ratio,
    risk_difference,
)
from evdose.modelling.pooling import pool, q_profile
from places import REFERENCE

pytestmark = pytest.mark.usefixtures("reference")
DATA = REFERENCE / "reference"

FIELDS = {
    "beta[mu]": "estimate",
    "se[mu]": "se",
    "ci_lb[mu]": "low",
    "ci_ub[mu]": "high",
    "pval[mu]": "p_value",
    "k": "studies",
    "tau2": "tau2",
    "I2_percent": "i2",
    "Q": "q",
    "Q_pval": "q_p_value",
}
TESTS = {"": "z", "knha": "knha", "adhoc": "guarded"}
METHODS = ("EE", "DL", "PM", "ML", "REML")
BCG = ("dat_bcg:OR", "dat_bcg:RR", "dat_bcg:RD")
DATASETS = (*BCG, "dat_normand1999:SMD", "dat_fine1993:OR_year2", "kacker2004")


def _effects(dataset: str) -> tuple[np.ndarray, np.ndarray]:
    name, _, measure = dataset.partition(":")
    frame = pd.read_csv(DATA / f"{name}.csv").select_dtypes("number")
    if name == "kacker2004":
        return frame["yi"].to_numpy(float), frame["vi"].to_numpy(float)
    if name == "dat_normand1999":
        effect = hedges_g(*(Sample(frame[f"m{g}i"], frame[f"sd{g}i"], frame[f"n{g}i"]) for g in (1, 2)))
    elif name == "dat_fine1993":
        effect = log_odds_ratio(*(Counts(frame[f"{g}2i"], frame[f"n{g}i"]) for g in "ec"))
    else:
        formula = {"OR": log_odds_ratio, "RR": log_risk_ratio, "RD": risk_difference}[measure]
        effect = formula(*(Counts(frame[f"{g}pos"], frame[f"{g}pos"] + frame[f"{g}neg"]) for g in "tc"))
    keep = np.isfinite(effect.estimate)
    return np.asarray(effect.estimate)[keep], np.asarray(effect.variance)[keep]


def _expected(dataset: str) -> pd.DataFrame:
    expected = pd.read_csv(DATA / "expected_values.csv", low_memory=False)
    return expected[(expected["dataset"] == dataset) & expected["quantity"].isin(list(FIELDS))]


@pytest.mark.parametrize("dataset", DATASETS)
def test_equals_metafor(dataset):
    y, v = _effects(dataset)
    compared = set()
    for row in _expected(dataset).itertuples():
        method, _, test = row.analysis.partition("+")
        if method not in METHODS or test not in TESTS:
            continue
        pooled = pool(y, v, method=method, test=TESTS[test])
        assert getattr(pooled, FIELDS[row.quantity]) == pytest.approx(row.value, abs=row.tolerance_abs), row
        compared.add((method, test))
    assert len(compared) >= 2  # the grid must not shrink to nothing


@pytest.mark.parametrize("dataset", BCG)
def test_tau2_interval_equals_metafor(dataset):
    y, v = _effects(dataset)
    expected = pd.read_csv(DATA / "expected_values.csv", low_memory=False)
    of_ours = (expected["dataset"] == dataset) & (expected["analysis"] == "REML")
    rows = expected[of_ours & (expected["kind"] == "computed_r")].set_index("quantity")
    for value, quantity in zip(q_profile(y, v), ("tau2_qprofile_lb", "tau2_qprofile_ub"), strict=True):
        assert value == pytest.approx(rows.at[quantity, "value"], abs=rows.at[quantity, "tolerance_abs"])


def test_equals_r_meta_with_prediction_interval():
    """R's meta as pinned by statsmodels; metafor's prediction intervals have other degrees of freedom."""
    theirs = results_meta.results_or_dl_hk
    arms = [Counts(theirs.event_e, theirs.n_e), Counts(theirs.event_c, theirs.n_c)]
    effect = log_odds_ratio(*arms)
    ours = pool(effect.estimate, effect.variance, method="DL", test="knha")
    for field, name in {
        "estimate": "TE_random",
        "se": "seTE_random",
        "low": "lower_random",
        "high": "upper_random",
        "prediction_low": "lower_predict",
        "prediction_high": "upper_predict",
        "tau2": "tau2",
        "q": "Q",
    }.items():
        assert getattr(ours, field) == pytest.approx(getattr(theirs, name), rel=1e-9), field
    assert ours.i2 / 100 == pytest.approx(theirs.I2, rel=1e-9)


def test_equals_the_pymare_grid_of_metafor_fits():
    data = pd.read_csv(DATA / "pymare_metafor_small_sample.csv").groupby("case")
    expected = pd.read_csv(DATA / "pymare_metafor_reference.csv")
    expected = expected[(expected["model"] == "intercept") & (expected["method"] != "HE")]
    assert len(expected) == 4 * 4 * 3  # designs × methods × tests
    for row in expected.itertuples():
        study = data.get_group(row.design)
        method = row.method.replace("FE", "EE")
        test = TESTS["" if row.test == "z" else row.test]
        pooled = pool(study["y"].to_numpy(), study["v"].to_numpy(), method=method, test=test)
        ours = (pooled.tau2, pooled.estimate, pooled.se, pooled.p_value, pooled.low, pooled.high)
        theirs = (row.tau2, row.beta, row.se, row.pval, row.ci_lb, row.ci_ub)
        # The iterations behind the grid stopped at metafor's default threshold of 1e-5.
        assert ours == pytest.approx(theirs, rel=1e-4 if method in {"ML", "REML"} else 1e-9), row
