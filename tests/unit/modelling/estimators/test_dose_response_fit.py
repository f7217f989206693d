"""Candidate curves: the likelihood's highest point, known answers, planted shapes, what is refused."""

from __future__ import annotations

from time import perf_counter

import numpy as np
import pytest
from scipy.optimize import differential_evolution
from scipy.stats import multivariate_normal, norm, t

from evdose.modelling.estimators.dose_contrasts import DoseContrasts
from evdose.modelling.estimators.dose_response_fit import (
    akaike_weights,
    average_curve,
    fit_shape,
    fit_shapes,
    lacking,
)
from evdose.modelling.estimators.dose_shapes import SHAPES
from evdose.modelling.estimators.meta_regression import regress

CURVES = {
    "flat": lambda x: np.full_like(x, 0.5),
    "linear": lambda x: 0.2 + 0.3 * (x - 10),
    "emax": lambda x: 1.0 / (1 + 10 ** (9.5 - x)),
    "quadratic": lambda x: 0.8 + 0.1 * (x - 10) - 0.2 * (x - 10) ** 2,
    "peak": lambda x: 1.2 * np.exp(-((x - 10.3) ** 2) / (2 * 0.5**2)),
}


def drawn(curve, studies=20, seed=1, tau=0.1, variance=0.02, arms=1):
    """Contrasts of ``studies`` with ``arms`` arms each, which share half of the variance."""
    rng = np.random.default_rng(seed)
    study = np.repeat(np.arange(studies), arms)
    same = np.equal.outer(study, study)
    x = rng.uniform(8, 12, len(study))
    covariance = variance * (np.eye(len(study)) + same) / 2
    y = rng.multivariate_normal(curve(x), covariance + tau**2 * same)
    return DoseContrasts(x, y, covariance, study)


def log_likelihood(contrasts, mean, tau2):
    total = contrasts.covariance + tau2 * contrasts.same_study
    return multivariate_normal(mean, total).logpdf(contrasts.y)


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("arms", [1, 2])
def test_no_search_finds_a_higher_likelihood(name, arms):
    contrasts = drawn(CURVES["peak"], studies=10, seed=4, tau=0.3, arms=arms)
    shape, fit = SHAPES[name], fit_shape(contrasts, SHAPES[name])
    assert log_likelihood(contrasts, fit.curve(contrasts.x), fit.tau2) == pytest.approx(fit.log_likelihood)

    def descent(point):
        theta, tau2 = point[:-1], point[-1]
        columns = shape.columns(contrasts.x - fit.centre, theta)
        weight = np.linalg.inv(contrasts.covariance + tau2 * contrasts.same_study)
        linear = np.linalg.solve(columns.T @ weight @ columns, columns.T @ weight @ contrasts.y)
        return -log_likelihood(contrasts, columns @ linear, tau2)

    bounds = [*shape.bounds(contrasts.x).tolist(), (0.0, 2.0)]
    searched = differential_evolution(descent, bounds, rng=1, popsize=8, maxiter=60, tol=1e-10)
    assert fit.log_likelihood >= -searched.fun - 1e-7


@pytest.mark.parametrize(("name", "degree"), [("flat", 0), ("linear", 1), ("quadratic", 2)])
@pytest.mark.parametrize("tau", [0.0, 0.4])
def test_of_independent_studies_a_polynomial_is_a_meta_regression(name, degree, tau):
    contrasts = drawn(CURVES["linear"], seed=3, tau=tau)
    fit = fit_shape(contrasts, SHAPES[name])
    design = np.vander(contrasts.x - contrasts.x.mean(), degree + 1, increasing=True)
    expected = regress(contrasts.y, np.diag(contrasts.covariance), design, method="ML")
    assert fit.coefficients == pytest.approx(expected.coefficients, rel=1e-6, abs=1e-9)
    assert fit.tau2 == pytest.approx(expected.tau2, rel=1e-6, abs=1e-9)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(expected.se, rel=1e-6)
    assert fit.intervals(0.95) == pytest.approx(np.column_stack([expected.low, expected.high]), rel=1e-6)


def test_two_arms_of_a_study_are_not_two_studies():
    one = drawn(CURVES["linear"], studies=8, seed=5)
    twin = np.repeat(np.arange(8), 2)
    block = np.kron(one.covariance, np.array([[1, 1 - 1e-9], [1 - 1e-9, 1]]))
    doubled = fit_shape(DoseContrasts(one.x[twin], one.y[twin], block, twin), SHAPES["linear"])
    single = fit_shape(one, SHAPES["linear"])
    assert doubled.coefficients == pytest.approx(single.coefficients, rel=1e-5)
    assert doubled.tau2 == pytest.approx(single.tau2, rel=1e-4)
    assert doubled.df == single.df == 6


@pytest.mark.parametrize("name", CURVES)
def test_a_planted_shape_is_found_again(name):
    contrasts = drawn(CURVES[name], studies=60, seed=2, tau=0.02, variance=0.001)
    fits = fit_shapes(contrasts)
    doses = np.linspace(8.2, 11.8, 9)
    assert fits[name].curve(doses) == pytest.approx(CURVES[name](doses), abs=0.05)
    weights = dict(zip(fits, akaike_weights(list(fits.values())), strict=True))
    assert weights[name] > 0.1  # flat is within a linear curve, a quadratic near a wide peak
    mean, low, high = average_curve(list(fits.values()), doses, 0.95)
    assert mean == pytest.approx(CURVES[name](doses), abs=0.05)
    assert np.mean((low < CURVES[name](doses)) & (CURVES[name](doses) < high)) > 0.7


