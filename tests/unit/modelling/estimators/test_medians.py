"""Means and SDs from quantiles: by hand, and against simulated normal and skewed samples."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from evdose.modelling.estimators.medians import Quantiles, mean_and_sd, skewness

NAMES = {
    "quartiles": ("q1", "q3"),
    "range": ("minimum", "maximum"),
    "both": ("q1", "q3", "minimum", "maximum"),
}


def summaries(samples: np.ndarray, given: str) -> list[Quantiles]:
    """Of each row, of 4 k + 1 values: quantiles are order statistics, as in the papers."""
    x = np.sort(samples, axis=1)
    n = x.shape[1]
    k = (n - 1) // 4
    places = {"minimum": 0, "q1": k, "median": 2 * k, "q3": 3 * k, "maximum": n - 1}
    return [Quantiles(n, **{name: row[places[name]] for name in ("median", *NAMES[given])}) for row in x]


def test_quartiles_by_hand():
    found = mean_and_sd(Quantiles(10, 96.0, 95.3, 96.4))
    weight = 0.7 + 0.39 / 10
    assert found.mean == pytest.approx(weight * 95.85 + (1 - weight) * 96)
    assert found.sd == pytest.approx(1.1 / (2 * norm.ppf(7.375 / 10.25)))
    assert "Luo" in found.source and "Wan" in found.source


def test_a_range_by_hand():
    found = mean_and_sd(Quantiles(16, 5.0, minimum=1.0, maximum=11.0))
    weight = 4 / (4 + 8)  # 16 ** 0.75 = 8
    assert found.mean == pytest.approx(weight * 6 + (1 - weight) * 5)
    assert found.sd == pytest.approx(10 / (2 * norm.ppf(15.625 / 16.25)))


def test_five_numbers_by_hand():
    found = mean_and_sd(Quantiles(32, 5.0, 4.0, 6.5, 1.0, 10.0))
    w_1, w_2 = 2.2 / (2.2 + 32**0.75), 0.7 - 0.72 / 32**0.55
    assert found.mean == pytest.approx(w_1 * 5.5 + w_2 * 5.25 + (1 - w_1 - w_2) * 5)
    weight = 1 / (1 + 0.07 * 8)  # 32 ** 0.6 = 8
    of_range, of_quartiles = 9 / (2 * norm.ppf(31.625 / 32.25)), 2.5 / (2 * norm.ppf(23.875 / 32.25))
    assert found.sd == pytest.approx(weight * of_range + (1 - weight) * of_quartiles)
    assert "Shi et al. 2020" in found.source


@pytest.mark.parametrize("given", NAMES)
@pytest.mark.parametrize("n", [9, 41])
def test_normal_samples_come_back_on_average_and_few_are_refused(n, given):
    """1500 samples with mean 10 and SD 2; the test of symmetry refuses about 5 in 100 of them."""
    samples = np.random.default_rng(n).normal(10, 2, (1500, n))
    of_samples = summaries(samples, given)
    refused = np.array([np.greater(*skewness(summary)) for summary in of_samples])
    assert 0.025 < refused.mean() < 0.08
    kept = [mean_and_sd(summary) for summary, out in zip(of_samples, refused, strict=True) if not out]
    assert np.mean([found.mean for found in kept]) == pytest.approx(10, abs=0.1)
    assert np.mean([found.sd for found in kept]) == pytest.approx(2, rel=0.05)
    error = np.array([found.mean for found in kept]) - samples[~refused].mean(axis=1)
    of_median = np.median(samples[~refused], axis=1) - samples[~refused].mean(axis=1)
    assert (error**2).mean() < (of_median**2).mean()  # better than to take the median for the mean


@pytest.mark.parametrize("given", NAMES)
def test_most_lognormal_samples_are_refused(given):
    samples = np.random.default_rng(8).lognormal(0, 1, (300, 101))
    refused = [np.greater(*skewness(summary)) for summary in summaries(samples, given)]
    assert np.mean(refused) > 0.6


def test_the_unit_and_the_sign_of_a_score_do_not_matter():
    one = mean_and_sd(Quantiles(20, 5.0, 4.0, 6.5, 1.0, 10.0))
    other = mean_and_sd(Quantiles(20, -3 * 5.0 + 1, -3 * 6.5 + 1, -3 * 4.0 + 1, -3 * 10.0 + 1, -3 * 1.0 + 1))
    assert (other.mean, other.sd) == pytest.approx((-3 * one.mean + 1, 3 * one.sd))


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (Quantiles(4, 5.0, 4.0, 6.0), "at least 5"),
        (Quantiles(np.nan, 5.0, 4.0, 6.0), "at least 5"),
        (Quantiles(20, 5.0), "both quartiles or both extremes"),
        (Quantiles(20, 5.0, q1=4.0), "both quartiles or both extremes"),
        (Quantiles(20, np.nan, 4.0, 6.0), "the median"),
        (Quantiles(20, 7.0, 4.0, 6.0), "out of order"),
        (Quantiles(20, 5.0, 4.0, 6.0, 4.5, 9.0), "out of order"),
        (Quantiles(20, 5.0, 5.0, 5.0), "no spread"),
        (Quantiles(40, 4.1, 4.0, 8.0), "too skewed"),
        (Quantiles(10, 0.4, minimum=0.4, maximum=41.1), "too skewed"),
    ],
)
def test_what_gives_no_mean_is_refused(given, told):
    with pytest.raises(ValueError, match=told):
        mean_and_sd(given)
