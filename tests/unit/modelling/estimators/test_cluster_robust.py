"""CR2 errors: unbiased under the working model, with the degrees of freedom of the moments that they have."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from evdose.modelling.estimators.cluster_robust import cluster_robust

RANDOM = np.random.default_rng(11)
CLUSTER = np.repeat(np.arange(6), [1, 2, 3, 4, 2, 3])
SAME = np.equal.outer(CLUSTER, CLUSTER)
PHI = np.diag(RANDOM.uniform(0.1, 0.6, 15)) + 0.2 * SAME
X = np.column_stack([np.ones(15), RANDOM.normal(0, 1, 15)])
Y = RANDOM.normal(0, 1, 15)


def test_one_effect_a_cluster_with_equal_weights_is_the_t_test():
    known = stats.ttest_1samp(Y, 0.0)
    for correction in ("CR1", "CR2"):
        ours = cluster_robust(Y, 0.3 * np.eye(15), range(15), correction=correction)
        assert ours.se[0] == pytest.approx(Y.std(ddof=1) / np.sqrt(15))
        assert ours.df[0] == pytest.approx(14)
        assert ours.p_values[0] == pytest.approx(known.pvalue)
        interval = known.confidence_interval()
        assert (ours.low[0], ours.high[0]) == pytest.approx((interval.low, interval.high))


def quadratic_form(coefficient):
    """The matrix Q with variance = y'Qy, found from variances alone."""

    def variance(y):
        return cluster_robust(y, PHI, CLUSTER, X).covariance[coefficient, coefficient]

    unit = np.eye(15)
    single = np.array([variance(unit[i]) for i in range(15)])
    return np.array(
        [[(variance(unit[i] + unit[j]) - single[i] - single[j]) / 2 for j in range(15)] for i in range(15)]
    )


@pytest.mark.parametrize("coefficient", [0, 1])
def test_under_the_working_model_it_is_unbiased_with_satterthwaites_degrees_of_freedom(coefficient):
    of_phi = quadratic_form(coefficient) @ PHI
    model_based = np.linalg.inv(X.T @ np.linalg.inv(PHI) @ X)[coefficient, coefficient]
    assert np.trace(of_phi) == pytest.approx(model_based)
    expected = np.trace(of_phi) ** 2 / np.trace(of_phi @ of_phi)
    assert cluster_robust(Y, PHI, CLUSTER, X).df[coefficient] == pytest.approx(expected)


def test_order_and_names_of_clusters_do_not_matter():
    order = RANDOM.permutation(15)
    names = np.array(list("fabced"))[CLUSTER][order]
    one = cluster_robust(Y, PHI, CLUSTER, X)
    other = cluster_robust(Y[order], PHI[np.ix_(order, order)], names, X[order])
    assert other.covariance == pytest.approx(one.covariance)
    assert other.df == pytest.approx(one.df)


def test_a_cluster_that_alone_carries_a_coefficient_leaves_the_others_estimable():
    x = np.column_stack([np.ones(15), CLUSTER == 3])
    ours = cluster_robust(Y, np.eye(15), CLUSTER, x)
    without = cluster_robust(Y[CLUSTER != 3], np.eye(11), CLUSTER[CLUSTER != 3])
    assert ours.se[0] == pytest.approx(without.se[0])
    assert ours.df[0] == pytest.approx(without.df[0])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"y": np.full(15, np.inf)}, "finite"),
        ({"working_covariance": np.eye(4)}, "don't match"),
        ({"working_covariance": PHI + 0.01}, "ties clusters together"),
        ({"working_covariance": PHI - 0.7 * np.eye(15)}, "positive definite"),
        ({"cluster": CLUSTER * 0}, "1 clusters"),
        ({"moderators": np.ones((15, 2))}, "linearly dependent"),
        ({"correction": "CR3"}, "CR1 or CR2"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_has_no_robust_errors_is_refused(changed, message):
    given = {"y": Y, "working_covariance": PHI, "cluster": CLUSTER, "moderators": X} | changed
    with pytest.raises(ValueError, match=message):
        cluster_robust(**given)
