"""Meta-regression: answers known from ordinary and weighted least squares, boundaries, hostile input."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from evdose.modelling.estimators.meta_regression import regress
from evdose.modelling.estimators.pooling import pool, q_profile

Y = np.array([0.10, 0.30, 0.35, 0.65, 0.45, 0.15, 0.80, 0.55])
V = np.array([0.03, 0.03, 0.05, 0.01, 0.05, 0.02, 0.04, 0.06])
DOSE = np.array([8.0, 8.5, 9.0, 10.5, 9.5, 8.0, 11.0, 10.0])
X = sm.add_constant(DOSE)
ONES = np.ones((len(Y), 1))


@pytest.mark.parametrize("method", ["EE", "DL", "PM", "ML", "REML"])
@pytest.mark.parametrize("test", ["z", "knha", "guarded"])
def test_an_intercept_alone_is_pooling(method, test):
    fit, pooled = regress(Y, V, ONES, method=method, test=test), pool(Y, V, method=method, test=test)
    ours = (fit.coefficients[0], fit.se[0], fit.low[0], fit.high[0], fit.p_value[0], fit.tau2, fit.i2, fit.q)
    names = ("estimate", "se", "low", "high", "p_value", "tau2", "i2", "q")
    assert ours == tuple(getattr(pooled, name) for name in names)
    assert tuple(fit.tau2_interval()[:2]) == q_profile(Y, V)
    assert np.isnan(fit.r2)


def test_without_heterogeneity_it_is_weighted_least_squares():
    fit, theirs = regress(Y, V, X, method="EE", test="knha"), sm.WLS(Y, X, weights=1 / V).fit()
    assert fit.coefficients == pytest.approx(theirs.params, rel=1e-10)
    assert fit.covariance == pytest.approx(theirs.cov_params(), rel=1e-9)
    assert fit.p_value == pytest.approx(theirs.pvalues, rel=1e-9)
    assert np.column_stack([fit.low, fit.high]) == pytest.approx(theirs.conf_int(), rel=1e-9)
    assert (fit.qm, fit.qm_p_value) == pytest.approx((theirs.fvalue, theirs.f_pvalue), rel=1e-9)


def test_equal_variances_give_ordinary_least_squares_with_tau2_the_rest_of_its_variance():
    fit, theirs = regress(100 * Y, np.ones(8), X, test="knha"), sm.OLS(100 * Y, X).fit()
    assert fit.tau2 == pytest.approx(theirs.mse_resid - 1, rel=1e-9)
    assert fit.se == pytest.approx(theirs.bse, rel=1e-9)
    assert fit.p_value == pytest.approx(theirs.pvalues, rel=1e-9)


def test_several_coefficients_are_tested_together():
    x = np.column_stack([X, DOSE**2])
    fit = regress(Y, V, x, method="REML", test="z")
    b, covariance = fit.coefficients[1:], fit.covariance[1:, 1:]
    assert fit.qm_df == 2
    assert fit.qm == pytest.approx(b @ np.linalg.inv(covariance) @ b, rel=1e-6)
    assert fit.qm_p_value == pytest.approx(stats.chi2.sf(fit.qm, 2))
    alone = regress(Y, V, DOSE[:, None], test="z")  # no intercept
    assert (alone.qm_df, alone.qm) == (1, pytest.approx(alone.statistic[0] ** 2))
    assert np.isnan(alone.r2)


def test_of_two_summits_the_higher_one_is_taken():
    """The likelihood has one summit near 6e-5, where an iteration that starts low ends, and a higher one."""
    y = np.array([0.0, -0.01, 0.007, -0.051, -0.005, 1.523])
    v = np.array([3.72e-3, 1.19e-5, 3.80e-5, 1.50e-3, 0.918, 0.0356])

    def height(tau2):
        weight = 1 / (v + tau2)
        return np.log(weight).sum() - np.sum(weight * (y - np.average(y, weights=weight)) ** 2)

    grid = np.geomspace(1e-8, 10, 500)
    heights = np.array([height(tau2) for tau2 in grid])
    summits = (heights[1:-1] > heights[:-2]) & (heights[1:-1] > heights[2:])
    assert summits.sum() == 2
    tau2 = regress(y, v, np.ones((6, 1)), method="ML").tau2
    assert tau2 == pytest.approx(grid[np.argmax(heights)], rel=0.05)
    assert height(tau2) >= heights.max()


def test_effects_on_the_line_leave_no_heterogeneity():
    fit = regress(1 + 2 * DOSE, V, X, test="knha")
    assert fit.coefficients == pytest.approx([1, 2])
    assert (fit.tau2, fit.i2) == (0, 0)
    assert fit.se == pytest.approx([0, 0], abs=1e-9)
    assert regress(1 + 2 * DOSE, V, X).se == pytest.approx(regress(Y, V, X, method="EE", test="z").se)


def test_a_covariate_that_explains_everything_has_r2_100():
    assert regress(DOSE, np.full(8, 1e-4), X).r2 == pytest.approx(100)
    assert np.isnan(regress(np.full(8, 0.3), V, X).r2)  # no heterogeneity to account for


def test_prediction():
    fit = regress(Y, V, X, test="knha")
    rows = sm.add_constant(np.array([8.0, 9.0, 12.0]))
    predicted = fit.predict(rows)
    se = np.sqrt(np.diag(rows @ fit.covariance @ rows.T))
    assert predicted.estimate == pytest.approx(rows @ fit.coefficients)
    assert predicted.high - predicted.estimate == pytest.approx(stats.t.ppf(0.975, 6) * se)
    spread = np.sqrt(fit.tau2 + se**2)
    assert predicted.prediction_high - predicted.estimate == pytest.approx(stats.t.ppf(0.975, 5) * spread)
    normal = fit.predict(rows, prediction_df=np.inf)
    assert normal.estimate - normal.prediction_low == pytest.approx(stats.norm.ppf(0.975) * spread)
    with pytest.raises(ValueError, match="2 coefficients"):
        fit.predict(np.array([8.0, 9.0]))


def test_a_likelihood_has_its_criteria_and_small_samples_no_aicc():
    criteria = regress(Y, V, X, method="ML").information_criteria()
    fit = regress(Y, V, X, method="ML")
    residual = Y - X @ fit.coefficients
    height = stats.norm.logpdf(residual, scale=np.sqrt(V + fit.tau2)).sum()
    assert criteria.log_likelihood == pytest.approx(height, rel=1e-12)
    assert criteria.aic == pytest.approx(-2 * height + 6)
    assert criteria.bic == pytest.approx(-2 * height + 3 * np.log(8))
    assert criteria.aicc == pytest.approx(-2 * height + 6 * 8 / 4)
    assert regress(Y[:3], V[:3], X[:3], method="ML").information_criteria().aicc == np.inf


@pytest.mark.parametrize(
    ("x", "why"),
    [
        (np.column_stack([X, 3 * DOSE - 1]), "collinear"),
        (np.column_stack([X, DOSE + 1e-13]), "collinear"),
        (np.column_stack([np.ones(8), np.full(8, 2.0)]), "collinear"),
        (np.column_stack([X, np.zeros(8)]), "collinear"),
        (np.vander(np.arange(8.0), 8), "at least 9 effects"),
        (np.where(DOSE > 10, np.nan, DOSE)[:, None], "isn't finite"),
        (X[:5], "don't match"),
        (DOSE, "don't match"),
        (np.empty((8, 0)), "don't match"),
    ],
)
def test_a_design_that_says_nothing_is_refused(x, why):
    with pytest.raises(ValueError, match=why):
        regress(Y, V, x)
