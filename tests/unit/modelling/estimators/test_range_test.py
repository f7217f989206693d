import numpy as np
import pytest
from scipy.stats import multivariate_normal

from evdose.modelling.estimators.dose_contrasts import DoseContrasts
from evdose.modelling.estimators.range_test import (
    effect_test,
    is_estimable,
    peak_range,
    peak_test,
    range_design,
    spread_of_width,
)
from evdose.randomness import generator

FACTOR = 2 * np.sqrt(2 * np.log(1 / 0.9))


def contrasts_of(studies=12, arms=2, variance=0.02, seed=1):
    """Two arms a study, which share a part of their control."""
    rng = np.random.default_rng(seed)
    x = np.tile(np.linspace(8, 10, 6), studies)[: studies * arms]
    v = variance * rng.uniform(0.5, 2, len(x))
    study = np.arange(len(x)) // arms
    shared = 0.4 * np.minimum.outer(v, v) * np.equal.outer(study, study)
    np.fill_diagonal(shared, v)
    return DoseContrasts(x, np.zeros(len(x)), shared, study)


def peaked(x, place=9.1, spread=0.3, height=0.9):
    return height * np.exp(-0.5 * ((x - place) / spread) ** 2)


def curves(design, name):
    """The shapes of a family, written down anew: list of design matrices (k, N)."""
    x, levels = design.contrasts.x, design.contrasts.levels
    if name == "none":
        return [np.empty((0, len(x)))]
    if name == "flat":
        return [np.ones((1, len(x)))]
    if name == "linear":
        return [np.stack([np.ones(len(x)), x])]
    if name == "sigmoid":
        return [
            np.stack([np.ones(len(x)), 1 / (1 + 10 ** (hill * (middle - x)))])
            for hill in (1, 4, 16)
            for middle in np.linspace(levels[0], levels[-1], 31)
        ]
    return [
        np.exp(-0.5 * ((x - place) / width) ** 2)[None] for place in design.places for width in design.widths
    ]


@pytest.mark.parametrize("name", ["none", "flat", "linear", "sigmoid", "peak"])
def test_log_likelihood_of_the_grid_is_that_of_the_normal_distribution_at_its_highest(name):
    contrasts = contrasts_of(studies=7)
    design = range_design(contrasts)
    y = np.random.default_rng(2).normal(0.2, 0.4, (2, len(contrasts.x)))
    highest = np.full(2, -np.inf)
    for tau2 in design.grid.tau2:
        total = contrasts.covariance + tau2 * contrasts.same_study
        weight = np.linalg.inv(total)
        for shape in curves(design, name):
            for i in range(2):
                coefficients = np.linalg.solve(shape @ weight @ shape.T, shape @ weight @ y[i])
                if name == "peak":
                    coefficients = np.maximum(coefficients, 0)
                height = multivariate_normal.logpdf(y[i], coefficients @ shape, total)
                highest[i] = max(highest[i], height)
    fit = design.grid.fit(y, name)
    assert fit.log_likelihood == pytest.approx(highest, rel=1e-9)
    assert design.grid.log_likelihoods(y, (name,))[0] == pytest.approx(highest, rel=1e-9)
    assert design.grid.profile(y, name).max(axis=1) == pytest.approx(highest, rel=1e-9)
    means, tau2 = design.grid.mean(fit, name), design.grid.tau2[fit.tau]
    for i in range(2):
        total = contrasts.covariance + tau2[i] * contrasts.same_study
        assert multivariate_normal.logpdf(y[i], means[i], total) == pytest.approx(highest[i], rel=1e-9)


def test_noise_has_the_covariance_of_the_model():
    contrasts = contrasts_of(studies=6)
    grid = range_design(contrasts).grid
    noise = grid.noise(np.array([3]), np.random.default_rng(3).standard_normal((200_000, len(contrasts.x))))
    expected = contrasts.covariance + grid.tau2[3] * contrasts.same_study
    assert np.cov(noise.T) == pytest.approx(expected, abs=5 * expected.max() / np.sqrt(200_000) * 2)


def test_reml_finds_more_heterogeneity_than_maximum_likelihood_on_average():
    contrasts = contrasts_of(studies=6, arms=1, variance=0.05)
    grid = range_design(contrasts).grid
    y = np.random.default_rng(4).normal(0, 0.5, (400, 6))
    fit = grid.fit(y, "linear")
    assert grid.tau2[grid.restricted(y, fit, "linear")].mean() > 1.2 * grid.tau2[fit.tau].mean()


def test_a_planted_peak_is_found_with_its_width_and_dose():
    contrasts = contrasts_of(studies=20)
    rng = np.random.default_rng(5)
    y = peaked(contrasts.x) + np.linalg.cholesky(contrasts.covariance) @ rng.standard_normal(40)
    design = range_design(contrasts)
    assert peak_test(design, y, 199, generator(1, "peak")).p_value <= 0.02
    assert effect_test(design, y, 199, generator(1, "effect")) == 1 / 200
    found = peak_range(design, y, 0.9, 0.95, 199, generator(1, "width"))
    assert found.low < 0.3 * FACTOR < found.high
    assert found.low < found.width < found.high
    assert found.peak_low < 9.1 < found.peak_high
    assert found.peak == pytest.approx(9.1, abs=0.15)


