"""Slopes within studies: the control cancels, routes stay apart."""

from __future__ import annotations

import numpy as np
import pytest

from evdose.modelling.estimators.dose_contrasts import DoseContrasts
from evdose.modelling.estimators.within_study_slopes import within_study_slopes

V = np.array([0.1, 0.2, 0.3])
X, Y = np.array([8.0, 9.0, 10.5]), np.array([0.2, 0.5, 0.4])


def test_a_slope_between_two_doses_is_their_difference():
    found = within_study_slopes(DoseContrasts(X[:2], Y[:2], np.diag(V[:2]), [4, 4]))
    assert found.slope == pytest.approx([0.3])
    assert found.variance == pytest.approx([0.3])
    assert found.study.tolist() == [4]


@pytest.mark.parametrize("control", [0.0, 0.05, 7.0])
def test_the_control_cancels(control):
    found = within_study_slopes(DoseContrasts(X, Y + 3 * control, np.diag(V) + control, [0, 0, 0]))
    weight = 1 / V
    centred = X - np.average(X, weights=weight)
    assert found.slope == pytest.approx([weight * centred @ Y / (weight @ centred**2)])
    assert found.variance == pytest.approx([1 / (weight @ centred**2)])


def test_studies_with_one_dose_have_no_slope():
    one_dose = DoseContrasts([8.0, 8.0 + 1e-8, 9.0], Y, np.diag(V), [0, 0, 1])
    assert len(within_study_slopes(one_dose).slope) == 0
    assert len(within_study_slopes(DoseContrasts([], [], np.zeros((0, 0)), [])).slope) == 0


def test_doses_by_different_routes_are_not_compared():
    contrasts = DoseContrasts(X, Y, np.diag(V), [0, 0, 0])
    assert len(within_study_slopes(contrasts, np.array(["a", "b", "c"])).slope) == 0
    two_by_a = within_study_slopes(contrasts, np.array(["a", "a", "b"]))
    assert two_by_a.slope == pytest.approx([0.3])
    assert two_by_a.variance == pytest.approx([0.3])
