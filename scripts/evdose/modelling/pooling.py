"""Random-effects pooling: heterogeneity variance, pooled effect with its interval, prediction interval.

Every function takes one effect a study (``y``) and its variance (``v``), as arrays of the same length.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtrc, chdtri, ndtr, ndtri, stdtr, stdtrit

_GRID = np.r_[0.0, np.geomspace(1e-8, 1e3, 400)]


@dataclass(frozen=True)
class Pooled:
    """A pooled effect; intervals are two-sided at the confidence asked for, ``i2`` in percent.

    The prediction interval is not a number below three studies.
    """

    studies: int
    estimate: float
    se: float
    low: float
    high: float
    p_value: float
    prediction_low: float
    prediction_high: float
    tau2: float
    i2: float
    q: float
    q_p_value: float


def pool(
    y: np.ndarray, v: np.ndarray, *, method: str = "REML", test: str = "guarded", confidence: float = 0.95
) -> Pooled:
    """Pool effects of independent studies.

    ``method``: EE (one common effect), DL, PM, ML or REML. ``test``: ``z`` (normal), ``knha`` (Knapp and
    Hartung 2003, t with k - 1 degrees of freedom) or ``guarded``, the same with its factor never below 1, so
    that effects which happen to agree don't give an interval narrower than their own variances allow (Röver
    et al. 2015). I² is τ² over τ² plus the typical variance of Higgins and Thompson 2002; prediction interval
    by Higgins, Thompson and Spiegelhalter 2009, t with k - 2 degrees of freedom.

    Raises:
        ValueError: fewer than two studies, or a variance that isn't positive.
    """
    y, v = np.asarray(y, float), np.asarray(v, float)
    k = len(y)
    if k < 2 or len(v) != k or not (np.isfinite(y).all() and np.isfinite(v).all() and (v > 0).all()):
        raise ValueError("pooling needs at least two effects, each with a positive variance")
    tau2 = HETEROGENEITY[method](y, v)
    weight = 1 / (v + tau2)
    mean = np.average(y, weights=weight)
    factor = 1.0 if test == "z" else np.sum(weight * (y - mean) ** 2) / (k - 1)
    se = np.sqrt((max(1.0, factor) if test == "guarded" else factor) / weight.sum())
    tail = (1 - confidence) / 2
    quantile = -ndtri(tail) if test == "z" else -stdtrit(k - 1, tail)
    statistic = -abs(mean) / se
    spread = -stdtrit(k - 2, tail) * np.sqrt(tau2 + se**2) if k > 2 else np.nan
    q = cochran_q(y, v, 0.0)
    return Pooled(
        studies=k,
        estimate=float(mean),
        se=float(se),
        low=float(mean - quantile * se),
        high=float(mean + quantile * se),
        p_value=float(2 * (ndtr(statistic) if test == "z" else stdtr(k - 1, statistic))),
        prediction_low=float(mean - spread),
        prediction_high=float(mean + spread),
        tau2=tau2,
        i2=_i2(max(0.0, _moments(y, v)) if method == "EE" else tau2, v),
        q=q,
        q_p_value=float(chdtrc(k - 1, q)),
    )


def cochran_q(y: np.ndarray, v: np.ndarray, tau2: float) -> float:
    """Weighted sum of squares about the pooled effect; Cochran's Q at ``tau2`` = 0."""
    weight = 1 / (v + tau2)
    return float(np.sum(weight * (y - np.average(y, weights=weight)) ** 2))


def q_profile(y: np.ndarray, v: np.ndarray, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of τ²: the values at which Q lies between its chi-squared quantiles (Viechtbauer 2007)."""
    tail, df = (1 - confidence) / 2, len(y) - 1
    return _tau2_at_q(y, v, chdtri(df, tail)), _tau2_at_q(y, v, chdtri(df, 1 - tail))


def _i2(tau2: float, v: np.ndarray) -> float:
    weight = 1 / v
    typical = (len(v) - 1) * weight.sum() / (weight.sum() ** 2 - np.sum(weight**2))
    return float(100 * tau2 / (tau2 + typical))


def _moments(y: np.ndarray, v: np.ndarray) -> float:
    weight = 1 / v
    c = weight.sum() - np.sum(weight**2) / weight.sum()
    return float((cochran_q(y, v, 0.0) - (len(y) - 1)) / c)


def _dersimonian_laird(y: np.ndarray, v: np.ndarray) -> float:
    """Method of moments, not below 0 (DerSimonian and Laird 1986)."""
    return max(0.0, _moments(y, v))


def _paule_mandel(y: np.ndarray, v: np.ndarray) -> float:
    """τ² at which Q equals its degrees of freedom (Paule and Mandel 1982)."""
    return _tau2_at_q(y, v, len(y) - 1)


def _tau2_at_q(y: np.ndarray, v: np.ndarray, target: float) -> float:
    """τ² at which Q, which falls as τ² rises, equals ``target``; 0 where it starts below."""
    if cochran_q(y, v, 0.0) <= target:
        return 0.0
    upper = np.sum((y - y.mean()) ** 2) / target  # Q(τ²) < sum of squares / τ²
    return float(brentq(lambda tau2: cochran_q(y, v, tau2) - target, 0.0, upper, xtol=1e-14, rtol=1e-14))


def _likelihood(restricted: bool) -> Callable[[np.ndarray, np.ndarray], float]:
    def estimate(y: np.ndarray, v: np.ndarray) -> float:
        """τ² at the highest profiled (restricted) likelihood: best of a grid, then the root of the score."""
        tau2 = _GRID * (y.var() + v.mean())
        height = [_log_likelihood(y, v, t, restricted) for t in tau2]
        best = int(np.argmax(height))
        low, high = tau2[max(best - 1, 0)], tau2[min(best + 1, len(tau2) - 1)]
        if _score(y, v, low, restricted) <= 0:
            return float(low)
        return float(brentq(lambda t: _score(y, v, t, restricted), low, high, xtol=1e-14, rtol=1e-14))

    return estimate


def _log_likelihood(y: np.ndarray, v: np.ndarray, tau2: float, restricted: bool) -> float:
    weight = 1 / (v + tau2)
    penalty = np.log(weight.sum()) if restricted else 0.0
    return float(np.log(weight).sum() - penalty - cochran_q(y, v, tau2)) / 2


def _score(y: np.ndarray, v: np.ndarray, tau2: float, restricted: bool) -> float:
    """Derivative of :func:`_log_likelihood` by τ²."""
    weight = 1 / (v + tau2)
    residual = y - np.average(y, weights=weight)
    penalty = np.sum(weight**2) / weight.sum() if restricted else 0.0
    return float(np.sum((weight * residual) ** 2) - weight.sum() + penalty) / 2


HETEROGENEITY = {
    "EE": lambda y, v: 0.0,
    "DL": _dersimonian_laird,
    "PM": _paule_mandel,
    "ML": _likelihood(restricted=False),
    "REML": _likelihood(restricted=True),
}
