"""Rank-based inference on location: median, Hodges–Lehmann shift and rank-sum test.

Standard errors, for methods that need one, are the width of a distribution-free interval over twice the
normal quantile of the confidence that the interval attains.
"""

from __future__ import annotations

from functools import cache
from math import comb
from typing import NamedTuple

import numpy as np
from scipy import stats
from scipy.special import bdtr, ndtri

from evdose.modelling.estimators.permutation import null_distribution

_TIE_DECIMALS = 9  # equal doses that were computed in different ways are ties


class WithError(NamedTuple):
    """An estimate and its standard error; NaN where the size allows no interval to derive it from."""

    estimate: float
    se: float


def median(values: np.ndarray) -> WithError:
    """Median of n >= 2 values; standard error by Price and Bonett, J Stat Comput Simul 2001;68:295.

    The interval runs between the order statistics c and n + 1 - c, c = (n + 1)/2 - √n rounded, at least 1.

    Raises:
        ValueError: fewer than two values.
    """
    values = np.sort(np.asarray(values, float))
    n = len(values)
    if n < 2:
        raise ValueError("the standard error of a median needs two values")
    rank = max(1, round((n + 1) / 2 - n**0.5))
    quantile = -ndtri(bdtr(rank - 1, n, 0.5))
    return WithError(float(np.median(values)), float((values[n - rank] - values[rank - 1]) / (2 * quantile)))


def hodges_lehmann(a: np.ndarray, b: np.ndarray, confidence: float) -> tuple[float, float, float]:
    """Median of all differences a − b and its interval; NaN bounds where the sizes allow no such interval.

    The interval inverts the rank-sum test through the order statistics of the differences; closed, it covers
    at least ``confidence`` also under ties. Hollander, Wolfe & Chicken, Nonparametric Statistical Methods,
    3rd ed. 2014, §4.2–4.3.
    """
    shift, low, high, _ = _hodges_lehmann(a, b, confidence)
    return shift, low, high


def hodges_lehmann_with_error(a: np.ndarray, b: np.ndarray, confidence: float) -> WithError:
    """The shift of :func:`hodges_lehmann` and a standard error from its interval (Lehmann 1963)."""
    shift, low, high, tail = _hodges_lehmann(a, b, confidence)
    return WithError(shift, float((high - low) / (-2 * ndtri(tail))))


def rank_sum_test(
    a: np.ndarray, b: np.ndarray, permutations: int, rng: np.random.Generator
) -> tuple[float, float, bool]:
    """Two-sided permutation p-value of the rank sum, the smallest that these values allow, and exactness.

    ``a`` and ``b`` hold a number a trial, or (draws, trials) where doses are uncertain: each trial then
    stands with its rank averaged over the draws. The draws don't know of the labels, so the level holds.
    """
    drawn = np.concatenate([np.atleast_2d(a), np.atleast_2d(b)], axis=-1).round(_TIE_DECIMALS)
    ranks, of_a = stats.rankdata(drawn, axis=-1).mean(axis=0), np.shape(a)[-1]
    null = null_distribution(ranks[:of_a], ranks[of_a:], np.sum, permutations, rng)
    ordered = np.sort(ranks)
    extremes = ordered[:of_a].sum(), ordered[len(ranks) - of_a :].sum()
    smallest = min(null.p_two_sided(extreme) for extreme in extremes)
    return null.p_two_sided(ranks[:of_a].sum()), smallest, null.exact


def _hodges_lehmann(a: np.ndarray, b: np.ndarray, confidence: float) -> tuple[float, float, float, float]:
    """Shift, interval, and the probability below and above it."""
    differences = np.sort(np.subtract.outer(a, b).ravel())
    below = np.cumsum(_rank_sum_counts(len(a), len(b))) / comb(len(a) + len(b), len(a))
    cut = int(np.count_nonzero(below <= (1 - confidence) / 2))
    shift = float(np.median(differences))
    if not cut:
        return shift, np.nan, np.nan, np.nan
    return shift, float(differences[cut - 1]), float(differences[-cut]), float(below[cut - 1])


@cache
def _rank_sum_counts(m: int, n: int) -> np.ndarray:
    """Number of splits for each value 0 … mn of the Mann–Whitney U (Gaussian binomial coefficients)."""
    counts = [1] + [0] * (m * n)
    for i in range(1, m + 1):
        for u in range(m * n, n + i - 1, -1):
            counts[u] -= counts[u - n - i]
        for u in range(i, m * n + 1):
            counts[u] += counts[u - i]
    return np.array(counts, dtype=float)
