"""Permutation tests of two groups of trials: every split where that is feasible, random splits otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import comb

import numpy as np
from scipy import stats

_ROUNDING = 1e-9


@dataclass(frozen=True)
class NullDistribution:
    """A statistic over the splits of the trials; ``exact``: over every split."""

    values: np.ndarray
    exact: bool

    def p_lower(self, value: float) -> float:
        """Share of splits at or below ``value``; (b + 1)/(m + 1) over m random ones.

        Phipson & Smyth, Stat Appl Genet Mol Biol 2010;9:39.
        """
        added = 0 if self.exact else 1
        at_or_below = np.count_nonzero(self.values <= value + _ROUNDING)
        return float((at_or_below + added) / (len(self.values) + added))

    def p_two_sided(self, value: float) -> float:
        """Twice the smaller of the two one-sided p-values, at most 1."""
        upper = NullDistribution(-self.values, self.exact).p_lower(-value)
        return min(1.0, 2 * min(self.p_lower(value), upper))


def null_distribution(
    first: np.ndarray,
    second: np.ndarray,
    statistic: Callable[..., np.ndarray],
    permutations: int,
    rng: np.random.Generator,
) -> NullDistribution:
    """The distribution of ``statistic(first, axis=-1)`` when the labels of the trials mean nothing.

    ``first`` and ``second`` hold a column a trial, in any order: one number, or several that stay together
    and that ``statistic`` turns into one. Exact where there are at most ``permutations`` splits.
    """
    result = stats.permutation_test(
        (_in_order(first), _in_order(second)),
        lambda a, b, axis: statistic(a, axis=axis),
        permutation_type="independent",
        vectorized=True,
        n_resamples=permutations,
        axis=-1,
        rng=rng,
    )
    sizes = first.shape[-1], second.shape[-1]
    return NullDistribution(result.null_distribution, comb(sum(sizes), sizes[0]) <= permutations)


def _in_order(trials: np.ndarray) -> np.ndarray:
    """The trials by their numbers, so that random splits don't depend on how the trials came."""
    return trials[..., np.lexsort(np.atleast_2d(trials)[::-1])]
