"""Rubin's rules: published output of a peer, closed forms, limits and hostile input."""

import numpy as np
import pytest
from scipy import stats

from evdose.modelling.estimators.multiple_imputation import rubins_rules

# Vink and van Buuren, *mice: Diagnostics* (vignette of the R package mice), sleep of mammals, m = 5, pool():
# estimate, mean variance within, variance between; residual degrees of freedom 59; then total variance,
# degrees of freedom (Barnard and Rubin), relative increase, lambda, fmi.
MAMMALS = [
    ((10.0739157, 0.71206627, 0.83964136), (1.7196359, 7.805051, 1.4149942, 0.5859203, 0.6625659)),
    ((-1.4513424, 0.10052200, 0.30175131), (0.4626236, 4.277824, 3.6022121, 0.7827132, 0.8424252)),
    ((-0.5504494, 0.08902854, 0.01146902), (0.1027914, 40.480414, 0.1545889, 0.1338909, 0.1737299)),
    ((11.5358123, 0.62179318, 0.013395200), (0.63786742, 55.17044, 0.02585143, 0.02519997, 0.05871528)),
]


def with_moments(mean, between, m=5):
    """m numbers with this mean and variance."""
    shape = np.arange(m) - (m - 1) / 2
    return mean + shape * np.sqrt(between / shape.var(ddof=1))


@pytest.mark.parametrize(("given", "printed"), MAMMALS)
def test_pooled_numbers_are_those_that_mice_prints(given, printed):
    estimate, within, between = given
    found = rubins_rules(with_moments(estimate, between), np.full(5, within), complete_df=59)
    total, df, increase, share, fmi = printed
    assert found.estimate == pytest.approx(estimate)
    assert found.se**2 == pytest.approx(total, rel=2e-6)
    assert found.df == pytest.approx(df, rel=2e-6)
    assert (found.relative_increase, found.variance_share) == pytest.approx((increase, share), rel=2e-6)
    # mice puts the degrees of freedom of Barnard and Rubin into Rubin's formula of the fraction.
    assert (increase + 2 / (found.df + 3)) / (1 + increase) == pytest.approx(fmi, rel=2e-6)
    assert found.variance_share < found.missing_information <= fmi


def test_interval_is_that_of_student():
    found = rubins_rules(np.array([1.0, 2, 3]), np.array([1.0, 2, 3]), complete_df=20, confidence=0.9)
    half = stats.t.ppf(0.95, found.df) * np.sqrt(2 + 4 / 3)
    assert (found.low, found.high) == pytest.approx((2 - half, 2 + half))


def test_nothing_missing_leaves_the_complete_analysis():
    found = rubins_rules(np.full(20, 1.3), np.full(20, 0.04))
    assert (found.relative_increase, found.variance_share, found.missing_information) == (0, 0, 0)
    assert np.isinf(found.df)
    assert (found.low, found.high) == pytest.approx((1.3 - 1.959964 * 0.2, 1.3 + 1.959964 * 0.2))


def test_everything_missing_tends_to_one():
    found = rubins_rules(np.array([-1.0, 1, 0]), np.full(3, 1e-12), complete_df=30)
    assert found.missing_information == pytest.approx(1, abs=1e-6)
    assert 0 < found.df < 2.0001


@pytest.mark.parametrize("complete_df", [1, 5, 59, 1e6])
def test_degrees_of_freedom_never_exceed_those_of_complete_data(complete_df):
    for between in (0, 0.01, 1, 100):
        found = rubins_rules(with_moments(0, between), np.ones(5), complete_df=complete_df)
        assert found.df <= complete_df


def test_unit_and_order_change_what_they_should():
    rng = np.random.default_rng(2)
    q, u = rng.normal(size=20), rng.uniform(1, 2, 20)
    one, other = (
        rubins_rules(q, u, complete_df=9),
        rubins_rules(100 * q[::-1] + 5, 1e4 * u[::-1], complete_df=9),
    )
    assert other.estimate == pytest.approx(100 * one.estimate + 5)
    assert other.high - other.low == pytest.approx(100 * (one.high - one.low))
    assert other.missing_information == pytest.approx(one.missing_information)


@pytest.mark.parametrize(
    ("estimates", "variances", "complete_df"),
    [
        ([1.0], [1.0], 5),
        ([], [], 5),
        ([1, 2], [1, 2, 3], 5),
        ([1, np.nan], [1, 1], 5),
        ([1, 2], [1, 0], 5),
        ([1, 2], [1, -1], 5),
        ([1, 2], [1, np.inf], 5),
        ([1, 2], [1, 1], 0),
        ([1, 2], [1, 1], np.nan),
    ],
)
def test_hostile_input_is_refused(estimates, variances, complete_df):
    with pytest.raises(ValueError, match=r"needed|finite|positive"):
        rubins_rules(np.array(estimates), np.array(variances), complete_df=complete_df)


def test_coverage_with_doses_missing_at_random():
    # A mean of 30 values of which 10 are imputed from their distribution given what is seen.
    rng = np.random.default_rng(8)
    covered = 0
    for _ in range(600):
        seen = rng.normal(size=20)
        spread = np.sqrt(19 * seen.var(ddof=1) / rng.chisquare(19, 20))
        centre = rng.normal(seen.mean(), spread / np.sqrt(20))
        drawn = rng.normal(centre[:, None], spread[:, None], (20, 10))
        full = np.hstack([np.broadcast_to(seen, (20, 20)), drawn])
        found = rubins_rules(full.mean(axis=1), full.var(axis=1, ddof=1) / 30, complete_df=29)
        covered += found.low <= 0 <= found.high
    assert 0.93 <= covered / 600 <= 0.98
