"""Dose contrasts: what they refuse, and the axes on which their covariance is diagonal."""

from __future__ import annotations

import numpy as np
import pytest

from evdose.modelling.estimators.dose_contrasts import DoseContrasts

COVARIANCE = np.array([[0.2, 0.1, 0.0], [0.1, 0.3, 0.0], [0.0, 0.0, 0.4]])


def contrasts(**given):
    return DoseContrasts(
        **{"x": [9.0, 10.0, 10.0], "y": [0.1, 0.2, 0.3], "covariance": COVARIANCE, "study": [7, 7, 3]} | given
    )


def linked():
    matrix = COVARIANCE.copy()
    matrix[0, 2] = matrix[2, 0] = 0.01
    return matrix


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"y": [0.1, 0.2]}, "don't match"),
        ({"x": [[9.0], [10.0], [10.0]]}, "don't match"),
        ({"covariance": np.eye(2)}, "don't match"),
        ({"y": [0.1, np.nan, 0.3]}, "finite"),
        ({"x": [9.0, -np.inf, 10.0]}, "finite"),
        ({"covariance": COVARIANCE + np.triu(np.ones((3, 3)), 1)}, "symmetric"),
        ({"covariance": linked()}, "different studies"),
        ({"covariance": np.diag([0.2, 0.0, 0.4])}, "positive definite"),
        ({"covariance": np.diag([0.2, -0.1, 0.4])}, "positive definite"),
        ({"study": [0.5, 0.5, 1.0]}, "integer"),
    ],
)
def test_what_is_no_set_of_contrasts_is_refused(given, why):
    with pytest.raises(ValueError, match=why):
        contrasts(**given)


def test_it_counts_studies_and_doses():
    given = contrasts(x=[9.0, 10.0, 10.0 + 4e-7])
    assert given.studies == 2
    assert given.levels == pytest.approx([9.0, 10.0])
    assert [arms.tolist() for arms in given.of_study()] == [[2], [0, 1]]


def test_no_contrasts_are_contrasts():
    none = DoseContrasts([], [], np.zeros((0, 0)), [])
    assert (none.studies, len(none.levels), none.of_study()) == (0, 0, [])


@pytest.mark.parametrize("tau2", [0.0, 0.07, 3.0])
def test_on_its_axes_the_covariance_is_diagonal_at_every_tau2(tau2):
    given = contrasts()
    matrix, spread, log_determinant = given.rotation
    total = COVARIANCE + tau2 * given.same_study
    assert matrix @ total @ matrix.T == pytest.approx(np.diag(1 + tau2 * spread), abs=1e-12)
    expected = np.linalg.slogdet(total)[1]
    assert log_determinant + np.log(1 + tau2 * spread).sum() == pytest.approx(expected)


def test_other_effects_of_the_same_arms_keep_all_but_the_effects():
    given = contrasts()
    other = given.with_effects([1.0, 2.0, 3.0])
    assert other.y.tolist() == [1, 2, 3]
    assert given.y.tolist() == [0.1, 0.2, 0.3]
    assert other.rotation is given.rotation
    assert other.studies == 2
    with pytest.raises(ValueError, match="3 finite effects"):
        given.with_effects([1.0, np.nan, 3.0])


def test_it_keeps_its_own_copy_of_the_numbers():
    y = np.array([0.1, 0.2, 0.3])
    given = contrasts(y=y)
    y[0] = 99
    assert given.y[0] == 0.1
