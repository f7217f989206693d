"""Optimal contrasts, their joint test, and what follows a signal."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from evdose.modelling.estimators.dose_contrasts import DoseContrasts
from evdose.modelling.estimators.dose_estimates import DoseEstimates, dose_means
from evdose.modelling.estimators.dose_models import SHAPES
from evdose.modelling.estimators.mcp_mod import (
    Candidate,
    contrast_test,
    mcp_mod,
    optimal_contrasts,
    smallest_p_value,
)
from evdose.modelling.estimators.placebo_adjusted import placebo_adjusted

DOSE = np.array([0, 0.1, 0.3, 1.0])
CANDIDATES = [
    Candidate("line", SHAPES["linear"]),
    Candidate("early", SHAPES["emax"], (0.02,)),
    Candidate("late", SHAPES["emax"], (0.2,)),
    Candidate("peaked", SHAPES["quadratic"], (-0.8,)),
    Candidate("steep", SHAPES["sigmoid_emax"], (0.3, 4)),
]
TARGET = 0.6  # of Emax with ED50 0.2: there it has 0.75, at 1 it has 0.75 / 0.9


def run(data, candidates=CANDIDATES, samples=199, seed=1):
    settings = {"alpha": 0.025, "target_share": 0.9, "confidence": 0.95, "samples": samples}
    return mcp_mod(data, candidates, rng=np.random.default_rng(seed), **settings)


def strong(effect=3.0):
    return dose_means(effect * DOSE / (0.2 + DOSE), [1.0] * 4, [20, 15, 20, 25], DOSE)


def test_a_contrast_of_a_line_with_equal_arms_is_the_line_itself():
    contrast = optimal_contrasts(DOSE[None, :], np.eye(4))
    centred = DOSE - DOSE.mean()
    assert contrast[0] == pytest.approx(centred / np.linalg.norm(centred))


@pytest.mark.parametrize("against_placebo", [True, False])
def test_no_other_contrast_has_more_power(against_placebo):
    rng = np.random.default_rng(6)
    factor = rng.normal(size=(4, 4))
    covariance, mean = factor @ factor.T + np.eye(4), DOSE**0.5

    def noncentrality(contrast):
        return contrast @ mean / np.sqrt(contrast @ covariance @ contrast)

    (best,) = optimal_contrasts(mean[None, :], covariance, against_placebo)
    others = rng.normal(size=(500, 4))
    others -= 0 if against_placebo else others.mean(axis=1, keepdims=True)
    assert max(map(noncentrality, others)) < noncentrality(best)
    assert against_placebo or best.sum() == pytest.approx(0, abs=1e-12)


def test_one_contrast_between_two_arms_is_the_t_test():
    data = dose_means([1.0, 2.0], [1.1, 0.9], [12, 15], [0, 1])
    test = contrast_test(data, optimal_contrasts(np.array([[0.0, 1.0]]), data.covariance), 0.05)
    student = stats.ttest_ind_from_stats(2, 0.9, 15, 1, 1.1, 12, alternative="greater")
    assert test.statistic[0] == pytest.approx(student.statistic)
    assert test.p_value[0] == pytest.approx(student.pvalue, rel=1e-8)
    assert test.critical_value == pytest.approx(stats.t.isf(0.05, 25), rel=1e-8)


def test_the_adjusted_p_value_lies_between_one_test_and_bonferroni():
    result = run(strong(0.5))
    alone = stats.t.sf(result.test.statistic, 76)
    assert (alone <= result.test.p_value + 1e-12).all()
    assert (result.test.p_value <= np.minimum(1, 5 * alone) + 1e-12).all()
    assert (result.signal == (result.test.statistic >= result.test.critical_value)).all()


def test_a_signal_is_modelled_and_its_dose_found():
    result = run(strong())
    assert result.signal.all()
    assert set(result.fits) == {"linear", "emax", "quadratic", "sigmoid_emax"}
    assert sum(result.weights.values()) == pytest.approx(1)
    assert max(result.weights, key=result.weights.get) == "emax"
    emax = result.targets["emax"]
    assert emax.estimate == pytest.approx(TARGET, rel=1e-3)
    assert emax.low <= emax.estimate <= emax.high <= 1
    assert result.average.low <= result.average.estimate <= result.average.high


def test_without_a_signal_there_is_no_model():
    result = run(strong(0.0))
    assert not result.signal.any()
    assert (result.fits, result.average) == ({}, None)


def test_harm_is_no_signal():
    assert not run(strong(-3.0)).signal.any()


def test_models_with_more_parameters_than_doses_are_tested_but_not_fitted():
    data = dose_means([0, 2.0, 3.0], [1.0] * 3, [20] * 3, [0, 0.3, 1])
    result = run(data)
    assert result.signal[4]
    assert "sigmoid_emax" not in result.fits


def test_the_interval_covers_the_dose_in_repeated_trials():
    rng, truth = np.random.default_rng(7), 3.0 * DOSE / (0.2 + DOSE)
    inside = np.zeros(2)
    for i in range(100):
        mean = truth + rng.normal(size=4) / np.sqrt(30)
        result = run(dose_means(mean, [1.0] * 4, [30] * 4, DOSE), seed=i)
        inside += [t.low <= TARGET <= t.high for t in (result.targets["emax"], result.average)]
    assert (inside >= 88).all()  # 95 expected, standard error 2.2


def test_candidates_that_repeat_each_other_change_nothing():
    """A singular correlation matrix."""
    once, thrice = run(strong(0.6), CANDIDATES[:2]), run(strong(0.6), CANDIDATES[:2] * 3)
    assert thrice.test.p_value[:2] == pytest.approx(once.test.p_value, rel=1e-7)
    assert thrice.test.critical_value == pytest.approx(once.test.critical_value, rel=1e-7)


def test_a_candidate_that_is_flat_over_the_doses_is_refused():
    with pytest.raises(ValueError, match="flat"):
        optimal_contrasts(np.ones((1, 4)), np.eye(4))


def test_the_smallest_p_value_falls_with_the_size_of_the_arms():
    found = [smallest_p_value([n] * 3, np.array([0, 0.5, 1.0]), CANDIDATES) for n in (2, 3, 5, 8)]
    assert found == sorted(found, reverse=True)
    assert found[0] > 0.05
    assert found[-1] < 0.01
    assert smallest_p_value([100] * 4, DOSE, CANDIDATES) is None


def contrasts(y, studies, variance=0.05):
    return DoseContrasts(np.array([8, 9, 9.5, 10, 10.5, 11.0]), y, np.eye(6) * variance, np.array(studies))


def test_studies_that_agree_keep_their_own_variance():
    data, tau2 = placebo_adjusted(contrasts([0.1] * 6, range(6)))
    assert tau2 == 0
    assert data.covariance == pytest.approx(np.eye(6) * 0.05)
    assert data.df == 5
    assert data.dose[-1] == 1
    assert data.dose[0] == pytest.approx(1e-3)


def test_heterogeneity_is_that_of_equal_variances_in_closed_form():
    y = np.array([-1.0, 0.3, 0.9, -0.5, 1.4, 0.2])
    data, tau2 = placebo_adjusted(contrasts(y, range(6)))
    assert tau2 == pytest.approx(y.var(ddof=1) - 0.05, rel=1e-5)
    assert np.diag(data.covariance) == pytest.approx(y.var(ddof=1), rel=1e-5)


def test_arms_of_one_study_share_its_deviation():
    data, tau2 = placebo_adjusted(contrasts([1.0, 1.1, -1.0, -0.9, 0.1, 0.2], [0, 0, 1, 1, 2, 2]))
    assert data.covariance[0, 1] == pytest.approx(tau2, rel=1e-6)
    assert data.covariance[0, 2] == 0
    assert tau2 > 0.5


def test_one_study_tells_nothing_of_others():
    with pytest.raises(ValueError, match="two"):
        placebo_adjusted(contrasts([0.1] * 6, [0] * 6))


def test_estimates_with_a_singular_covariance_are_refused():
    with pytest.raises(ValueError, match="positive definite"):
        DoseEstimates(DOSE, DOSE, np.ones((4, 4)))
