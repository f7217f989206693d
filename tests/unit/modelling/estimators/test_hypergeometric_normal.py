"""Odds ratios from rare events: against brute force, known exact intervals, and what symmetry demands."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from evdose.modelling.estimators.hypergeometric_normal import (
    common_odds_ratio,
    log_likelihood,
    pool_odds_ratios,
    tables,
)

RARE = ([0, 1, 2, 1], [20, 25, 40, 22], [2, 3, 4, 5], [21, 24, 41, 20])
MIXED = ([1, 9, 0, 7, 3], [20, 22, 15, 25, 30], [8, 4, 5, 2, 9], [21, 20, 17, 24, 31])


def integrated(mean, tau, a, n1, c, n0):
    """The same log likelihood, by adaptive integration of SciPy's noncentral hypergeometric."""

    def study(table):
        x, m, y, n = table

        def density(z):
            ways = stats.nchypergeom_fisher.pmf(x, m + n, x + y, m, np.exp(mean + tau * z))
            return ways * stats.norm.pdf(z)

        return integrate.quad(density, -9, 9, epsabs=1e-13, limit=300, points=[-2, 0, 2])[0]

    return sum(np.log(study(table)) for table in zip(a, n1, c, n0, strict=True))


@pytest.mark.parametrize(("mean", "tau"), [(-1.0, 0.0), (0.4, 0.7), (-0.5, 2.0)])
def test_quadrature_equals_integration(mean, tau):
    assert log_likelihood(mean, tau, tables(*MIXED)) == pytest.approx(integrated(mean, tau, *MIXED), abs=1e-6)


def test_the_estimate_is_the_highest_point_of_the_likelihood():
    seen = tables(*MIXED)
    pooled = pool_odds_ratios(seen)
    mean, tau = pooled.estimate, pooled.tau2**0.5
    assert tau > 0.5
    assert pooled.log_likelihood == pytest.approx(log_likelihood(mean, tau, seen))
    for step in ((0.02, 0), (-0.02, 0), (0, 0.02), (0, -0.02)):
        assert log_likelihood(mean + step[0], tau + step[1], seen) < pooled.log_likelihood


@pytest.mark.parametrize(
    ("counts", "known"),
    [
        # R 4.2.2: fisher.test and mantelhaen.test(exact = TRUE), whose roots are good to some four digits
        (([3], [9], [1], [12]), (1.62008, -1.12874, 5.74826)),
        (RARE, (-1.379933, -2.845100, -0.174860)),
    ],
    ids=["one study", "four studies"],
)
def test_the_exact_interval_is_the_conventional_one(counts, known):
    common = common_odds_ratio(tables(*counts))
    assert (common.estimate, common.low, common.high) == pytest.approx(known, rel=5e-4)


def test_the_exact_interval_covers_whatever_the_odds_ratio():
    n1, n0, total = 7, 9, 5
    intervals = [common_odds_ratio(tables([a], [n1], [total - a], [n0])) for a in range(total + 1)]
    for theta in np.linspace(-4, 4, 33):
        chance = stats.nchypergeom_fisher.pmf(np.arange(total + 1), n1 + n0, total, n1, np.exp(theta))
        covered = [found.low <= theta <= found.high for found in intervals]
        assert chance @ covered >= 0.95
    rejected = [found.p_value < 0.05 for found in intervals]
    assert rejected == [not found.low <= 0 <= found.high for found in intervals]


def test_without_heterogeneity_nothing_is_surer_than_the_exact_answer():
    seen = tables(*RARE)
    pooled, common = pool_odds_ratios(seen), common_odds_ratio(seen)
    assert pooled.tau2 == 0
    assert pooled.estimate == pytest.approx(common.estimate)
    assert pooled.low <= common.low
    assert common.high <= pooled.high
    assert pooled.p_value >= common.p_value


def test_a_study_in_which_nobody_or_everybody_had_the_event_changes_nothing():
    with_silent = tuple(
        [*values, *more] for values, more in zip(MIXED, ([0, 9], [30, 9], [0, 8], [31, 8]), strict=True)
    )
    assert pool_odds_ratios(tables(*with_silent)) == pool_odds_ratios(tables(*MIXED))


@pytest.mark.parametrize("counts", [RARE, MIXED], ids=["rare", "mixed"])
def test_arms_and_events_mirror_each_other(counts):
    a, n1, c, n0 = map(np.array, counts)
    pooled = pool_odds_ratios(tables(a, n1, c, n0))
    for other in (pool_odds_ratios(tables(c, n0, a, n1)), pool_odds_ratios(tables(n1 - a, n1, n0 - c, n0))):
        assert other.estimate == pytest.approx(-pooled.estimate, abs=1e-6)
        assert (other.low, other.high) == pytest.approx((-pooled.high, -pooled.low), abs=1e-5)
        assert other.tau2 == pytest.approx(pooled.tau2, abs=1e-5)


def test_large_trials_agree_with_the_normal_approximation():
    counts = ([300, 420, 250], [2000, 2100, 1900], [380, 500, 330], [2000, 2050, 1950])
    common = common_odds_ratio(tables(*counts))
    a, n1, c, n0 = map(np.array, counts)
    odds = np.log(a * (n0 - c) / (c * (n1 - a)))
    v = 1 / a + 1 / c + 1 / (n1 - a) + 1 / (n0 - c)
    assert common.estimate == pytest.approx(np.average(odds, weights=1 / v), abs=2e-3)
    assert common.high - common.low == pytest.approx(2 * 1.96 * (1 / v).sum() ** -0.5, rel=0.02)


def test_an_empty_cell_in_every_study_leaves_one_end_of_the_exact_interval():
    seen = tables([0, 0], [20, 20], [3, 4], [20, 20])
    common = common_odds_ratio(seen)
    assert (common.estimate, common.low) == (-np.inf, -np.inf)
    assert common.high < 0
    with pytest.raises(ValueError, match="no finite estimate"):
        pool_odds_ratios(seen)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        (([5], [4], [1], [9]), "between 0 and"),
        (([-1], [4], [1], [9]), "between 0 and"),
        (([1.5], [4], [1], [9]), "whole numbers"),
        (([np.nan], [4], [1], [9]), "whole numbers"),
    ],
)
def test_what_are_no_counts_is_refused(counts, message):
    with pytest.raises(ValueError, match=message):
        tables(*counts)


def test_too_few_informative_studies_are_refused():
    silent = tables([0], [5], [0], [6])
    with pytest.raises(ValueError, match="both a participant with the event"):
        common_odds_ratio(silent)
    with pytest.raises(ValueError, match="two informative"):
        pool_odds_ratios(tables([1, 0], [9, 9], [2, 0], [9, 9]))
