"""Multivariate random-effects meta-analysis: known answers, other routes to them, invariances, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from evdose.modelling.estimators.multivariate_meta import METHODS, Study, multivariate_meta
from evdose.modelling.estimators.pooling import pool


def simulated(seed=1, k=8, p=2):
    rng = np.random.default_rng(seed)
    studies = []
    for _ in range(k):
        root = rng.normal(size=(p, p)) / 3
        covariance = root @ root.T + np.eye(p) / 10
        truth = np.arange(1, p + 1) + rng.normal(size=p)
        studies.append(Study(rng.multivariate_normal(truth, covariance), np.eye(p), covariance))
    return studies


def univariate(studies):
    y = np.array([study.y[0] for study in studies])
    v = np.array([study.covariance[0, 0] for study in studies])
    return y, v


@pytest.mark.parametrize(("ours", "theirs"), [("fixed", "EE"), ("ml", "ML"), ("reml", "REML"), ("mm", "DL")])
@pytest.mark.parametrize("seed", range(4))
def test_one_coefficient_is_the_pooling_of_effects(ours, theirs, seed):
    studies = simulated(seed, p=1)
    fit = multivariate_meta(studies, ours)
    pooled = pool(*univariate(studies), method=theirs, test="z")
    assert fit.coefficients[0] == pytest.approx(pooled.estimate, rel=1e-6)
    assert fit.se[0] == pytest.approx(pooled.se, rel=1e-6)
    assert fit.q == pytest.approx(pooled.q)
    assert fit.q_p_value == pytest.approx(pooled.q_p_value)
    if ours != "fixed":
        assert fit.psi[0, 0] == pytest.approx(pooled.tau2, abs=1e-7)


@pytest.mark.parametrize("method", ["fixed", "ml"])
def test_the_likelihood_is_that_of_the_normal_distribution(method):
    studies = simulated()
    fit = multivariate_meta(studies, method)
    psi = 0 if fit.psi is None else fit.psi
    expected = sum(multivariate_normal(fit.coefficients, s.covariance + psi).logpdf(s.y) for s in studies)
    assert fit.log_likelihood == pytest.approx(expected, rel=1e-9)
    assert fit.aic == pytest.approx(2 * fit.parameters - 2 * expected)
    assert fit.bic == pytest.approx(np.log(16) * fit.parameters - 2 * expected)


def test_the_restricted_likelihood_integrates_the_coefficient_out():
    studies = simulated(p=1)
    fit = multivariate_meta(studies)
    y, v = univariate(studies)
    spread = np.sqrt(v + fit.psi[0, 0])
    grid = np.linspace(fit.coefficients[0] - 12 * fit.se[0], fit.coefficients[0] + 12 * fit.se[0], 4001)
    logpdf = -(((y - grid[:, None]) / spread) ** 2) / 2 - np.log(spread * np.sqrt(2 * np.pi))
    integral = np.trapezoid(np.exp(logpdf.sum(axis=1)), grid)
    assert fit.log_likelihood == pytest.approx(np.log(integral) + np.log(len(y)) / 2, rel=1e-8)


@pytest.mark.parametrize("method", ["ml", "reml"])
@pytest.mark.parametrize("seed", range(6))
def test_no_other_variance_is_likelier(method, seed):
    studies = simulated(seed, k=6)
    fit = multivariate_meta(studies, method)
    rng = np.random.default_rng(seed)
    root = np.linalg.cholesky(fit.psi + 1e-12 * np.eye(2))
    for size in (1e-4, 1e-2, 0.3, 3.0):
        for _ in range(20):
            other = root + size * np.tril(rng.normal(size=(2, 2)))
            assert _restricted(studies, other @ other.T, method) <= fit.log_likelihood + 1e-9


def _restricted(studies, psi, method):
    """The log likelihood at Ψ by the textbook formula, over the stacked effects."""
    k, p = len(studies), len(psi)
    sigma = np.zeros((k * p, k * p))
    for i, study in enumerate(studies):
        sigma[i * p : (i + 1) * p, i * p : (i + 1) * p] = study.covariance + psi
    y, x = np.concatenate([s.y for s in studies]), np.tile(np.eye(p), (k, 1))
    precision = np.linalg.inv(sigma)
    information = x.T @ precision @ x
    residual = y - x @ np.linalg.solve(information, x.T @ precision @ y)
    total = np.linalg.slogdet(sigma)[1] + residual @ precision @ residual
    if method == "reml":
        total += np.linalg.slogdet(information)[1] - np.linalg.slogdet(x.T @ x)[1]
    return -(total + (k * p - p * (method == "reml")) * np.log(2 * np.pi)) / 2


def test_alike_studies_have_no_variance_between_them():
    studies = [Study(np.array([1.0, 2.0]), np.eye(2), np.eye(2) * v) for v in (0.1, 0.2, 0.3)]
    for method in ("ml", "reml", "mm"):
        fit = multivariate_meta(studies, method)
        assert fit.psi == pytest.approx(np.zeros((2, 2)), abs=1e-9)
        assert fit.coefficients == pytest.approx([1, 2])
        assert fit.q == pytest.approx(0, abs=1e-12)


def test_moments_of_independent_coefficients_are_those_of_each():
    rng = np.random.default_rng(5)
    y, v = rng.normal(size=(9, 2)) * [1, 5], rng.uniform(0.1, 0.5, size=(9, 2))
    fit = multivariate_meta([Study(y[i], np.eye(2), np.diag(v[i])) for i in range(9)], "mm")
    for j in range(2):
        assert fit.psi[j, j] == pytest.approx(pool(y[:, j], v[:, j], method="DL").tau2, rel=1e-9)


@settings(max_examples=15, deadline=None)
@given(
    method=st.sampled_from(METHODS),
    seed=st.integers(0, 50),
    order=st.permutations(range(6)),
    units=st.lists(st.sampled_from([1e-9, 1e-3, 1.0, 1e6]), min_size=2, max_size=2),
)
def test_the_order_of_studies_and_the_units_of_coefficients_change_nothing(method, seed, order, units):
    studies = simulated(seed, k=6)
    plain = multivariate_meta(studies, method)
    d = np.array(units)
    moved = multivariate_meta(
        [Study(studies[i].y * d, np.eye(2), studies[i].covariance * np.outer(d, d)) for i in order], method
    )
    assert moved.coefficients == pytest.approx(plain.coefficients * d, rel=1e-5)
    assert moved.se == pytest.approx(plain.se * d, rel=1e-5)
    assert moved.q == pytest.approx(plain.q)
    if method != "fixed":
        relative = moved.psi / np.outer(d, d)
        assert relative == pytest.approx(plain.psi, rel=1e-4, abs=1e-6)


def test_wald_test_of_one_coefficient_is_its_z_squared():
    fit = multivariate_meta(simulated())
    z = fit.coefficients[1] / fit.se[1]
    test = fit.wald([1])
    assert (test.statistic, test.df) == (pytest.approx(z**2), 1)
    assert fit.wald([0, 1]).statistic >= test.statistic


def test_studies_that_know_one_coefficient_only_still_count():
    studies = simulated(k=5)
    partial = Study(np.array([4.0]), np.array([[1.0, 0.0]]), np.array([[0.2]]))
    fit = multivariate_meta([*studies, partial])
    assert fit.observations == 11
    assert fit.coefficients[0] > multivariate_meta(studies).coefficients[0]


ONE = Study(np.array([1.0]), np.eye(1), np.eye(1))


@pytest.mark.parametrize(
    ("studies", "method", "message"),
    [
        ([], "reml", "no study"),
        ([ONE], "reml", "two studies"),
        ([ONE, ONE], "REML", "none of fixed, ml, reml, mm"),
        ([ONE, Study(np.ones(2), np.eye(1), np.eye(1))], "reml", "a design"),
        ([ONE, Study(np.array([np.nan]), np.eye(1), np.eye(1))], "reml", "finite"),
        ([ONE, Study(np.ones(1), np.eye(1), -np.eye(1))], "reml", "positive definite"),
        ([ONE, Study(np.ones(1), np.eye(1), np.eye(1) * np.nan)], "reml", "symmetric"),
        ([ONE, Study(np.ones(2), np.ones((2, 1)), np.array([[1, 0.5], [0.1, 1]]))], "reml", "symmetric"),
        ([ONE, Study(np.ones(1), np.ones((1, 2)), np.eye(1))], "reml", "differ in their number"),
        ([Study(np.ones(1), np.zeros((1, 1)), np.eye(1))], "fixed", "don't determine"),
        ([Study(np.ones(1), np.ones((1, 2)), np.eye(1))] * 3, "ml", "don't determine"),
    ],
)
def test_hostile_studies_are_refused(studies, method, message):
    with pytest.raises(ValueError, match=message):
        multivariate_meta(studies, method)


def test_moments_need_studies_that_know_every_coefficient():
    partial = Study(np.array([4.0]), np.array([[1.0, 0.0]]), np.array([[0.2]]))
    with pytest.raises(ValueError, match="each determine"):
        multivariate_meta([*simulated(k=3), partial], "mm")
