"""The conditional logistic model against metafor's, run where R has it."""

from __future__ import annotations

import pandas as pd
import pytest

from peers.metafor_glmm import (
    COLUMNS,
    evdose_glmm,
    evdose_log_likelihood,
    metafor_glmm,
    runs_here,
    simulated,
)
from places import REFERENCE

BCG = {
    "estimate": -0.753810509090,
    "tau2": 0.311634882299,
    "log_likelihood": -48.374791239530,
}  # metafor 3.8.1


def _bcg() -> pd.DataFrame:
    bcg = pd.read_csv(REFERENCE / "reference" / "dat_bcg.csv")
    cells = [bcg["tpos"], bcg["tpos"] + bcg["tneg"], bcg["cpos"], bcg["cpos"] + bcg["cneg"]]
    return pd.DataFrame(dict(zip(COLUMNS, cells, strict=True)))


@pytest.mark.usefixtures("reference")
def test_equals_what_metafor_says_of_the_bcg_trials():
    ours = evdose_glmm(_bcg())
    assert ours["estimate"] == pytest.approx(BCG["estimate"], abs=5e-6)  # theirs stops at a gradient of 1e-4
    assert ours["tau2"] == pytest.approx(BCG["tau2"], rel=1e-6)
    assert ours["log_likelihood"] == pytest.approx(BCG["log_likelihood"], abs=1e-8)


@pytest.mark.skipif(not runs_here(), reason="R with metafor and lme4 isn't here")
def test_equals_metafor_on_rare_events():
    data = simulated(seed=2)
    ours, theirs = evdose_glmm(data), metafor_glmm([data]).iloc[0]
    assert ours["tau2"] > 0.5  # near 0 their optimiser doesn't converge
    at_theirs = evdose_log_likelihood(data, theirs["estimate"], theirs["tau2"])
    assert at_theirs == pytest.approx(theirs["log_likelihood"], abs=1e-7)
    for name, tolerance in (("estimate", 1e-6), ("tau2", 1e-5), ("log_likelihood", 1e-7), ("se", 1e-2)):
        assert ours[name] == pytest.approx(theirs[name], abs=tolerance), (
            name
        )  # se: their differences are coarse
