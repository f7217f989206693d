"""Exact inference for small counts: binomial interval, sign test, trend over doses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy.special import bdtr, betaincinv, gammaln

_MOST_TABLES = 2_000_000
# Sums of scores that differ by less are the same sum: floating point must not split a tie.
_TIE = 1e-9


class ExactTest(NamedTuple):
    """Two-sided p-value, and the smallest that data of this size could have given."""

    p_value: float
    smallest_p: float


def clopper_pearson(events: int, n: int, confidence: float) -> tuple[float, float]:
    """Exact interval of a proportion (Clopper and Pearson 1934): never covers less than ``confidence``.

    Raises:
        ValueError: not 0 <= events <= n with n > 0.
    """
    if not 0 <= events <= n or n == 0:
        raise ValueError(f"{events} events in {n} participants")
    tail = (1 - confidence) / 2
    low = 0.0 if events == 0 else float(betaincinv(events, n - events + 1, tail))
    high = 1.0 if events == n else float(betaincinv(events + 1, n - events, 1 - tail))
    return low, high


def sign_test(benefit: int, harm: int) -> ExactTest:
    """Exact binomial test that benefit and harm are equally likely; ties are left out beforehand."""
    n = benefit + harm
    return ExactTest(min(1.0, 2 * float(bdtr(min(benefit, harm), n, 0.5))), min(1.0, 2 * 0.5**n))


def trend_test(events: Sequence[int], n: Sequence[int], scores: Sequence[float]) -> ExactTest:
    """Exact Cochran–Armitage test of a trend in proportions over arms with the given dose scores.

    Statistic: the sum of the scores of the participants with an event, over all ways to deal the events out
    among the participants (all totals fixed: multivariate hypergeometric; Agresti 2013, *Categorical Data
    Analysis*, ch. 3), built up arm by arm. Two-sided: all sums at least as far from their mean as the one
    seen. Both p-values are 1 where only one sum is possible (no events, or nothing else).

    Raises:
        ValueError: arms, counts and scores don't match, or :func:`exact_trend_is_feasible` doesn't hold.
    """
    events, n, scores = np.asarray(events, int), np.asarray(n, int), np.asarray(scores, float)
    if not len(events) == len(n) == len(scores) or (events < 0).any() or (events > n).any():
        raise ValueError("a trend needs events, participants and a score for each arm, events within n")
    if not exact_trend_is_feasible(n, int(events.sum())):
        raise ValueError("too many tables to count")
    centred = scores - np.average(scores, weights=n)
    sums, log_weight = _sums_of_scores(int(events.sum()), n, centred)
    probability = np.exp(log_weight - np.logaddexp.reduce(log_weight))
    # Scores centred on their participant-weighted mean make the mean of the sum zero.
    distance = np.abs(sums)
    tail = [float(probability[distance >= d - _TIE].sum()) for d in (abs(events @ centred), distance.max())]
    return ExactTest(*(min(1.0, p) for p in tail))


def exact_trend_is_feasible(n: Sequence[int], events: int) -> bool:
    """Whether the tables behind the exact trend test are few enough to count."""
    ways = np.sort(np.minimum(n, events) + 1.0)
    return bool(ways[:-1].prod() <= _MOST_TABLES)


def _sums_of_scores(total: int, n: np.ndarray, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Possible sums of the scores of ``total`` events, and the log weight of each (not normalised)."""
    placed, sums, weight = np.zeros(1, int), np.zeros(1), np.zeros(1)
    room = n[::-1].cumsum()[::-1] - n  # participants in the arms still to come
    for size, score, later in zip(n, scores, room, strict=True):
        here = np.arange(min(size, total) + 1)
        ways = gammaln(size + 1) - gammaln(here + 1) - gammaln(size - here + 1)
        placed = (placed[:, None] + here).ravel()
        sums = (sums[:, None] + score * here).ravel()
        weight = (weight[:, None] + ways).ravel()
        possible = (placed <= total) & (placed + later >= total)
        placed, sums, weight = _merged(placed[possible], sums[possible], weight[possible])
    return sums, weight


def _merged(placed: np.ndarray, sums: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, ...]:
    """States with the same number of events and the same sum become one."""
    order = np.lexsort((sums, placed))
    placed, sums, weight = placed[order], sums[order], weight[order]
    first = np.flatnonzero(np.r_[True, (np.diff(placed) != 0) | (np.diff(sums) > _TIE)])
    return placed[first], sums[first], np.logaddexp.reduceat(weight, first)
