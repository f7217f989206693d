"""Logistic regression of arm counts: known answers, separation, what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit

from evdose.modelling.estimators.arm_counts import arm_slope, firth_logistic

EVENTS, N = np.array([1, 3, 5, 2, 4]), np.array([10, 10, 10, 8, 9])
X, STUDY = np.array([9.0, 10.0, 11.0, 9.0, 10.0]), np.array([0, 0, 0, 1, 1])


def test_two_arms_give_the_log_odds_ratio_per_unit_of_dose():
    found = arm_slope([3, 8], [12, 13], [8.0, 10.0], [0, 0])
    assert found.slope == pytest.approx(np.log(8 * 9 / (5 * 3)) / 2)
    assert (found.separated, found.studies) == (False, 1)


def test_the_likelihood_ratio_is_that_of_all_participants():
    found = arm_slope(EVENTS, N, X, STUDY)

    def lowest(slope=None):
        def deviance(beta):
            b = beta[2] if slope is None else slope
            eta = beta[STUDY] + b * (X - 10)
            return -2 * (EVENTS @ np.log(expit(eta)) + (N - EVENTS) @ np.log(expit(-eta)))

        return minimize(deviance, np.zeros(3), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12})

    best = lowest()
    assert found.slope == pytest.approx(best.x[2], abs=1e-6)
    for end in (found.low, found.high):
        assert lowest(end).fun - best.fun == pytest.approx(3.841458820694124, abs=1e-5)
    assert found.p_value == pytest.approx(0.0304034, abs=1e-5)
    assert found.low > 0  # as p < 0.05


def test_studies_without_a_word_on_the_slope_change_nothing():
    silent = [
        (0, 9, 9.0, 2),
        (0, 8, 11.0, 2),
        (7, 7, 9.0, 3),
        (6, 6, 10.0, 3),
        (2, 9, 9.5, 4),
        (3, 9, 9.5, 4),
    ]
    events, n, x, study = np.column_stack([[EVENTS, N, X, STUDY], np.transpose(silent)])
    all_of_them, alone = arm_slope(events, n, x, study), arm_slope(EVENTS, N, X, STUDY)
    assert all_of_them.studies == alone.studies == 2
    same = ("slope", "low", "high", "p_value")
    assert [getattr(all_of_them, s) for s in same] == pytest.approx(
        [getattr(alone, s) for s in same], rel=1e-6
    )


@pytest.mark.parametrize("events", [(0, 10, 10), (0, 3, 10), (0, 0, 1)])
def test_where_doses_separate_the_outcomes_firths_estimate_stands_in(events):
    found = arm_slope(events, [10, 10, 10], [9.0, 10.0, 11.0], [0, 0, 0])
    assert found.separated
    assert np.isfinite([found.slope, found.low, found.high]).all()
    assert found.low < found.slope < found.high
    assert found.slope > 0
    assert (found.low > 0) == (found.p_value < 0.05)


def test_one_event_of_three_single_participants_shows_nothing():
    found = arm_slope([0, 1], [1, 1], [9.0, 10.0], [0, 0])
    assert found.separated
    assert found.p_value > 0.2


def test_the_better_and_the_worse_outcome_mirror_one_another():
    for events in (EVENTS, np.array([0, 4, 10, 1, 9])):
        up, down = arm_slope(events, N, X, STUDY), arm_slope(N - events, N, X, STUDY)
        assert (-down.slope, -down.high, -down.low) == pytest.approx((up.slope, up.low, up.high), rel=1e-5)


def test_participants_counted_alike_are_participants():
    x, y = np.array([[1.0], [2.0], [2.0], [3.0], [3.0], [3.0]]), np.array([0, 0, 1, 1, 1, 1])
    counted = firth_logistic(
        np.array([[1.0], [2.0], [2.0], [3.0]]), np.array([0, 0, 1, 1]), np.array([1, 1, 1, 3])
    )
    for one, other in zip(firth_logistic(x, y), counted, strict=True):
        assert one == pytest.approx(other, rel=1e-6)


@pytest.mark.parametrize(
    ("events", "n", "x", "study", "why"),
    [
        ([1, 2], [5, 5], [9.0, 9.0], [0, 0], "several doses"),
        ([0, 0], [5, 5], [9.0, 10.0], [0, 0], "both events"),
        ([1, 2], [5, 5], [9.0, 10.0], [0, 1], "several doses"),
        ([], [], [], [], "several doses"),
        ([6, 2], [5, 5], [9.0, 10.0], [0, 0], "between 0 and"),
        ([-1, 2], [5, 5], [9.0, 10.0], [0, 0], "between 0 and"),
        ([0, 2], [0, 5], [9.0, 10.0], [0, 0], "between 0 and"),
        ([1, 2], [5, 5], [np.nan, 10.0], [0, 0], "finite"),
        ([1, 2, 3], [5, 5], [9.0, 10.0], [0, 0], "an arm has"),
    ],
)
def test_what_tells_nothing_is_refused(events, n, x, study, why):
    with pytest.raises(ValueError, match=why):
        arm_slope(events, n, x, study)


@pytest.mark.parametrize(
    ("x", "y"), [([[1.0], [2.0]], [1, 1]), ([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0], [4.0, 8.0]], [0, 1, 0, 1])]
)
def test_firth_refuses_what_has_no_estimate(x, y):
    with pytest.raises(ValueError):
        firth_logistic(np.array(x), np.array(y))
