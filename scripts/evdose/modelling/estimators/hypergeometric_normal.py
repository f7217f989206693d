"""Pooling of odds ratios from rare events: the counts themselves, given each study's total of events.

Given its margins, a 2 × 2 table is one number: the events of the treated arm, noncentral hypergeometric with
the study's log odds ratio θ as parameter (Fisher 1935). With θ ~ N(mean, τ²) between studies this is the
hypergeometric-normal model (van Houwelingen, Zwinderman and Stijnen 1993; Stijnen, Hamza and Özdemir 2010);
with τ = 0 it is exact conditional inference on a common odds ratio. Nothing is added to any cell. A study in
which nobody, or everybody, had the event has only one possible table and so no information.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import gammaln, logsumexp, stdtr, stdtrit

from evdose.modelling.estimators.random_intercept import Counts, evaluate, fit

_FAR = 60.0  # a log odds ratio beyond which the likelihood of any table is at its end


@dataclass(frozen=True)
class CommonOddsRatio:
    """A common log odds ratio of ``informative`` studies; infinite where the counts have no finite maximum.

    The interval inverts the exact test tail by tail ("conventional": at least the confidence asked for, as
    Clopper and Pearson's, no mid-p); ``p_value`` is twice the smaller tail.
    """

    informative: int
    estimate: float
    low: float
    high: float
    p_value: float


@dataclass(frozen=True)
class PooledOddsRatio:
    """The mean log odds ratio over studies and τ²; ``df``: informative studies - 1.

    Where τ² is 0 interval and p-value are never more certain than those of the exact common odds ratio. The
    prediction interval (df - 1 degrees of freedom) is no number below three informative studies.
    """

    informative: int
    estimate: float
    se: float
    low: float
    high: float
    p_value: float
    prediction_low: float
    prediction_high: float
    tau2: float
    df: int
    log_likelihood: float


@dataclass(frozen=True)
class Tables:
    """Possible counts of treated events of the informative studies, all in a row, and their log weights."""

    count: np.ndarray  # as seen, by study
    first: np.ndarray  # where each study's possible counts begin
    possible: np.ndarray
    log_weight: np.ndarray  # at odds ratio 1, summing up to one in each study
    study: np.ndarray


def tables(
    events_treated: ArrayLike, n_treated: ArrayLike, events_control: ArrayLike, n_control: ArrayLike
) -> Tables:
    """2 × 2 tables from one count a study; those with one possible table are left out.

    Raises:
        ValueError: lengths differ, counts aren't whole numbers, or not 0 <= events <= n.
    """
    cells = np.array(np.broadcast_arrays(events_treated, n_treated, events_control, n_control), float)
    if cells.ndim != 2 or not np.isfinite(cells).all() or (cells != np.round(cells)).any():
        raise ValueError("counts must be whole numbers, one of each kind a study")
    a, n1, c, n0 = cells
    if (a < 0).any() or (a > n1).any() or (c < 0).any() or (c > n0).any():
        raise ValueError("events must lie between 0 and the participants of the arm")
    low, high = np.maximum(0, a + c - n0), np.minimum(n1, a + c)
    informative = high > low
    a, n1, c, n0, low, high = (values[informative] for values in (a, n1, c, n0, low, high))
    sizes = (high - low + 1).astype(int)
    study = np.repeat(np.arange(len(a)), sizes)
    first = np.cumsum(sizes) - sizes
    possible = np.arange(len(study)) - first[study] + low[study]
    ways = _log_ways(n1[study], possible) + _log_ways(n0[study], (a + c)[study] - possible)
    total = _log_ways(n1 + n0, a + c)  # Vandermonde: the sum of the ways of a study
    return Tables(a, first, possible, ways - total[study], study)


def common_odds_ratio(seen: Tables, confidence: float = 0.95) -> CommonOddsRatio:
    """Conditional maximum likelihood and exact interval (Gart 1970; Mehta, Patel and Gray 1985).

    Raises:
        ValueError: no study is informative.
    """
    if not len(seen.count):
        raise ValueError("no study has both a participant with the event and one without it")
    total, possible = seen.count.sum(), _possible_sums(seen)
    cumulant = _hypergeometric(seen).cumulant
    estimate = np.inf if total == possible[-1] else -np.inf if total == possible[0] else None
    if estimate is None:
        estimate = _root(lambda theta: cumulant(np.full(len(seen.count), theta))[1].sum() - total)
    tilt = estimate if np.isfinite(estimate) else 0.0
    log_probability = _log_distribution(seen, tilt)

    def tails(theta: float) -> tuple[float, float]:
        """Log probabilities of a sum at most, and at least, as large as the one seen."""
        at = log_probability + (theta - tilt) * (possible - total)
        return tuple(logsumexp(at[side]) - logsumexp(at) for side in (possible <= total, possible >= total))

    log_tail = np.log((1 - confidence) / 2)
    return CommonOddsRatio(
        informative=len(seen.count),
        estimate=float(estimate),
        low=-np.inf if total == possible[0] else _root(lambda theta: tails(theta)[1] - log_tail),
        high=np.inf if total == possible[-1] else _root(lambda theta: log_tail - tails(theta)[0]),
        p_value=min(1.0, 2 * float(np.exp(min(tails(0.0))))),
    )


def pool_odds_ratios(seen: Tables, confidence: float = 0.95) -> PooledOddsRatio:
    """Mean log odds ratio and τ² by maximum likelihood (adaptive quadrature); t intervals.

    ``se`` is that of maximum likelihood; intervals and p-value have that of ``random_intercept``.

    Raises:
        ValueError: fewer than two informative studies, or the likelihood has no highest point (no event on
            one side in any study, or all or nothing in each).
    """
    if len(seen.count) < 2:
        raise ValueError("pooling needs at least two informative studies")
    common = common_odds_ratio(seen, confidence)
    if not np.isfinite(common.estimate):
        raise ValueError("one cell is empty in every study: the odds ratio has no finite estimate")
    found = fit(_hypergeometric(seen), common.estimate)
    df, tail = len(seen.count) - 1, (1 - confidence) / 2
    se = found.interval_se(df + 1)
    half = -stdtrit(df, tail) * se
    low, high = found.mean - half, found.mean + half
    p_value = float(2 * stdtr(df, -abs(found.mean) / se))
    if found.tau == 0:
        low, high = min(low, common.low), max(high, common.high)
        p_value = max(p_value, common.p_value)
    spread = -stdtrit(df - 1, tail) * np.hypot(found.tau, se) if df > 1 else np.nan
    return PooledOddsRatio(
        informative=len(seen.count),
        estimate=found.mean,
        se=found.se,
        low=float(low),
        high=float(high),
        p_value=p_value,
        prediction_low=float(found.mean - spread),
        prediction_high=float(found.mean + spread),
        tau2=found.tau**2,
        df=df,
        log_likelihood=found.log_likelihood,
    )


def log_likelihood(mean: float, tau: float, seen: Tables) -> float:
    """Log likelihood of mean log odds ratio and between-study SD ``tau``, given the margins."""
    return evaluate(_hypergeometric(seen), mean, tau)[0]


def _hypergeometric(seen: Tables) -> Counts:
    def cumulant(theta: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        tail = (slice(None), *[None] * (theta.ndim - 1))
        terms = seen.log_weight[tail] + seen.possible[tail] * theta[seen.study]
        highest = np.maximum.reduceat(terms, seen.first)
        mass = np.exp(terms - highest[seen.study])
        total = np.add.reduceat(mass, seen.first)
        mean = np.add.reduceat(mass * seen.possible[tail], seen.first) / total
        square = np.add.reduceat(mass * (seen.possible[tail] - mean[seen.study]) ** 2, seen.first)
        return highest + np.log(total), mean, square / total

    here = seen.possible == seen.count[seen.study]
    return Counts(seen.count, cumulant, float(seen.log_weight[here].sum()))


def _possible_sums(seen: Tables) -> np.ndarray:
    last = np.r_[seen.first[1:], len(seen.possible)] - 1
    return np.arange(seen.possible[seen.first].sum(), seen.possible[last].sum() + 1)


def _log_distribution(seen: Tables, theta: float) -> np.ndarray:
    """Log probabilities of the possible sums over all studies at a common log odds ratio."""
    distribution = np.ones(1)
    for log_weight, possible in zip(
        np.split(seen.log_weight, seen.first[1:]), np.split(seen.possible, seen.first[1:]), strict=True
    ):
        terms = log_weight + possible * theta
        distribution = np.convolve(distribution, np.exp(terms - logsumexp(terms)))
    with np.errstate(divide="ignore"):
        return np.log(distribution)


def _root(rising: Callable[[float], float]) -> float:
    return float(brentq(rising, -_FAR, _FAR, xtol=1e-12, rtol=1e-14))


def _log_ways(n: np.ndarray, k: np.ndarray) -> np.ndarray:
    return gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)
