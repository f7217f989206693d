from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from evdose.modelling.estimators.permutation import null_distribution
from evdose.randomness import generator


def rng():
    return generator(1, "test")


@pytest.mark.parametrize(("permutations", "exact"), [(20, True), (19, False)])
def test_every_split_is_seen_where_there_are_no_more_than_permutations(permutations, exact):
    null = null_distribution(np.arange(3.0), np.arange(3.0) + 5, np.sum, permutations, rng())
    assert null.exact is exact
    assert len(null.values) == permutations


def test_exact_p_is_the_share_of_splits_enumerated_by_hand():
    first, second = np.array([1.0, 2.0]), np.array([3.0, 4.0, 5.0])
    null = null_distribution(first, second, np.sum, 99, rng())
    sums = [sum(pair) for pair in combinations([1, 2, 3, 4, 5], 2)]
    assert null.p_lower(5) == pytest.approx(sum(value <= 5 for value in sums) / 10)
    assert null.p_two_sided(3) == pytest.approx(2 / 10)
    assert null.p_two_sided(6) == 1


def test_a_random_p_counts_the_observed_split_and_is_never_zero():
    first, second = np.arange(12.0), np.arange(12.0) + 100
    null = null_distribution(first, second, np.sum, 199, rng())
    assert null.p_lower(first.sum()) == pytest.approx(1 / 200)


@given(
    st.lists(st.integers(0, 6), min_size=2, max_size=5), st.lists(st.integers(0, 6), min_size=2, max_size=5)
)
def test_p_values_are_those_of_scipy(first, second):
    first, second = np.array(first, float), np.array(second, float)
    null = null_distribution(first, second, np.sum, 9999, rng())
    peer = stats.permutation_test(
        (first, second), lambda a, b, axis: a.sum(axis=axis), vectorized=True, n_resamples=9999
    )
    assert null.p_two_sided(first.sum()) == pytest.approx(peer.pvalue)
