"""Leaving out one study at a time."""

from __future__ import annotations

import numpy as np
import pytest

from evdose.modelling.estimators.influence import leave_one_out
from evdose.modelling.estimators.pooling import pool

Y = np.array([0.1, 0.2, 0.15, 0.25, 2.0])
V = np.array([0.02, 0.03, 0.02, 0.04, 0.03])


def test_the_outlier_stands_out():
    found, whole = leave_one_out(Y, V), pool(Y, V)
    assert np.argmax(np.abs(found.deleted_residual)) == 4
    assert np.argmax(found.cook_distance) == 4
    without = pool(Y[:4], V[:4])
    assert (found.estimate[4], found.tau2[4], found.i2[4]) == (without.estimate, without.tau2, without.i2)
    assert found.tau2[4] < 0.01 < whole.tau2
    assert (found.low[4], found.high[4], found.p_value[4]) == (without.low, without.high, without.p_value)


def test_without_heterogeneity_the_weights_are_the_inverse_variances():
    found = leave_one_out(Y, V, method="EE", test="z")
    assert found.weight == pytest.approx((1 / V) / np.sum(1 / V))
    assert found.deleted_residual[0] == pytest.approx(
        (Y[0] - found.estimate[0]) / np.hypot(V[0] ** 0.5, found.se[0])
    )


def test_two_studies_are_refused():
    with pytest.raises(ValueError, match="at least 3 studies; there are 2"):
        leave_one_out(Y[:2], V[:2])
