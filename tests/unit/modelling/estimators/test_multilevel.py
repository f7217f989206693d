"""The multilevel model against closed answers, the two-level model and the likelihood itself."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from evdose.modelling.estimators.multilevel import fit_multilevel
from evdose.modelling.estimators.pooling import pool

RANDOM = np.random.default_rng(7)
STUDY = np.repeat(np.arange(6), [1, 2, 3, 4, 2, 3])
LEVELS = {"study": STUDY, "effect": np.arange(15)}
Y = 0.3 + RANDOM.normal(0, 0.5, 6)[STUDY] + RANDOM.normal(0, 0.4, 15)
V = 0.05 * np.diag(RANDOM.uniform(0.5, 2, 15)) + 0.02 * np.equal.outer(STUDY, STUDY)
X = np.column_stack([np.ones(15), RANDOM.normal(0, 1, 15)])


@pytest.mark.parametrize("method", ["ML", "REML"])
def test_with_one_level_it_is_the_usual_random_effects_model(method):
    v = RANDOM.uniform(0.05, 0.3, 15)
    ours, known = (
        fit_multilevel(Y, np.diag(v), {"effect": range(15)}, method=method),
        pool(Y, v, method=method, test="z"),
    )
    assert ours.variances["effect"] == pytest.approx(known.tau2, rel=1e-8)
    assert (ours.coefficients[0], ours.se[0]) == pytest.approx((known.estimate, known.se), rel=1e-9)
    assert ours.df == 14


def test_balanced_data_have_the_answers_of_the_analysis_of_variance():
    m, k, v = 4, 8, 0.1
    y = RANDOM.normal(0, 1, (k, 1)) + RANDOM.normal(0, 0.8, (k, m))
    between = m * y.mean(axis=1).var(ddof=1)
    within = ((y - y.mean(axis=1, keepdims=True)) ** 2).sum() / (k * (m - 1))
    fit = fit_multilevel(
        y.ravel(), v * np.eye(k * m), {"study": np.repeat(range(k), m), "effect": range(k * m)}
    )
    assert fit.variances["effect"] == pytest.approx(within - v, rel=1e-7)
    assert fit.variances["study"] == pytest.approx((between - within) / m, rel=1e-7)
    assert fit.coefficients[0] == pytest.approx(y.mean())
    assert fit.se[0] == pytest.approx(np.sqrt(between / (k * m)), rel=1e-7)
    half = stats.t.ppf(0.975, k - 1) * fit.se[0]
    assert (fit.low[0], fit.high[0]) == pytest.approx((y.mean() - half, y.mean() + half))


def normal_log_likelihood(fit, x, restricted):
    covariance, residual = fit.covariance, Y - x @ fit.coefficients
    height = stats.multivariate_normal(np.zeros(15), covariance).logpdf(residual)
    if restricted:
        information = x.T @ np.linalg.solve(covariance, x)
        height += (np.linalg.slogdet(x.T @ x)[1] - np.linalg.slogdet(information)[1]) / 2
        height += x.shape[1] * np.log(2 * np.pi) / 2
    return height


@pytest.mark.parametrize("method", ["ML", "REML"])
def test_the_log_likelihood_is_that_of_the_normal_model_and_highest(method):
    fit = fit_multilevel(Y, V, LEVELS, X, method=method)
    height = normal_log_likelihood(fit, X, method == "REML")
    assert fit.log_likelihood == pytest.approx(height, rel=1e-10)
    for step in ((0.01, 0), (-0.01, 0), (0, 0.01), (0, -0.01)):
        same = np.equal.outer(STUDY, STUDY)
        near = fit.covariance + step[0] * same + step[1] * np.eye(15)
        weight = np.linalg.inv(near)
        beta = np.linalg.solve(X.T @ weight @ X, X.T @ weight @ Y)
        moved = type(fit)(**(vars(fit) | {"covariance": near, "coefficients": beta}))
        assert normal_log_likelihood(moved, X, method == "REML") < height


def test_effects_that_agree_have_no_heterogeneity():
    fit = fit_multilevel(np.full(15, 0.4) + 1e-3 * np.arange(15), V, LEVELS)
    assert fit.variances == {"study": 0.0, "effect": 0.0}
    weight = np.linalg.inv(V).sum()
    assert fit.se[0] == pytest.approx(weight**-0.5)


@pytest.mark.parametrize("scale", [1e-6, 1e6])
def test_neither_unit_nor_order_nor_names_matter(scale):
    fit, order = fit_multilevel(Y, V, LEVELS, X), RANDOM.permutation(15)
    names = {"study": np.array(list("fabced"))[STUDY][order], "effect": np.arange(15)[order]}
    other = fit_multilevel(scale * Y[order], scale**2 * V[np.ix_(order, order)], names, X[order])
    assert other.coefficients / scale == pytest.approx(fit.coefficients, rel=1e-7)
    assert other.se / scale == pytest.approx(fit.se, rel=1e-7)
    for name, variance in fit.variances.items():
        assert other.variances[name] / scale**2 == pytest.approx(variance, rel=1e-6)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"y": np.full(15, np.nan)}, "finite"),
        ({"sampling_covariance": V[:5, :5]}, "don't match"),
        ({"sampling_covariance": V - 0.3}, "positive definite"),
        ({"sampling_covariance": V + np.triu(V, 1)}, "symmetric"),
        ({"levels": {}}, "don't match"),
        ({"levels": {"study": STUDY[:3]}}, "group label"),
        ({"levels": {"effect": np.arange(15), "study": STUDY}}, "nested"),
        ({"levels": {"study": STUDY, "again": -STUDY}}, "told apart"),
        ({"levels": {"study": np.zeros(15), "effect": np.arange(15)}}, "1 groups of the first level"),
        ({"moderators": np.ones((15, 2))}, "linearly dependent"),
        ({"method": "DL"}, "ML or REML"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_cannot_be_fitted_is_refused(changed, message):
    given = {"y": Y, "sampling_covariance": V, "levels": LEVELS} | changed
    with pytest.raises(ValueError, match=message):
        fit_multilevel(**given)
