"""Pooling of proportions against brute-force integration and cases with a closed answer."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.special import expit, logit

from evdose.modelling.estimators.binomial_normal import log_likelihood, pool_proportions

EVENTS, N = np.array([2, 9, 1, 14, 5]), np.array([20, 21, 15, 20, 30])


def integrated(mean, tau, events, n):
    """The same log likelihood by adaptive integration, study by study."""

    def study(x, size):
        def density(z):
            return stats.binom.pmf(x, size, expit(mean + tau * z)) * stats.norm.pdf(z)

        return integrate.quad(density, -12, 12, epsabs=1e-14, limit=400, points=[-3, 0, 3])[0]

    return sum(np.log(study(x, size)) for x, size in zip(events, n, strict=True))


@pytest.mark.parametrize(("mean", "tau"), [(-0.5, 0.0), (-0.8, 0.4), (0.2, 1.3), (-2.0, 2.5), (3.0, 4.0)])
def test_quadrature_equals_integration(mean, tau):
    assert log_likelihood(mean, tau, EVENTS, N) == pytest.approx(integrated(mean, tau, EVENTS, N), abs=1e-6)


def test_estimates_are_the_highest_point_of_the_likelihood():
    pooled = pool_proportions(EVENTS, N)
    best = np.array([logit(pooled.estimate), np.sqrt(pooled.tau2)])
    height = integrated(*best, EVENTS, N)
    for step in ([0.02, 0], [-0.02, 0], [0, 0.02], [0, -0.02]):
        assert integrated(*(best + step), EVENTS, N) < height
    assert pooled.low < pooled.estimate < pooled.high
    assert pooled.prediction_low < pooled.low
    assert pooled.high < pooled.prediction_high


def test_standard_error_is_that_of_the_curvature():
    pooled, step = pool_proportions(EVENTS, N), 1e-3
    point = np.array([logit(pooled.estimate), pooled.tau2**0.5])
    shift = np.eye(2) * step

    def at(*where):
        return log_likelihood(*where, EVENTS, N)

    hessian = [
        [
            (at(*(point + a + b)) - at(*(point + a - b)) - at(*(point - a + b)) + at(*(point - a - b)))
            / (4 * step**2)
            for b in shift
        ]
        for a in shift
    ]
    k = len(N)
    se = np.sqrt(np.linalg.inv(-np.array(hessian))[0, 0] * k / (k - 1))
    low = expit(point[0] + stats.t.ppf(0.025, len(N) - 1) * se)
    assert pooled.low == pytest.approx(low, rel=1e-3)
    spread = stats.t.ppf(0.975, len(N) - 2) * np.sqrt(pooled.tau2 + se**2)
    assert pooled.prediction_high == pytest.approx(expit(point[0] + spread), rel=1e-3)


def test_equal_proportions_give_the_common_one():
    pooled = pool_proportions(np.array([3, 6, 9]), np.array([10, 20, 30]))
    assert pooled.tau2 == 0
    assert pooled.estimate == pytest.approx(0.3)
    half = stats.t.ppf(0.975, 2) / np.sqrt(60 * 0.3 * 0.7)
    assert pooled.high == pytest.approx(expit(np.log(3 / 7) + half))


def test_a_study_without_events_needs_no_correction():
    pooled = pool_proportions(np.array([0, 4, 7]), np.array([12, 20, 21]))
    assert 0 < pooled.low < pooled.estimate < 11 / 53 + 0.05


@pytest.mark.parametrize(
    ("events", "n"),
    [([0, 0], [4, 5]), ([4, 5], [4, 5]), ([3], [7]), ([0, 4, 5], [3, 4, 5])],
    ids=["none", "all", "one study", "all or none in each"],
)
def test_what_has_no_finite_estimate_is_refused(events, n):
    with pytest.raises(ValueError, match=r"at least two|no finite"):
        pool_proportions(np.array(events), np.array(n))


def test_success_and_failure_mirror_each_other():
    one, other = pool_proportions(EVENTS, N), pool_proportions(N - EVENTS, N)
    assert other.estimate == pytest.approx(1 - one.estimate, abs=1e-7)
    assert other.tau2 == pytest.approx(one.tau2, abs=1e-6)
    assert other.low == pytest.approx(1 - one.high, abs=1e-6)
