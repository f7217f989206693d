"""The largest of correlated normal or t statistics, against closed forms and published values."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from evdose.modelling.estimators import multivariate_t
from evdose.modelling.estimators.multivariate_t import LargestOf

TIGHT = {"rel": 1e-9, "abs": 1e-10}


def correlation(rows):
    rows = np.asarray(rows, float)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows @ rows.T


@pytest.mark.parametrize("df", [1, 2.5, 30, np.inf])
@pytest.mark.parametrize("bound", [-3.0, -0.2, 0.0, 1e-6, 1.0, 6.0])
def test_one_statistic_has_its_t_tail(df, bound):
    tail = stats.norm.sf(bound) if np.isinf(df) else stats.t.sf(bound, df)
    assert LargestOf(np.eye(1), df).exceeds(bound) == pytest.approx(tail, rel=1e-8)


@pytest.mark.parametrize("k", [2, 3, 5])
@pytest.mark.parametrize("bound", [-0.7, 0.0, 0.4, 2.0])
def test_independent_normals_multiply(k, bound):
    assert LargestOf(np.eye(k)).all_below(bound) == pytest.approx(stats.norm.cdf(bound) ** k, **TIGHT)


@pytest.mark.parametrize("rho", [-0.99, -0.3, 0.4, 0.999999])
def test_both_of_two_normals_below_zero_have_the_arcsine_probability(rho):
    expected = 0.25 + np.arcsin(rho) / (2 * np.pi)
    assert LargestOf([[1, rho], [rho, 1]]).all_below(0.0) == pytest.approx(expected, abs=1e-9)


def test_three_normals_below_zero_have_the_sum_of_arcsines():
    r = correlation([[1, 0.2, 0], [0.3, 1, -0.4], [0.1, 0.5, 1]])
    expected = 1 / 8 + np.arcsin(r[np.triu_indices(3, 1)]).sum() / (4 * np.pi)
    assert LargestOf(r).all_below(0.0) == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize("df", [3, np.inf])
@pytest.mark.parametrize("bound", [-0.5, 1.5])
def test_copies_of_one_statistic_count_once(df, bound):
    alone = LargestOf(np.eye(2), df).exceeds(bound)
    copies = LargestOf(correlation([[1, 0], [0, 1], [1, 0], [0, 1], [1, 0]]), df).exceeds(bound)
    assert copies == pytest.approx(alone, **TIGHT)


def test_opposite_statistics_are_a_two_sided_test():
    both = LargestOf([[1, -1], [-1, 1]], 7)
    assert both.exceeds(2.0) == pytest.approx(2 * stats.t.sf(2.0, 7), rel=1e-9)
    assert both.all_below(-0.1) == pytest.approx(0.0, abs=1e-10)


def test_studentised_range_of_all_ordered_pairs():
    """All twelve differences of four means, of rank three: faces meet at many corners."""
    pairs = np.array([np.eye(4)[i] - np.eye(4)[j] for i in range(4) for j in range(4) if i != j])
    tail = LargestOf(correlation(pairs), 12).exceeds(2.5)
    assert tail == pytest.approx(stats.studentized_range.sf(2.5 * np.sqrt(2), 4, 12), rel=1e-7)


def test_a_dunnett_table():
    """Dunnett 1955, one-sided 5 %: k = 3 treatments, 20 degrees of freedom: 2.19; k = 9: 2.60."""
    for k, published in ((3, 2.19), (9, 2.60)):
        equal = np.full((k, k), 0.5) + 0.5 * np.eye(k)
        assert round(LargestOf(equal, 20).critical_value(0.05), 2) == published


def test_a_singular_set_against_sampling():
    rng = np.random.default_rng(4)
    rows = rng.normal(size=(7, 3))
    r = correlation(rows)
    z = rng.standard_normal((400_000, 3)) @ (rows / np.linalg.norm(rows, axis=1, keepdims=True)).T
    scale = np.sqrt(rng.chisquare(5, len(z)) / 5)
    for bound in (0.8, 2.2):
        share = np.mean(z.max(axis=1) / scale > bound)
        assert LargestOf(r, 5).exceeds(bound) == pytest.approx(share, abs=4 * np.sqrt(share / len(z)))


def test_more_nodes_change_nothing(monkeypatch):
    r = correlation(np.random.default_rng(8).normal(size=(6, 4)))
    before = [LargestOf(r, 9).exceeds(bound) for bound in (-0.5, 0.3, 3.0, 8.0)]
    monkeypatch.setattr(multivariate_t, "_SCORES", np.linspace(-9, 9, 301))
    after = [LargestOf(r, 9).exceeds(bound) for bound in (-0.5, 0.3, 3.0, 8.0)]
    assert before == pytest.approx(after, rel=1e-8)


def test_nearly_the_same_statistics_are_no_trouble():
    rows = np.array([1.0, 0.0]) + np.outer([0, 1e-3, 1e-5, 1e-7, 1e-9], [0.0, 1.0])
    assert LargestOf(correlation(rows), 3).exceeds(3.0) == pytest.approx(stats.t.sf(3.0, 3), rel=3e-3)


def test_the_tail_keeps_its_digits():
    assert LargestOf(np.eye(2)).exceeds(7.0) == pytest.approx(2 * stats.norm.sf(7.0), rel=1e-7)


@pytest.mark.parametrize("alpha", [0.001, 0.025, 0.3])
def test_the_critical_value_is_exceeded_with_chance_alpha(alpha):
    largest = LargestOf([[1, 0.6, -0.2], [0.6, 1, 0.1], [-0.2, 0.1, 1]], 4)
    assert largest.exceeds(largest.critical_value(alpha)) == pytest.approx(alpha, rel=1e-9)


@pytest.mark.parametrize(
    ("matrix", "df"),
    [
        ([[1, 0.2], [0.3, 1]], 5),
        ([[2, 0], [0, 1]], 5),
        ([[1, 0.9, 0], [0.9, 1, 0.9], [0, 0.9, 1]], 5),
        ([[1, np.nan], [np.nan, 1]], 5),
        ([[1, 0, 0]], 5),
        (np.eye(13), 5),
        (np.eye(2), 0),
        (np.eye(2), np.nan),
    ],
)
def test_what_is_no_correlation_is_refused(matrix, df):
    with pytest.raises(ValueError):
        LargestOf(matrix, df)
