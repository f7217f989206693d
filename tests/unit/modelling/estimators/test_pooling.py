"""Random-effects pooling: known answers, edge cases, and maxima checked from outside."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize, stats

from evdose.modelling.estimators.pooling import pool, q_profile

Y = np.array([0.10, 0.30, 0.35, 0.65, 0.45, 0.15])
V = np.array([0.03, 0.03, 0.05, 0.01, 0.05, 0.02])
METHODS = ("EE", "DL", "PM", "ML", "REML")


def cochran_q(y, v, tau2):
    weight = 1 / (v + tau2)
    return np.sum(weight * (y - np.average(y, weights=weight)) ** 2)


def restricted_log_likelihood(tau2, y, v):
    """The textbook form, by the full covariance matrix (Harville 1977)."""
    sigma, x = np.diag(v + tau2), np.ones((len(y), 1))
    inverse = np.linalg.inv(sigma)
    projected = inverse - inverse @ x @ np.linalg.inv(x.T @ inverse @ x) @ x.T @ inverse
    return -0.5 * (np.linalg.slogdet(sigma)[1] + np.linalg.slogdet(x.T @ inverse @ x)[1] + y @ projected @ y)


def test_reml_is_the_highest_point_of_the_restricted_likelihood():
    found = optimize.minimize_scalar(
        lambda tau2: -restricted_log_likelihood(tau2, Y, V), bounds=(0, 1), method="bounded"
    )
    assert pool(Y, V, method="REML").tau2 == pytest.approx(found.x, abs=1e-5)
    assert pool(Y, V, method="REML").tau2 > pool(Y, V, method="ML").tau2


def test_two_equal_variances_have_a_closed_answer():
    y, v = np.array([0.0, 2.0]), np.array([0.5, 0.5])
    for method in ("DL", "PM", "REML"):
        assert pool(y, v, method=method).tau2 == pytest.approx(2 - 0.5)  # variance of y less v
    pooled = pool(y, v, test="knha")
    assert pooled.estimate == 1
    assert pooled.se == pytest.approx(1)
    half = stats.t.ppf(0.975, 1)
    assert (pooled.low, pooled.high) == pytest.approx((1 - half, 1 + half))
    assert np.isnan(pooled.prediction_low)


def test_paule_mandel_sets_q_to_its_degrees_of_freedom():
    tau2 = pool(Y, V, method="PM").tau2
    assert tau2 > 0
    assert cochran_q(Y, V, tau2) == pytest.approx(len(Y) - 1, rel=1e-10)


@pytest.mark.parametrize("method", METHODS)
def test_homogeneous_effects_have_no_heterogeneity(method):
    y = np.array([0.4, 0.41, 0.39, 0.4])
    pooled = pool(y, np.full(4, 0.1), method=method)
    assert pooled.tau2 == 0
    assert pooled.i2 == 0
    assert pooled.q < 0.01


def test_identical_effects_do_not_break_it():
    pooled = pool(np.full(3, 0.7), np.array([0.1, 0.2, 0.3]))
    assert pooled.estimate == pytest.approx(0.7)
    assert pooled.tau2 == 0


def test_the_guard_keeps_agreeing_effects_from_too_narrow_an_interval():
    y, v = np.array([0.4, 0.41, 0.39]), np.array([0.1, 0.2, 0.1])
    plain, guarded = pool(y, v, test="knha"), pool(y, v, test="guarded")
    assert plain.se < 0.01
    assert guarded.se == pytest.approx(1 / np.sqrt(np.sum(1 / v)))
    far = pool(np.array([0.0, 5.0, 1.0]), v, method="EE", test="guarded")
    assert far.se == pool(np.array([0.0, 5.0, 1.0]), v, method="EE", test="knha").se


def test_q_profile_bounds_put_q_at_the_chi_squared_quantiles():
    low, high = q_profile(np.array([0.0, 1.0, 3.0, 0.5]), np.full(4, 0.1))
    y, v = np.array([0.0, 1.0, 3.0, 0.5]), np.full(4, 0.1)
    assert cochran_q(y, v, low) == pytest.approx(stats.chi2.ppf(0.975, 3))
    assert cochran_q(y, v, high) == pytest.approx(stats.chi2.ppf(0.025, 3))
    assert q_profile(np.full(3, 1.0), np.full(3, 0.5)) == (0, 0)


def test_the_prediction_interval_has_k_minus_two_degrees_of_freedom():
    pooled = pool(Y, V)
    half = stats.t.ppf(0.975, len(Y) - 2) * np.sqrt(pooled.tau2 + pooled.se**2)
    assert pooled.prediction_high == pytest.approx(pooled.estimate + half)
    assert pooled.prediction_low == pytest.approx(pooled.estimate - half)


def test_confidence_widens_the_interval():
    assert pool(Y, V, confidence=0.99).high > pool(Y, V, confidence=0.95).high


def test_a_common_effect_is_the_weighted_mean():
    pooled = pool(Y, V, method="EE", test="z")
    assert pooled.estimate == pytest.approx(np.sum(Y / V) / np.sum(1 / V), rel=1e-14)
    assert pooled.se == pytest.approx(np.sum(1 / V) ** -0.5, rel=1e-14)
    assert pooled.q == pytest.approx(cochran_q(Y, V, 0))
    assert pooled.tau2 == 0


def test_one_study_a_thousand_times_more_precise_does_not_break_it():
    y, v = np.array([0.2, 0.9, -0.4, 0.5, 1.4]), np.array([1e-9, 0.1, 0.2, 1e4, 0.3])
    for method in METHODS:
        pooled = pool(y, v, method=method)
        assert np.isfinite([pooled.estimate, pooled.low, pooled.high, pooled.tau2]).all()
    heights = [
        restricted_log_likelihood(tau2, y, v) for tau2 in (pool(y, v).tau2, *np.geomspace(1e-9, 10, 200))
    ]
    assert heights[0] >= max(heights[1:])


@pytest.mark.parametrize(("studies", "tau2"), [(4, 0.0), (8, 0.1), (12, 0.5)])
def test_the_intervals_cover_what_they_say(studies, tau2):
    rng, simulations = np.random.default_rng(studies), 400
    covered = predicted = 0
    for _ in range(simulations):
        v = rng.uniform(0.02, 0.3, studies)
        pooled = pool(rng.normal(0.3, np.sqrt(v + tau2)), v)
        covered += pooled.low <= 0.3 <= pooled.high
        predicted += pooled.prediction_low <= rng.normal(0.3, np.sqrt(tau2)) <= pooled.prediction_high
    assert covered / simulations >= 0.93
    # Where heterogeneity is low its estimate is often 0 and the prediction interval then too narrow.
    assert predicted / simulations >= (0.8 if tau2 == 0.1 else 0.9)


@pytest.mark.parametrize(
    ("y", "v", "why"),
    [
        ([1.0], [0.1], "at least 2 effects"),
        ([], [], "at least 2 effects"),
        ([1.0, 2.0], [0.1], "don't match"),
        ([1.0, np.nan], [0.1, 0.1], "isn't finite"),
        ([1.0, np.inf], [0.1, 0.1], "isn't finite"),
        ([1.0, 2.0], [0.1, 0.0], "positive, finite variance"),
        ([1.0, 2.0], [0.1, -1.0], "positive, finite variance"),
        ([1.0, 2.0], [0.1, np.inf], "positive, finite variance"),
        ([1.0, 2.0], [0.1, np.nan], "positive, finite variance"),
        ([1.0, 2.0], [0.1, 1e-200], "positive, finite variance"),
    ],
)
def test_what_cannot_be_pooled_is_refused(y, v, why):
    for refused in (pool, q_profile):
        with pytest.raises(ValueError, match=why):
            refused(np.array(y), np.array(v))


@pytest.mark.parametrize("choice", [{"method": "HE"}, {"test": "t"}, {"confidence": 95}, {"confidence": 0}])
def test_an_unknown_choice_is_refused(choice):
    with pytest.raises(ValueError, match="no method"):
        pool(Y, V, **choice)
