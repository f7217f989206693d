"""Differences in means against one reference group: formulas, covariance, refusals."""

from __future__ import annotations

import numpy as np
import pytest

from evdose.modelling.estimators.effect_size import Sample, hedges_g, small_sample_correction
from evdose.modelling.estimators.mean_differences import mean_differences, standardised_mean_differences

MEAN, SD, N = np.array([5.0, 8.0, 4.0]), np.array([2.0, 2.0, 2.0]), np.array([10, 20, 30])


def test_equal_standard_deviations_give_the_textbook_variances():
    found = mean_differences(MEAN, SD, N)
    assert found.estimate == pytest.approx([3, -1])
    assert found.covariance == pytest.approx(
        np.array([[4 / 20 + 4 / 10, 4 / 10], [4 / 10, 4 / 30 + 4 / 10]]), rel=1e-12
    )


def test_a_standardised_difference_is_hedges_g_without_its_correction():
    two = standardised_mean_differences(MEAN[:2], np.array([2.0, 3.0]), N[:2])
    g = hedges_g(Sample(8.0, 3.0, 20), Sample(5.0, 2.0, 10))
    assert two.estimate[0] == pytest.approx(g.estimate / small_sample_correction(28), rel=1e-12)


def test_standardised_differences_share_the_reference_group():
    found = standardised_mean_differences(MEAN, SD, N)
    d = np.array([1.5, -0.5])
    assert found.estimate == pytest.approx(d)
    assert found.covariance[0, 1] == pytest.approx(1 / 10 + d[0] * d[1] / 120)
    assert found.covariance[1, 1] == pytest.approx(1 / 10 + 1 / 30 + d[1] ** 2 / 120)


def test_units_cancel_from_standardised_differences_only():
    for scale in (1e-3, 1e6):
        plain, scaled = (standardised_mean_differences(MEAN * s, SD * s, N) for s in (1, scale))
        assert scaled.covariance == pytest.approx(plain.covariance)
        assert mean_differences(MEAN * scale, SD * scale, N).covariance == pytest.approx(
            mean_differences(MEAN, SD, N).covariance * scale**2
        )


@pytest.mark.parametrize(
    ("mean", "sd", "n", "message"),
    [
        (MEAN[:1], SD[:1], N[:1], "two or more groups"),
        (MEAN, SD[:2], N, "each with a mean"),
        (MEAN, SD * [1, 0, 1], N, "above 0"),
        (MEAN * np.nan, SD, N, "finite"),
        (MEAN, SD, [10, 1, 30], "two or more"),
        (MEAN, [90, 1, 1], [10, 9000, 9000], "too unlike"),
    ],
)
def test_hostile_numbers_are_refused(mean, sd, n, message):
    with pytest.raises(ValueError, match=message):
        mean_differences(mean, sd, n)
