"""What must hold for any studies, pooled or regressed on their features."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from evdose.modelling.estimators.influence import leave_one_out
from evdose.modelling.estimators.meta_regression import regress
from evdose.modelling.estimators.pooling import pool, q_profile

METHODS = st.sampled_from(["EE", "DL", "PM", "ML", "REML"])
TESTS = st.sampled_from(["z", "knha", "guarded"])
EFFECT, VARIANCE = st.floats(-3, 3), st.floats(0.01, 4)
studies = st.lists(st.tuples(EFFECT, VARIANCE), min_size=2, max_size=12)
regressed = st.lists(st.tuples(EFFECT, VARIANCE, st.integers(-9, 9)), min_size=4, max_size=12)
of_any_precision = st.lists(st.tuples(EFFECT, st.floats(-8, 4)), min_size=3, max_size=8)


def _design(covariate: np.ndarray) -> np.ndarray:
    assume(np.ptp(covariate) > 0)
    return np.column_stack([np.ones(len(covariate)), covariate])


@settings(max_examples=50, deadline=None)
@given(studies, METHODS, st.floats(-5, 5), st.floats(0.1, 10))
def test_pooling_moves_and_stretches_with_its_effects(found, method, shift, scale):
    y, v = np.array(found).T
    pooled, moved = pool(y, v, method=method), pool(scale * (y + shift), scale**2 * v, method=method)
    tolerance = {"rel": 1e-4, "abs": 1e-6}  # a flat likelihood has its maximum where rounding puts it
    assert moved.estimate == pytest.approx(scale * (pooled.estimate + shift), **tolerance)
    assert moved.tau2 == pytest.approx(scale**2 * pooled.tau2, rel=1e-3, abs=1e-5 * scale**2)
    assert moved.i2 == pytest.approx(pooled.i2, rel=1e-3, abs=1e-3)
    assert y.min() - 1e-9 <= pooled.estimate <= y.max() + 1e-9
    assert pooled.low <= pooled.estimate <= pooled.high
    assert len(y) == 2 or pooled.prediction_low <= pooled.low + 1e-12


@settings(max_examples=50, deadline=None)
@given(regressed, METHODS, TESTS, st.randoms())
def test_the_order_of_studies_does_not_matter(found, method, test, random):
    shuffled = random.sample(found, len(found))
    fits = []
    for order in (found, shuffled):
        y, v, covariate = np.array(order).T
        fits.append(regress(y, v, _design(covariate), method=method, test=test))
    one, other = fits
    assert one.tau2 == pytest.approx(other.tau2, rel=1e-5, abs=1e-8)
    assert one.coefficients == pytest.approx(other.coefficients, rel=1e-5, abs=1e-7)
    assert one.se == pytest.approx(other.se, rel=1e-5, abs=1e-7)


@settings(max_examples=50, deadline=None)
@given(regressed, METHODS, st.floats(-50, 50), st.floats(0.01, 100))
def test_the_unit_of_a_covariate_does_not_matter(found, method, shift, scale):
    y, v, covariate = np.array(found).T
    one = regress(y, v, _design(covariate), method=method)
    other = regress(y, v, _design(scale * (covariate + shift)), method=method)
    assert other.coefficients[1] * scale == pytest.approx(one.coefficients[1], rel=1e-4, abs=1e-6)
    assert other.p_value[1] == pytest.approx(one.p_value[1], rel=1e-3, abs=1e-6)
    assert other.tau2 == pytest.approx(one.tau2, rel=1e-3, abs=1e-6)
    rows = _design(covariate)
    moved = other.predict(np.column_stack([np.ones(len(y)), scale * (covariate + shift)]))
    assert np.allclose(one.predict(rows), moved, rtol=1e-3, atol=1e-5, equal_nan=True)


@settings(max_examples=50, deadline=None)
@given(regressed, METHODS, st.floats(-5, 5), st.floats(-5, 5))
def test_a_known_line_adds_to_the_coefficients(found, method, level, slope):
    y, v, covariate = np.array(found).T
    one = regress(y, v, _design(covariate), method=method)
    other = regress(y + level + slope * covariate, v, _design(covariate), method=method)
    assert other.coefficients - one.coefficients == pytest.approx([level, slope], rel=1e-4, abs=1e-5)
    assert other.tau2 == pytest.approx(one.tau2, rel=1e-3, abs=1e-6)


@settings(max_examples=50, deadline=None)
@given(regressed, METHODS)
def test_everything_stays_within_its_bounds(found, method):
    y, v, covariate = np.array(found).T
    fit = regress(y, v, _design(covariate), method=method)
    assert fit.tau2 >= 0
    assert 0 <= fit.i2 < 100
    assert fit.h2 >= 1
    assert np.isnan(fit.r2) or 0 <= fit.r2 <= 100
    assert all(0 <= p <= 1 for p in (*fit.p_value, fit.q_p_value, fit.qm_p_value))
    interval = fit.tau2_interval()
    assert 0 <= interval.tau2_low <= interval.tau2_high
    assert 0 <= interval.i2_low <= interval.i2_high < 100


@settings(max_examples=40, deadline=None)
@given(of_any_precision, st.sampled_from(["ML", "REML"]))
def test_no_tau2_has_a_higher_likelihood(found, method):
    """Variances over twelve decades: the peak found beats every point of a fine grid, 0 among them."""
    y, log10_v = np.array(found).T
    v, restricted = 10**log10_v, method == "REML"

    def height(tau2: float) -> float:
        weight = 1 / (v + tau2)
        q = np.sum(weight * (y - np.average(y, weights=weight)) ** 2)
        return (np.log(weight).sum() - q - restricted * np.log(weight.sum())) / 2

    best = height(pool(y, v, method=method).tau2)
    others = max(height(tau2) for tau2 in (0, *np.geomspace(1e-10, 1e3, 600)))
    assert best >= others - 1e-6 * max(1, abs(others))


@settings(max_examples=50, deadline=None)
@given(studies)
def test_the_interval_of_tau2_holds_what_paule_and_mandel_estimate(found):
    y, v = np.array(found).T
    low, high = q_profile(y, v)
    assert low <= pool(y, v, method="PM").tau2 + 1e-9
    assert low <= high


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(EFFECT, VARIANCE), min_size=3, max_size=8), st.randoms())
def test_leaving_one_out_follows_its_study(found, random):
    order = random.sample(range(len(found)), len(found))
    y, v = np.array(found).T
    one, other = leave_one_out(y, v), leave_one_out(y[order], v[order])
    assert one.weight.sum() == pytest.approx(1)
    for name in ("estimate", "tau2", "weight", "deleted_residual"):
        assert getattr(one, name)[order] == pytest.approx(getattr(other, name), rel=1e-5, abs=1e-6), name
