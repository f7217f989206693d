"""Effect sizes: known answers and what must hold for any numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evdose.modelling.effect_size import (
    Counts,
    Sample,
    hedges_g,
    log_odds_ratio,
    log_risk_ratio,
    risk_difference,
    small_sample_correction,
    standardised_mean_change,
)


def test_small_sample_correction_is_the_ratio_of_gamma_functions():
    exact = math.gamma(5) / (math.sqrt(5) * math.gamma(4.5))  # 10 degrees of freedom
    assert small_sample_correction(10) == pytest.approx(exact, rel=1e-13)
    assert small_sample_correction(10) == pytest.approx(1 - 3 / (4 * 10 - 1), abs=5e-4)  # its approximation
    assert small_sample_correction(1e6) == pytest.approx(1, abs=1e-6)


def test_hedges_g_by_hand():
    effect = hedges_g(Sample(10, 2, 12), Sample(8, 2, 10))
    g = small_sample_correction(20) * 1.0
    assert effect.estimate == pytest.approx(g)
    assert effect.variance == pytest.approx(1 / 12 + 1 / 10 + g**2 / 44)
    assert effect.control_variance == pytest.approx(1 / 10)


def test_counts_by_hand():
    treated, control = Counts(4, 21), Counts(13, 24)
    odds = log_odds_ratio(treated, control)
    assert odds.estimate == pytest.approx(math.log(4 * 11 / (17 * 13)))
    assert odds.variance == pytest.approx(1 / 4 + 1 / 17 + 1 / 13 + 1 / 11)
    risk = log_risk_ratio(treated, control)
    assert risk.estimate == pytest.approx(math.log((4 / 21) / (13 / 24)))
    assert risk.variance == pytest.approx(1 / 4 - 1 / 21 + 1 / 13 - 1 / 24)
    difference = risk_difference(treated, control)
    assert difference.estimate == pytest.approx(4 / 21 - 13 / 24)
    assert difference.variance == pytest.approx(4 * 17 / 21**3 + 13 * 11 / 24**3)


def test_a_zero_corrects_only_its_own_study():
    treated, control = Counts([0, 4], [8, 21]), Counts([8, 13], [24, 24])
    odds = log_odds_ratio(treated, control)
    assert odds.estimate[0] == pytest.approx(math.log(0.5 * 16.5 / (8.5 * 8.5)))
    assert odds.estimate[1] == log_odds_ratio(Counts(4, 21), Counts(13, 24)).estimate
    difference = risk_difference(treated, control)
    assert difference.estimate[0] == -8 / 24  # the counts themselves have no zero to divide by
    assert difference.variance[0] == pytest.approx(0.5 * 8.5 / 9**3 + 8.5 * 16.5 / 25**3)


@pytest.mark.parametrize("events", [(0, 0), (10, 12)])
def test_an_outcome_that_all_or_none_had_has_a_risk_difference_only(events):
    arms = Counts(events[0], 10), Counts(events[1], 12)
    assert math.isnan(log_odds_ratio(*arms).estimate)
    assert math.isnan(log_risk_ratio(*arms).estimate)
    assert risk_difference(*arms).estimate == 0
    assert risk_difference(*arms).variance > 0


def test_standardised_mean_change_by_hand():
    effect = standardised_mean_change(3.0, 2.0, 16, correlation=0.5)
    g = small_sample_correction(15) * 1.5
    assert effect.estimate == pytest.approx(g)
    assert effect.variance == pytest.approx(2 * 0.5 / 16 + g**2 / 32)
    assert standardised_mean_change(3.0, 2.0, 16, 0.9).variance < effect.variance


def test_arrays_are_the_same_as_numbers_one_by_one():
    together = hedges_g(Sample(np.array([1.0, 2.0]), 1.0, 10), Sample(0.0, np.array([1.0, 3.0]), 12))
    one = hedges_g(Sample(2.0, 1.0, 10), Sample(0.0, 3.0, 12))
    assert together.estimate[1] == one.estimate
    assert together.variance[1] == one.variance
