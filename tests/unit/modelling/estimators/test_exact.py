"""Exact inference against enumeration and against SciPy."""

from __future__ import annotations

from itertools import product
from math import comb

import numpy as np
import pytest
from scipy import stats

from evdose.modelling.estimators.exact import clopper_pearson, exact_trend_is_feasible, sign_test, trend_test


@pytest.mark.parametrize(("events", "n"), [(0, 7), (1, 10), (5, 11), (7, 7)])
def test_clopper_pearson_equals_scipy(events, n):
    theirs = stats.binomtest(events, n).proportion_ci(0.95, method="exact")
    assert clopper_pearson(events, n, 0.95) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_no_events_in_seven_leave_two_in_five_possible():
    low, high = clopper_pearson(0, 7, 0.95)
    assert low == 0
    assert high == pytest.approx(1 - 0.025 ** (1 / 7))


@pytest.mark.parametrize(("events", "n"), [(0, 0), (3, 2), (-1, 4)])
def test_impossible_counts_are_refused(events, n):
    with pytest.raises(ValueError, match="participants"):
        clopper_pearson(events, n, 0.95)


@pytest.mark.parametrize(("benefit", "harm"), [(0, 0), (3, 1), (5, 0), (4, 4), (2, 9)])
def test_sign_test_equals_scipy(benefit, harm):
    test = sign_test(benefit, harm)
    expected = stats.binomtest(benefit, benefit + harm).pvalue if benefit + harm else 1.0
    assert test.p_value == pytest.approx(expected)
    assert test.smallest_p <= test.p_value
    assert test.smallest_p == min(1, 2 / 2 ** (benefit + harm))


def enumerated(events, n, scores):
    """Both p-values of the trend test by listing every table with these totals."""
    scores = np.asarray(scores, float)
    tables = [table for table in product(*(range(size + 1) for size in n)) if sum(table) == sum(events)]
    weight = np.array([np.prod([comb(size, x) for size, x in zip(n, t, strict=True)]) for t in tables], float)
    mean = sum(events) * np.average(scores, weights=n)
    distance = np.abs(np.array(tables) @ scores - mean)
    seen = abs(np.array(events) @ scores - mean)
    p = [weight[distance >= at_least - 1e-9].sum() / weight.sum() for at_least in (seen, distance.max())]
    return tuple(p)


@pytest.mark.parametrize(
    ("events", "n", "scores"),
    [
        ((1, 0, 0, 0, 1), (3, 3, 6, 6, 6), np.log10([2e8, 4e8, 8e8, 12e8, 16e8])),
        ((0, 2, 5), (6, 7, 8), (8, 9, 10)),
        ((3, 1), (4, 9), (1.0, 2.5)),
        ((0, 1, 4), (5, 5, 5), (8.0, 8.0, 9.3)),
        ((2, 2, 2), (3, 4, 5), (1, 10, 100)),
    ],
)
def test_trend_equals_enumeration(events, n, scores):
    assert tuple(trend_test(events, n, scores)) == pytest.approx(enumerated(events, n, scores), rel=1e-9)


def test_two_arms_of_one_size_are_fishers_test():
    test = trend_test((1, 6), (9, 9), (0, 1))
    assert test.p_value == pytest.approx(stats.fisher_exact([[1, 8], [6, 3]]).pvalue)


def test_a_trend_is_found_and_its_direction_does_not_matter():
    events, n, scores = (0, 2, 5, 9), (10, 10, 10, 10), (8, 9, 10, 11)
    assert trend_test(events, n, scores).p_value < 1e-4
    assert trend_test(events[::-1], n, scores) == pytest.approx(trend_test(events, n, scores))


@pytest.mark.parametrize("events", [(0, 0, 0), (3, 4, 5)])
def test_no_events_or_nothing_else_can_show_no_trend(events):
    assert trend_test(events, (3, 4, 5), (1, 2, 3)) == (1.0, 1.0)


def test_trend_refuses_what_it_cannot_count():
    with pytest.raises(ValueError, match="each arm"):
        trend_test((1, 5), (2, 4), (1, 2))
    with pytest.raises(ValueError, match="each arm"):
        trend_test((1, 2), (2, 4), (1, 2, 3))
    assert not exact_trend_is_feasible([200] * 5, 400)
    with pytest.raises(ValueError, match="too many"):
        trend_test([80] * 5, [200] * 5, [1, 2.1, 3.3, 4.6, 6])


def test_a_large_trial_is_quick_where_events_are_few():
    assert 0 < trend_test((0, 2, 6), (400, 400, 400), (8, 9.3, 10.7)).p_value < 0.05
