"""Median, Hodges–Lehmann shift and rank-sum test: known answers and peers' numbers."""

import numpy as np
import pytest
from scipy import stats

from evdose.modelling.estimators.rank_based import (
    hodges_lehmann,
    hodges_lehmann_with_error,
    median,
    rank_sum_test,
)
from evdose.randomness import generator


def test_shift_and_interval_by_hand():
    # Differences: 8-9, 8-10, 8.5-9, 8.5-10 -> -2, -1.5, -1, -0.5; two and two allow no 95 % interval.
    shift, low, high = hodges_lehmann(np.array([8, 8.5]), np.array([9, 10.0]), 0.95)
    assert shift == pytest.approx(-1.25)
    assert np.isnan(low)
    assert np.isnan(high)


def test_interval_is_that_of_r_for_the_book_example():
    # Hollander & Wolfe 1973, p. 69 (permeability of the human chorioamnion), as in ?wilcox.test of R:
    # wilcox.test(x, y, conf.int = TRUE) gives 0.305, [-0.15, 0.76]; p two-sided 0.2544.
    x = np.array([0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46])
    y = np.array([1.15, 0.88, 0.90, 0.74, 1.21])
    assert hodges_lehmann(x, y, 0.95) == pytest.approx((0.305, -0.15, 0.76))
    p_value, _, exact = rank_sum_test(x, y, 9999, generator(1))
    assert exact
    assert p_value == pytest.approx(stats.mannwhitneyu(x, y, method="exact").pvalue)
    assert p_value == pytest.approx(0.2544, abs=5e-5)


@pytest.mark.parametrize(("m", "n"), [(3, 5), (4, 4), (5, 7), (6, 9)])
def test_interval_holds_exactly_the_shifts_that_the_test_does_not_reject(m, n):
    rng = np.random.default_rng([m, n])
    a, b = rng.normal(size=m), rng.normal(size=n)
    _, low, high = hodges_lehmann(a, b, 0.90)
    for shift, inside in ((low - 1e-6, False), (low + 1e-6, True), (high - 1e-6, True), (high + 1e-6, False)):
        assert (stats.mannwhitneyu(a - shift, b, method="exact").pvalue > 0.10) == inside


def test_error_of_a_shift_is_that_of_the_mean_for_normal_doses():
    # Efficiency of the Hodges–Lehmann estimate at the normal: 3/π.
    rng = np.random.default_rng(11)
    errors = [hodges_lehmann_with_error(*rng.normal(size=(2, 40)), 0.95).se for _ in range(200)]
    assert np.mean(errors) == pytest.approx(np.sqrt(2 / 40 / (3 / np.pi)), rel=0.03)


def test_no_interval_gives_no_error():
    assert np.isnan(hodges_lehmann_with_error(np.array([1.0, 2]), np.array([3.0, 4]), 0.95).se)


def test_error_of_a_median_by_hand():
    # n = 9: c = round(5 - 3) = 2; P(X <= 1) = 10/512; the interval runs from the second to the eighth value.
    values = np.array([1, 2, 4, 7, 11, 16, 22, 29, 37.0])
    quantile = stats.norm.isf(10 / 512)
    assert median(values[::-1]) == pytest.approx((11, (29 - 2) / (2 * quantile)))


@pytest.mark.parametrize(("n", "too_large"), [(7, 0.35), (15, 0.12), (40, 0.12)])
def test_error_of_a_median_is_that_of_simulated_medians(n, too_large):
    rng = np.random.default_rng(n)
    samples = rng.normal(size=(4000, n))
    seen = np.mean([median(sample).se ** 2 for sample in samples[:1000]]) ** 0.5
    true = np.median(samples, axis=1).std()
    assert 0.95 * true <= seen <= (1 + too_large) * true


@pytest.mark.parametrize("n", [7, 12, 25])
def test_the_normal_interval_of_a_median_covers(n):
    rng = np.random.default_rng([5, n])
    covered = [abs(one.estimate) <= 1.96 * one.se for one in map(median, rng.standard_t(4, size=(2000, n)))]
    assert np.mean(covered) >= 0.92


@pytest.mark.parametrize("values", [[], [3.0]])
def test_a_median_of_less_than_two_values_has_no_error(values):
    with pytest.raises(ValueError, match="two values"):
        median(values)


def test_averaged_ranks_of_one_draw_are_ranks():
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=5), rng.normal(size=6)
    assert rank_sum_test(a, b, 999, generator(1)) == rank_sum_test(a[None], b[None], 999, generator(1))


def test_averaged_ranks_by_hand():
    # Two draws; trial ranks (1, 2 | 3, 4) and (1, 3 | 2, 4): averages 1, 2.5 | 2.5, 4. Of the six splits two
    # have a rank sum at most 3.5: {1, 2.5} twice.
    a, b = np.array([[1, 2], [1, 3.0]]), np.array([[3, 4], [2, 4.0]])
    p_value, smallest, exact = rank_sum_test(a, b, 99, generator(1))
    assert exact
    assert p_value == pytest.approx(2 * 2 / 6)
    assert smallest == pytest.approx(2 * 2 / 6)