@pytest.mark.parametrize(
    "curve",
    [
        lambda x: np.full_like(x, 0.5),
        lambda x: 0.6 * (x - 8),
        lambda x: 1.2 * (10 - x),
        lambda x: 1.0 / (1 + 10 ** (9 - x)),
        lambda x: 0.3 + 0.9 * (x > 9),
        lambda x: 1.2 * (x < 9),
        lambda x: -peaked(x),
    ],
    ids=["flat", "rising", "falling", "Emax", "step up", "step down", "harm at a peak"],
)
def test_other_curves_without_noise_are_no_peak(curve):
    contrasts = contrasts_of(studies=20)
    tested = peak_test(range_design(contrasts), curve(contrasts.x), 99, generator(1))
    assert tested.p_value > 0.05
    assert tested.p_value == max(tested.by_null.values())


def test_p_values_under_a_flat_curve_are_no_smaller_than_uniform():
    contrasts = contrasts_of(studies=10, arms=1)
    design = range_design(contrasts)
    rng = np.random.default_rng(6)
    y = 0.3 + rng.standard_normal((200, 10)) * np.sqrt(np.diag(contrasts.covariance) + 0.09)
    p = np.array([peak_test(design, each, 39, rng).p_value for each in y])
    for level in (0.05, 0.1, 0.25, 0.5):
        assert np.mean(p <= level) <= level + 3 * np.sqrt(level * (1 - level) / len(p))


def test_no_effect_is_no_effect():
    contrasts = contrasts_of(studies=10)
    design = range_design(contrasts)
    assert effect_test(design, np.zeros(20), 99, generator(1)) == 1
    assert effect_test(design, np.full(20, -1.0), 99, generator(1)) > 0.5


def test_a_flat_benefit_has_a_width_without_end():
    contrasts = contrasts_of(studies=10)
    found = peak_range(range_design(contrasts), np.full(20, 0.6), 0.9, 0.95, 99, generator(1))
    assert np.isnan([found.high, found.peak_low, found.peak_high]).all()


def test_a_set_whose_narrowest_peak_cannot_be_excluded_begins_at_zero():
    contrasts = contrasts_of(studies=12, arms=1)
    y = 0.9 * np.isclose(contrasts.x, 9.2)
    found = peak_range(range_design(contrasts), y, 0.9, 0.95, 99, generator(1))
    assert found.low == 0
    assert 8.8 < found.peak_low < 9.2 < found.peak_high < 9.6


def test_doses_moved_and_effects_in_another_unit_change_nothing():
    contrasts = contrasts_of(studies=8)
    y = peaked(contrasts.x) + np.random.default_rng(7).normal(0, 0.2, 16)
    moved = DoseContrasts(contrasts.x - 9, y, contrasts.covariance, contrasts.study)
    scaled = DoseContrasts(contrasts.x, y, 9 * contrasts.covariance, contrasts.study)
    first, second, third = (
        peak_test(range_design(each), values, 99, generator(1))
        for each, values in ((contrasts, y), (moved, y), (scaled, 3 * y))
    )
    assert second.statistic == pytest.approx(first.statistic, abs=1e-8)
    assert third.statistic == pytest.approx(first.statistic, abs=1e-8)
    assert first.by_null == second.by_null == third.by_null
    ranges = [
        peak_range(range_design(each), values, 0.9, 0.95, 99, generator(1))
        for each, values in ((contrasts, y), (moved, y), (scaled, 3 * y))
    ]
    assert ranges[2] == pytest.approx(ranges[0], nan_ok=True, rel=1e-5)
    assert ranges[1][:3] == pytest.approx(ranges[0][:3], nan_ok=True, rel=1e-5)
    assert np.array(ranges[1][3:]) + 9 == pytest.approx(np.array(ranges[0][3:]), nan_ok=True, abs=1e-5)


def test_the_smallest_sizes():
    x = np.array([8.0, 8, 8, 9, 9.5, 10])
    assert is_estimable(DoseContrasts(x, np.zeros(6), np.eye(6), np.arange(6)))
    for small in (
        DoseContrasts(x, np.zeros(6), np.eye(6), np.array([0, 0, 1, 2, 3, 4])),
        DoseContrasts(x.round(), np.zeros(6), np.eye(6), np.arange(6)),
        DoseContrasts(np.zeros(0), np.zeros(0), np.zeros((0, 0)), np.zeros(0, int)),
    ):
        assert not is_estimable(small)
        with pytest.raises(ValueError, match="6 studies and 4 doses"):
            range_design(small)


def test_width_and_spread():
    assert spread_of_width(FACTOR, 0.9) == pytest.approx(1)
    assert np.exp(-0.5 * (0.35 / spread_of_width(0.7, 0.9)) ** 2) == pytest.approx(0.9)
