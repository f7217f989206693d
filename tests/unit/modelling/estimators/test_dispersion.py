"""Standard deviations worked back: the Handbook's worked numbers, and round trips through simulated arms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from evdose.modelling.estimators.dispersion import (
    sd_from_error_of_difference,
    sd_from_interval,
    sd_from_p_value,
    sd_from_standard_error,
    sd_from_t,
)

rng = np.random.default_rng(20)
TREATED, CONTROL = rng.normal(5, 3, 12), rng.normal(2, 3, 9)


def test_the_worked_example_of_the_handbook():
    """Arms of 25 and 22, a difference of 3.8, p = 0.008: t 2.78, standard error 1.37, SD 4.69."""
    assert stats.t.isf(0.004, 45) == pytest.approx(2.78, abs=0.005)
    assert sd_from_error_of_difference(1.37, 25, 22) == pytest.approx(4.69, abs=0.005)
    assert sd_from_p_value(3.8, 0.008, 25, 22) == pytest.approx(4.69, abs=0.01)
    assert sd_from_t(-3.8, 2.78, 25, 22) == pytest.approx(4.69, abs=0.02)  # which rounds on the way


def test_the_divisor_of_the_handbook_for_25_participants():
    assert 5 * (2 * 1.0) / sd_from_interval(0.0, -1.0, 1.0, 25) == pytest.approx(4.128, abs=5e-4)
    assert 100 * 2 / sd_from_interval(0.0, -1.0, 1.0, 10_000) == pytest.approx(3.92, abs=1e-3)


def test_the_sd_of_a_sample_comes_back():
    n, sd = len(TREATED), TREATED.std(ddof=1)
    assert sd_from_standard_error(stats.sem(TREATED), n) == pytest.approx(sd)
    for confidence in (0.9, 0.95):
        ends = stats.t.interval(confidence, n - 1, TREATED.mean(), stats.sem(TREATED))
        assert sd_from_interval(TREATED.mean(), *ends, n, confidence) == pytest.approx(sd)


def test_the_pooled_sd_of_two_samples_comes_back():
    test = stats.ttest_ind(TREATED, CONTROL)
    pooled = np.sqrt((11 * TREATED.var(ddof=1) + 8 * CONTROL.var(ddof=1)) / 19)
    given = TREATED.mean() - CONTROL.mean()
    assert sd_from_t(given, test.statistic, 12, 9) == pytest.approx(pooled)
    assert sd_from_p_value(given, test.pvalue, 12, 9) == pytest.approx(pooled)


def test_an_interval_that_a_registry_posts_with_its_sd():
    """Posted for ten participants: mean change 73.29, SD 82.91404, 95 % interval 13.97687 to 132.6031."""
    assert sd_from_interval(73.29, 13.97687, 132.6031, 10) == pytest.approx(82.91404, rel=1e-6)


def test_arrays_are_the_same_as_numbers_one_by_one():
    together = sd_from_interval([0.0, 10.0], [-1.0, 8.0], [1.0, 12.0], [5, 20])
    assert together.tolist() == [sd_from_interval(0, -1, 1, 5), sd_from_interval(10, 8, 12, 20)]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: sd_from_standard_error(0.0, 10), "above 0"),
        (lambda: sd_from_standard_error(np.nan, 10), "above 0"),
        (lambda: sd_from_standard_error(1.0, 1), "two participants"),
        (lambda: sd_from_interval(0.0, 1.0, -1.0, 10), "above 0"),
        (lambda: sd_from_interval(2.0, 1.0, 8.0, 10), "middle"),
        (lambda: sd_from_t(0.0, 2.0, 10, 10), "difference"),
        (lambda: sd_from_t(1.0, 0.0, 10, 10), "t statistic"),
        (lambda: sd_from_t(1.0, 2.0, 1, 10), "two participants"),
        (lambda: sd_from_p_value(1.0, 1.0, 10, 10), "between 0 and 1"),
        (lambda: sd_from_p_value(1.0, 0.0, 10, 10), "between 0 and 1"),
        (lambda: sd_from_error_of_difference(-1.0, 10, 10), "above 0"),
    ],
)
def test_what_gives_no_sd_is_refused(call, told):
    with pytest.raises(ValueError, match=told):
        call()
