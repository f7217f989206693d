"""What must hold of the range test whatever the doses, effects and covariances are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evdose.modelling.estimators.dose_contrasts import DoseContrasts
from evdose.modelling.estimators.range_test import NULLS, range_design

FAMILIES = ("none", "peak", *NULLS)


@st.composite
def arms(draw):
    """Two arms a study: doses in tenths of log10, effects, variances and a share of control."""
    studies = draw(st.integers(6, 9))
    n = 2 * studies
    tenths = draw(st.lists(st.integers(0, 40), min_size=n, max_size=n).filter(lambda x: len(set(x)) >= 4))
    y = draw(st.lists(st.floats(-3, 3), min_size=n, max_size=n))
    v = np.array(draw(st.lists(st.floats(0.01, 2), min_size=n, max_size=n)))
    study = np.arange(n) // 2
    covariance = draw(st.floats(0, 0.9)) * np.minimum.outer(v, v) * np.equal.outer(study, study)
    np.fill_diagonal(covariance, v)
    return DoseContrasts(8 + np.array(tenths) / 10, y, covariance, study)


def heights(contrasts, y):
    return range_design(contrasts).grid.log_likelihoods(np.atleast_2d(y), FAMILIES)[:, 0]


@settings(max_examples=40, deadline=None)
@given(arms(), st.randoms(use_true_random=False))
def test_the_order_of_arms_does_not_matter(contrasts, random):
    order = list(range(len(contrasts.x)))
    random.shuffle(order)
    shuffled = DoseContrasts(
        contrasts.x[order],
        contrasts.y[order],
        contrasts.covariance[np.ix_(order, order)],
        contrasts.study[order] + 5,
    )
    expected = heights(contrasts, contrasts.y)
    assert heights(shuffled, shuffled.y) == pytest.approx(expected, rel=1e-7, abs=1e-7)


@settings(max_examples=40, deadline=None)
@given(arms(), st.floats(-5, 5), st.floats(0.1, 10))
def test_the_zero_of_the_doses_and_the_unit_of_effects_do_not_matter(contrasts, shift, unit):
    other = DoseContrasts(contrasts.x + shift, contrasts.y, unit**2 * contrasts.covariance, contrasts.study)
    expected = heights(contrasts, contrasts.y) - len(contrasts.x) * np.log(unit)
    assert heights(other, unit * contrasts.y) == pytest.approx(expected, rel=1e-6, abs=1e-6)


@settings(max_examples=40, deadline=None)
@given(arms())
def test_a_family_is_never_worse_than_what_it_contains(contrasts):
    none, peak, flat, linear, sigmoid = heights(contrasts, contrasts.y)
    rounding = 1e-8
    assert peak >= none - rounding
    assert flat >= none - rounding
    assert min(linear, sigmoid) >= flat - rounding


@settings(max_examples=40, deadline=None)
@given(arms())
def test_where_no_dose_has_benefit_there_is_no_peak(contrasts):
    none, peak, *_ = heights(contrasts, np.zeros(len(contrasts.x)) - 0.0)
    assert peak == pytest.approx(none)
