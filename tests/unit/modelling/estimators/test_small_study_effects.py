"""Egger's and Begg's tests: known regressions, refusal of few studies."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm

from evdose.modelling.estimators.small_study_effects import begg_test, egger_test

SE = np.linspace(0.1, 0.9, 12)
WIGGLE = 0.05 * np.array([1, -1, 2, -2, 1, 0, -1, 1, -2, 2, -1, 0])


def test_egger_is_the_intercept_of_the_standard_normal_deviate_on_precision():
    """The form in which Egger et al. 1997 give it."""
    y = 0.2 + 0.8 * SE + WIGGLE
    theirs = sm.OLS(y / SE, sm.add_constant(1 / SE)).fit()
    found = egger_test(y, SE**2)
    assert (found.slope, found.slope_se) == pytest.approx((theirs.params[0], theirs.bse[0]), rel=1e-9)
    assert (found.statistic, found.p_value) == pytest.approx((theirs.tvalues[0], theirs.pvalues[0]), rel=1e-9)
    assert found.limit == pytest.approx(theirs.params[1], rel=1e-9)
    assert found.p_value < 0.001


def test_a_symmetric_funnel_shows_nothing():
    y = 0.3 + SE * np.tile([1, -1], 6)
    assert egger_test(y, SE**2).p_value > 0.3
    assert begg_test(y, SE**2).p_value > 0.3
    assert begg_test(y, SE**2).tau == pytest.approx(-begg_test(-y, SE**2).tau)


def test_effects_that_rise_with_their_error_have_rank_correlation_one():
    found = begg_test(SE**3, SE**2)
    assert found.tau == pytest.approx(1)
    assert found.p_value < 1e-6


@pytest.mark.parametrize("test", [egger_test, begg_test])
def test_fewer_than_ten_studies_are_refused(test):
    with pytest.raises(ValueError, match="at least 10 studies; there are 9"):
        test(SE[:9], SE[:9] ** 2)
    assert test(SE[:9] + WIGGLE[:9], SE[:9] ** 2, min_studies=9).p_value <= 1


def test_equal_errors_are_refused():
    with pytest.raises(ValueError, match="standard errors that differ"):
        egger_test(SE, np.full(12, 0.1))
