"""Dose–response shapes on the natural scale and their least-squares fits."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import approx_fprime

from evdose.modelling.estimators.dose_estimates import (
    DoseEstimates,
    dose_means,
    dose_responses,
    dose_shares,
)
from evdose.modelling.estimators.dose_model_fit import fit_dose_model, refit
from evdose.modelling.estimators.dose_models import SHAPES, guesses

DOSE = np.array([0, 0.05, 0.2, 0.6, 1.0])
TRUTH = {
    "linear": ([0.7], []),
    "linear_log": ([0.2], []),
    "quadratic": ([2.0, -1.5], []),
    "emax": ([0.9], [0.2]),
    "exponential": ([0.1], [0.4]),
    "logistic": ([0.8], [0.4, 0.1]),
    "sigmoid_emax": ([0.8], [0.3, 3.0]),
    "beta": ([0.6], [1.2, 1.5]),
}


def curve(name, dose=DOSE, largest=1.0, e0=0.3):
    linear, theta = TRUTH[name]
    columns = SHAPES[name].columns(np.asarray(dose, float), theta, largest)
    return e0 + sum(b * column for b, column in zip(linear, columns, strict=True))


@pytest.mark.parametrize("name", SHAPES)
def test_a_curve_without_noise_is_found_again(name):
    fit = fit_dose_model(DoseEstimates(DOSE, curve(name), np.diag([1, 2, 1, 3, 1.0])), SHAPES[name])
    linear, theta = TRUTH[name]
    assert fit.coefficients == pytest.approx([0.3, *linear, *theta], rel=2e-4)
    assert fit.criterion == pytest.approx(0, abs=1e-9)
    assert fit.names == SHAPES[name].parameters


@pytest.mark.parametrize("name", [name for name, shape in SHAPES.items() if shape.nonlinear])
def test_slopes_are_the_derivatives_of_the_column(name):
    shape, theta = SHAPES[name], np.array(TRUTH[name][1])
    slopes = np.array(shape.slopes(DOSE, theta, 1.0)).T
    for dose, slope in zip(DOSE, slopes, strict=True):
        numeric = approx_fprime(theta, lambda t, d=dose: shape.columns(np.array([d]), t, 1.0)[0][0], 1e-7)
        assert slope.tolist() == pytest.approx(numeric.tolist(), rel=1e-5, abs=2e-6)


@pytest.mark.parametrize("name", SHAPES)
def test_the_effective_dose_has_its_share_of_the_largest_effect(name):
    shape, (linear, theta) = SHAPES[name], TRUTH[name]
    tried = np.linspace(0, 1, 20_001)
    effect = shape.effect(tried, linear, theta, 1.0)
    found = shape.effective_dose(0.9, linear, theta, 1.0)
    assert found == pytest.approx(tried[np.argmax(effect >= 0.9 * effect.max())], abs=6e-5)
    assert shape.effect(found, linear, theta, 1.0) == pytest.approx(0.9 * effect.max(), rel=1e-6)


def test_half_of_the_largest_effect_tried_is_not_the_parameter_ed50():
    """Emax within 0 to 1 with ED50 0.2: half of 1 / 1.2 is reached at 1 / 7."""
    assert SHAPES["emax"].effective_dose(0.5, [1.0], [0.2], 1.0) == pytest.approx(1 / 7)


def test_a_curve_that_only_falls_has_no_effective_dose():
    fit = fit_dose_model(DoseEstimates(DOSE, -curve("emax"), np.eye(5)), SHAPES["emax"])
    assert np.isnan(fit.effective_dose(0.9))
    assert np.isnan(fit.target_dose(0.1))


def test_an_effect_that_no_tried_dose_has_gives_no_target_dose():
    fit = fit_dose_model(DoseEstimates(DOSE, curve("linear"), np.eye(5)), SHAPES["linear"])
    assert np.isnan(fit.target_dose(0.71))
    assert fit.target_dose(0.35) == pytest.approx(0.5)


def test_a_line_is_ordinary_least_squares():
    rng = np.random.default_rng(2)
    dose = np.repeat(DOSE, 4)
    y = 1 + 0.5 * dose + rng.normal(size=20)
    fit = fit_dose_model(dose_responses(dose, y), SHAPES["linear"])
    design = np.c_[np.ones(20), dose]
    beta, (rss,), *_ = np.linalg.lstsq(design, y, rcond=None)
    assert fit.coefficients == pytest.approx(beta)
    assert fit.criterion == pytest.approx(rss)
    assert fit.se == pytest.approx(np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * rss / 18))
    assert fit.aic == pytest.approx(20 * (np.log(2 * np.pi * rss / 20) + 1) + 6)


def test_arm_means_fit_as_the_responses_behind_them():
    rng = np.random.default_rng(3)
    dose = np.repeat(DOSE, [5, 3, 8, 4, 6])
    y = rng.normal(dose)
    groups = [y[dose == level] for level in DOSE]
    summary = dose_means(
        [g.mean() for g in groups], [g.std(ddof=1) for g in groups], [len(g) for g in groups], DOSE
    )
    for name in ("emax", "quadratic"):
        one, other = (fit_dose_model(data, SHAPES[name]) for data in (dose_responses(dose, y), summary))
        assert one.coefficients == pytest.approx(other.coefficients, rel=1e-5)
        assert (one.criterion, one.df, one.aic) == pytest.approx((other.criterion, other.df, other.aic))


def test_a_covariate_is_adjusted_for_as_by_one_regression():
    rng = np.random.default_rng(4)
    dose, age = np.repeat(DOSE, 6), rng.normal(size=30)
    y = 2 * dose + 0.7 * age + rng.normal(size=30)
    fit = fit_dose_model(dose_responses(dose, y, age), SHAPES["quadratic"])
    design = np.c_[np.ones(30), dose, dose**2, age]
    beta, (rss,), *_ = np.linalg.lstsq(design, y, rcond=None)
    assert fit.coefficients == pytest.approx(beta)
    assert fit.se == pytest.approx(np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * rss / 26))
    assert fit.names[-1] == "covariate1"


def test_differences_from_placebo_give_the_same_curve_as_the_arms():
    variance = np.array([1.0, 2, 1, 3, 1]) / 50
    y = curve("emax") + np.array([0.05, -0.03, 0.02, 0.04, -0.05])
    arms = DoseEstimates(DOSE, y, np.diag(variance))
    differences = DoseEstimates(
        DOSE[1:], y[1:] - y[0], np.diag(variance[1:]) + variance[0], against_placebo=True
    )
    one, other = (fit_dose_model(data, SHAPES["emax"]) for data in (arms, differences))
    assert one.criterion == pytest.approx(other.criterion, rel=1e-6)
    assert one.coefficients[1:] == pytest.approx(other.coefficients, rel=1e-4)
    assert other.names == ("eMax", "ed50")


def test_a_parameter_may_end_at_its_bound():
    y = curve("exponential", e0=0) - 0.3 * DOSE**2
    fit = fit_dose_model(DoseEstimates(DOSE, y, np.eye(5)), SHAPES["exponential"], [0.5, 0.9])
    assert fit.coefficients[-1] in (pytest.approx(0.5), pytest.approx(0.9))


@pytest.mark.parametrize("name", SHAPES)
def test_the_grid_of_the_bootstrap_is_close_to_the_fit(name):
    rng = np.random.default_rng(5)
    data = DoseEstimates(DOSE, curve(name), np.eye(5) * 0.01)
    estimates = data.estimate[:, None] + 0.1 * rng.normal(size=(5, 6))
    _, _, criteria = refit(data, SHAPES[name], estimates)
    for i in range(6):
        best = fit_dose_model(DoseEstimates(DOSE, estimates[:, i], data.covariance), SHAPES[name]).criterion
        assert best - 1e-6 <= criteria[i] <= best + 0.1


def test_firth_logits_stay_finite_and_agree_with_plain_ones_in_large_arms():
    extreme = dose_shares([0, 10], [10, 10], [0, 1])
    assert extreme.estimate == pytest.approx([-np.log(21), np.log(21)])
    large = dose_shares([2000, 5000], [10_000, 10_000], [0, 1])
    assert large.estimate == pytest.approx([np.log(0.25), 0], abs=1e-3)
    assert np.diag(large.covariance) == pytest.approx([1 / 1600, 1 / 2500], rel=1e-3)


def test_a_peak_in_words_is_where_the_shape_has_it():
    tried = np.linspace(0, 1, 1001)
    (second,) = guesses("quadratic", peak=0.6)
    assert tried[np.argmax(tried + second * tried**2)] == pytest.approx(0.6)
    theta = guesses("beta", peak=0.2, steepness=1.5)
    assert tried[np.argmax(SHAPES["beta"].columns(tried, theta, 1.0)[0])] == pytest.approx(0.2)


@pytest.mark.parametrize(
    "arguments",
    [
        ([0, 1, 2], [1, 2], np.eye(2)),
        ([0, -1], [1, 2], np.eye(2)),
        ([0, 0], [1, 2], np.eye(2)),
        ([0, 1], [1, np.nan], np.eye(2)),
        ([0, 1], [1, 2], np.ones((2, 2))),
        ([0, 1], [1, 2], np.eye(3)),
    ],
)
def test_estimates_that_make_no_sense_are_refused(arguments):
    with pytest.raises(ValueError):
        DoseEstimates(*arguments)


@pytest.mark.parametrize("name", ["emax", "quadratic", "beta"])
def test_two_doses_carry_no_curve(name):
    with pytest.raises(ValueError, match="needs"):
        fit_dose_model(DoseEstimates([0, 1], [0, 1], np.eye(2)), SHAPES[name])


@pytest.mark.parametrize(("sd", "n"), [([0, 0], [5, 5]), ([1, 1], [1, 1]), ([1, 1], [0, 5])])
def test_means_without_spread_are_refused(sd, n):
    with pytest.raises(ValueError):
        dose_means([0, 1], sd, n, [0, 1])


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.filterwarnings("error")
def test_estimates_that_are_all_zero_have_no_effect(name):
    fit = fit_dose_model(DoseEstimates(DOSE, np.zeros(5), np.eye(5)), SHAPES[name])
    assert fit.criterion == 0
    assert fit.effect(DOSE).tolist() == [0] * 5
    assert np.isnan(fit.effective_dose(0.9))


def test_a_peak_outside_the_shape_is_refused():
    with pytest.raises(ValueError, match="peak"):
        guesses("beta", peak=1.3, steepness=1)