def test_planted_places_are_found_again():
    emax = fit_shape(drawn(CURVES["emax"], 60, 2, 0.02, 0.001), SHAPES["emax"])
    assert emax.coefficients == pytest.approx([1.0, 9.5], abs=0.1)
    peak = fit_shape(drawn(CURVES["peak"], 60, 2, 0.02, 0.001), SHAPES["peak"])
    assert peak.coefficients == pytest.approx([1.2, 10.3, 0.5], abs=0.05)
    for fit, truth in ((emax, [1.0, 9.5]), (peak, [1.2, 10.3, 0.5])):
        ends = fit.intervals(0.999)
        assert ((ends[:, 0] < truth) & (truth < ends[:, 1])).all()
        assert fit.at_bound == ()


def test_the_standard_error_of_a_curve_is_that_of_its_coefficients():
    fit = fit_shape(drawn(CURVES["peak"]), SHAPES["peak"])
    doses, step = np.array([8.5, 10.0, 11.7]), 1e-6
    slopes = []
    for i in range(3):
        moved = [fit.coefficients + side * step * (np.arange(3) == i) for side in (1, -1)]
        a, b = (fit.shape.columns(doses, c[1:])[:, 0] * c[0] for c in moved)
        slopes.append((a - b) / (2 * step))
    expected = np.sqrt(np.diag(np.array(slopes).T @ fit.covariance @ np.array(slopes)))
    assert fit.curve_se(doses) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("name", SHAPES)
def test_a_candidate_needs_two_studies_more_than_parameters_and_as_many_doses(name):
    shape = SHAPES[name]
    p = shape.parameters
    enough = drawn(CURVES["emax"], studies=p + 2)
    assert lacking(enough, shape) == (0, 0)
    assert fit_shape(enough, shape).df >= 3
    fewer = DoseContrasts(enough.x[1:], enough.y[1:], enough.covariance[1:, 1:], enough.study[1:])
    assert lacking(fewer, shape) == (1, 0)
    with pytest.raises(ValueError, match="1 more studies and 0 more doses"):
        fit_shape(fewer, shape)
    few_doses = DoseContrasts(
        np.resize(np.arange(p - 1) + 8.0, p + 2), enough.y, enough.covariance, enough.study
    )
    assert lacking(few_doses, shape) == (0, 1)
    assert name not in fit_shapes(few_doses)


def test_aicc_counts_studies_not_arms():
    contrasts = drawn(CURVES["linear"], studies=9, arms=3)
    fit = fit_shape(contrasts, SHAPES["linear"])
    assert fit.aicc == pytest.approx(-2 * fit.log_likelihood + 2 * 3 + 2 * 3 * 4 / (9 - 3 - 1))


def test_what_sits_at_a_bound_says_so_and_has_no_interval():
    x = np.linspace(8, 12, 12)
    rising = DoseContrasts(x, np.exp(x - 12), np.eye(12) * 0.001, np.arange(12))
    fit = fit_shape(rising, SHAPES["peak"])
    assert "mu at its upper bound" in fit.at_bound
    assert fit.coefficients[1] == pytest.approx(12)
    assert np.isnan(fit.intervals(0.95)[1]).all()
    assert np.isfinite(fit.intervals(0.95)[0]).all()
    assert np.isfinite(fit.curve_se(x)).all()


def test_no_effect_at_all_has_no_place():
    x = np.linspace(8, 12, 12)
    nothing = DoseContrasts(x, np.zeros(12), np.eye(12) * 0.1, np.arange(12))
    for name, fit in fit_shapes(nothing).items():
        assert fit.curve(x) == pytest.approx(np.zeros(12), abs=1e-9), name
        assert np.isnan(fit.intervals(0.95)[len(fit.shape.linear) :]).all()
        assert np.isfinite(fit.curve_se(x)).all()
        assert fit.tau2 == 0


def test_weights_and_average_follow_the_papers():
    fits = list(fit_shapes(drawn(CURVES["emax"], studies=12, seed=8)).values())
    weight = akaike_weights(fits)
    assert weight.sum() == pytest.approx(1)
    ratio = np.exp((fits[0].aicc - fits[1].aicc) / 2)
    assert weight[1] / weight[0] == pytest.approx(ratio)
    dose = np.array([10.2])
    mean, low, high = average_curve(fits, dose, 0.9)
    f = np.array([fit.curve(dose)[0] for fit in fits])
    assert mean[0] == pytest.approx(weight @ f)
    adjusted = [t.ppf(0.95, fit.df) / norm.ppf(0.95) * fit.curve_se(dose)[0] for fit in fits]
    half = norm.ppf(0.95) * weight @ np.sqrt(np.square(adjusted) + (f - mean) ** 2)
    assert (low[0], high[0]) == pytest.approx((mean[0] - half, mean[0] + half))


def test_the_average_of_one_candidate_is_its_own_interval():
    fit = fit_shape(drawn(CURVES["linear"]), SHAPES["linear"])
    dose = np.array([fit.centre])
    _, low, high = average_curve([fit], dose, 0.95)
    assert (low[0], high[0]) == pytest.approx(tuple(fit.intervals(0.95)[0]))


def test_five_candidates_on_twenty_studies_take_less_than_a_sixth_of_a_second():
    contrasts = drawn(CURVES["peak"])
    fit_shapes(contrasts)
    best = []
    for _ in range(5):
        start = perf_counter()
        assert len(fit_shapes(contrasts)) == 5
        best.append(perf_counter() - start)
    assert min(best) <= 0.15
