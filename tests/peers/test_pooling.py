"""Meta-regression where the grid of expected values is silent: PyMARE's fits, converged ones, predictions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evdose.modelling.estimators.heterogeneity import log_likelihood
from evdose.modelling.estimators.meta_regression import MetaRegression, regress
from evdose.modelling.estimators.small_study_effects import egger_test
from peers import offers_pooling
from places import REFERENCE

pytestmark = pytest.mark.usefixtures("reference")
DATA = REFERENCE / "reference"
DESIGNS = {"intercept": [], "one": ["mod1"], "two": ["mod1", "mod2"]}
LOCAL_MAXIMUM = ("extreme_k10", "one", "ML")  # theirs: τ² = 0
TESTS = {"z": "z", "knha": "knha", "adhoc": "guarded"}


def _fit(design: str, model: str, method: str, test: str) -> MetaRegression:
    studies = pd.read_csv(DATA / "pymare_metafor_small_sample.csv").query("case == @design")
    x = np.column_stack([np.ones(len(studies)), studies[DESIGNS[model]]])
    return regress(studies["y"], studies["v"], x, method=method.replace("FE", "EE"), test=TESTS[test])


def test_equals_the_pymare_grid_of_metafor_fits():
    expected = pd.read_csv(DATA / "pymare_metafor_reference.csv").query("method != 'HE'")
    fits = expected.groupby(["design", "model", "method", "test"], sort=False)
    assert len(fits) == 4 * 3 * 4 * 3  # designs × models × methods × tests
    for key, terms in fits:
        fit = _fit(*key)
        if key[:3] == LOCAL_MAXIMUM:
            theirs = log_likelihood(fit.effects, terms["tau2"].iloc[0], restricted=False)
            assert fit.information_criteria().log_likelihood > theirs + 0.28
            continue
        # The iterations behind the grid stopped at metafor's default threshold of 1e-5.
        tolerance = {"rel": 2e-4, "abs": 1e-6} if key[2] in {"ML", "REML"} else {"rel": 1e-9, "abs": 1e-12}
        for column, ours in {
            "tau2": np.full(len(terms), fit.tau2),
            "beta": fit.coefficients,
            "se": fit.se,
            "pval": fit.p_value,
            "ci_lb": fit.low,
            "ci_ub": fit.high,
        }.items():
            assert ours == pytest.approx(terms[column].to_numpy(), **tolerance), (key, column)


def test_equals_metafor_where_the_grid_stopped_short():
    """metafor 3.8.1 with threshold 1e-12."""
    y, v = offers_pooling.studies("dat_egger2001:OR")
    fit = regress(y, v, np.ones((len(y), 1)), test="z")
    assert (fit.tau2, fit.se[0]) == pytest.approx((0.292637832225, 0.211801120234), rel=1e-9)
    assert egger_test(y, v, method="REML", test="z").statistic == pytest.approx(-4.66863563047, rel=1e-9)
    fit = offers_pooling.fit_of("dat_bcg:OR", "ML", ("ablat",))
    assert (fit.tau2, fit.se[0], fit.r2) == pytest.approx(
        (0.00399840101304, 0.105971211063, 98.6780247551), rel=1e-6
    )


@pytest.mark.parametrize(
    ("method", "covariates", "criteria"),
    [
        ("ML", (), (-12.66507635, 29.33015270, 30.46005141, 30.53015270)),
        ("REML", (), (-12.20237142, 28.40474283, 29.37455613, 29.73807616)),
        ("DL", ("ablat",), (-7.833845091, 21.66769018, 23.36253825, 24.33435685)),
        ("REML", ("ablat",), (-8.087320058, 22.17464012, 23.36832594, 25.60321155)),
        ("EE", ("ablat",), (-9.473610869, 22.94722174, 24.07712045, 24.14722174)),
    ],
)
def test_information_criteria_equal_metafor(method, covariates, criteria):
    fit = offers_pooling.fit_of("dat_bcg:RR", method, covariates)
    assert tuple(fit.information_criteria()) == pytest.approx(criteria, rel=1e-8)


def test_intervals_with_a_covariate_equal_metafor():
    interval = offers_pooling.fit_of("dat_bcg:RR", "REML", ("ablat",)).tau2_interval()
    assert tuple(interval) == pytest.approx(
        (0.01668006832, 0.7848352546, 32.09788323622, 95.6974435368), rel=1e-8
    )


def test_predictions_equal_metafor():
    """``predict``, and by ``pi.type = "riley"`` (lower case) with k - p - 1 degrees of freedom."""
    alone = offers_pooling.fit_of("dat_bcg:RR", "DL").predict(np.ones((1, 1)))
    found = (alone.prediction_low[0], alone.prediction_high[0])
    assert found == pytest.approx((-1.99883849575212, 0.57060405160566), rel=1e-9)
    fit, rows = offers_pooling.fit_of("dat_bcg:RR", "REML+knha", ("ablat",)), np.array([[1, 20], [1, 50]])
    expected = [
        [-0.33056629022590, -1.20361804057519],
        [0.15271163662914, 0.19564414406445],
        [-0.66668233621995, -1.63422789831988],
        [0.00554975576814, -0.77300818283050],
    ]
    riley = [[-1.033997905419, -1.957982394947], [0.372865324967, -0.449253686203]]
    default = [[-1.02542538520534, -1.94878917198587], [0.36429280475353, -0.45844690916451]]
    assert np.allclose(fit.predict(rows), expected + riley, rtol=1e-8)
    assert np.allclose(fit.predict(rows, prediction_df=fit.df), expected + default, rtol=1e-8)
