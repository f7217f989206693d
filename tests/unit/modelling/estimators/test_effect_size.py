"""Effect sizes: known answers and what must hold for any numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

from evdose.modelling.estimators.effect_size import (
    Counts,
    EffectSize,
    Sample,
    g_to_log_odds_ratio,
    hedges_g,
    log_odds_ratio,
    log_odds_ratio_to_g,
    log_risk_ratio,
    logit_proportion,
    mean_difference,
    proportion,
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


def test_mean_difference_by_hand():
    effect = mean_difference(Sample(10, 2, 12), Sample(8, 3, 10))
    assert effect.estimate == 2
    assert effect.variance == pytest.approx(4 / 12 + 9 / 10)
    assert effect.control_variance == pytest.approx(9 / 10)


def test_the_correction_makes_g_unbiased_and_its_variance_is_that_of_g():
    """500 000 simulated trials of 6 against 5; the large-sample variance is some 15 % low at this size."""
    rng = np.random.default_rng(1)
    treated, control = rng.normal(0.8, 1, (500_000, 6)), rng.normal(0, 1, (500_000, 5))
    arms = [Sample(x.mean(axis=1), x.std(axis=1, ddof=1), x.shape[1]) for x in (treated, control)]
    effect = hedges_g(*arms)
    assert effect.estimate.mean() == pytest.approx(0.8, abs=4 * effect.estimate.std() / 500_000**0.5)
    assert effect.variance.mean() == pytest.approx(effect.estimate.var(), rel=0.2)


def test_a_share_and_its_logit_by_hand():
    share = proportion(Counts(3, 20))
    assert (share.estimate, share.variance) == pytest.approx((0.15, 0.15 * 0.85 / 20))
    logit = logit_proportion(Counts(3, 20))
    assert (logit.estimate, logit.variance) == pytest.approx((math.log(3 / 17), 1 / 3 + 1 / 17))


def test_half_a_participant_is_added_where_none_or_all_had_the_event():
    logit = logit_proportion(Counts([0, 11, 1], [11, 11, 11]))
    assert logit.estimate[0] == pytest.approx(math.log(0.5 / 11.5)) == -logit.estimate[1]
    assert logit.variance[0] == pytest.approx(1 / 0.5 + 1 / 11.5) == logit.variance[1]
    assert logit.estimate[2] == pytest.approx(math.log(1 / 10))
    share = proportion(Counts(0, 11))
    assert (share.estimate, share.variance) == pytest.approx((0.5 / 12, 0.5 * 11.5 / 12**3))


def test_odds_ratios_become_standardised_differences_and_back():
    odds = log_odds_ratio(Counts(4, 21), Counts(13, 24))
    g = log_odds_ratio_to_g(odds)
    assert g.estimate == pytest.approx(odds.estimate * 0.551328895421792)
    assert g.variance == pytest.approx(odds.variance * 0.303963550927013)
    assert g.control_variance / g.variance == pytest.approx(odds.control_variance / odds.variance)
    assert tuple(g_to_log_odds_ratio(g)) == pytest.approx(tuple(odds))


def test_the_conversion_finds_the_shift_of_a_logistic_scale_wherever_it_is_cut():
    """Two logistic distributions, 0.6 SD apart, cut at several points: the same g from each."""
    cuts, sd = np.array([-1.0, 0.0, 2.5]), math.pi / math.sqrt(3)
    odds = [np.exp(shift - cuts) for shift in (0.6 * sd, 0.0)]
    found = log_odds_ratio_to_g(EffectSize(np.log(odds[0] / odds[1]), 1.0)).estimate
    assert found == pytest.approx([0.6] * 3)


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


def test_metafor_has_the_same_standardised_mean_change_and_converted_odds_ratio():
    """Its measures SMCR and OR2DL."""
    change = standardised_mean_change(3.0, 2.0, 16, correlation=0.5)
    assert tuple(change)[:2] == pytest.approx((1.423511380714, 0.125824520344), rel=1e-11)
    g = log_odds_ratio_to_g(log_odds_ratio(Counts(4, 21), Counts(13, 24)))
    assert tuple(g)[:2] == pytest.approx((-0.889829988600, 0.144885958304), rel=1e-11)


def test_arrays_are_the_same_as_numbers_one_by_one():
    together = hedges_g(Sample(np.array([1.0, 2.0]), 1.0, 10), Sample(0.0, np.array([1.0, 3.0]), 12))
    one = hedges_g(Sample(2.0, 1.0, 10), Sample(0.0, 3.0, 12))
    assert together.estimate[1] == one.estimate
    assert together.variance[1] == one.variance
