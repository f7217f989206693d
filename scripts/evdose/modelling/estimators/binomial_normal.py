"""Pooling of proportions: a binomial model with a normal random intercept on the logit scale.

The counts enter as they are: no study needs a continuity correction (Stijnen, Hamza and Özdemir 2010).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, gammaln, stdtrit

from evdose.modelling.estimators.random_intercept import Counts, evaluate, fit


@dataclass(frozen=True)
class PooledProportion:
    """A pooled proportion with its interval; τ² on the logit scale.

    ``estimate`` is the proportion of a typical study (expit of the mean logit). The prediction interval is
    no number below three studies.
    """

    estimate: float
    low: float
    high: float
    prediction_low: float
    prediction_high: float
    tau2: float
    df: int


def pool_proportions(events: np.ndarray, n: np.ndarray, confidence: float = 0.95) -> PooledProportion:
    """Maximum likelihood by adaptive Gauss–Hermite quadrature; t intervals with k - 1 (prediction: k - 2) df.

    ``events`` and ``n``: one count a study. Standard error of the intervals: ``random_intercept``.

    Raises:
        ValueError: fewer than two studies; no participant, or every one, has the event (the mean logit is
            then infinite); or in each study nearly all or nearly none (τ is).
    """
    events, n = np.asarray(events, float), np.asarray(n, float)
    k = len(events)
    if k < 2:
        raise ValueError("pooling needs at least two studies")
    if events.sum() in (0, n.sum()):
        having = "none" if events.sum() == 0 else "all"
        raise ValueError(f"{having} of {n.sum():.0f} participants: the model has no finite estimate")
    found = fit(_binomial(events, n), float(np.log(events.sum() / (n.sum() - events.sum()))))
    tail = (1 - confidence) / 2
    mean, se = found.mean, found.interval_se(k)
    half = -stdtrit(k - 1, tail) * se
    spread = -stdtrit(k - 2, tail) * np.hypot(found.tau, se) if k > 2 else np.nan
    bounds = expit([mean, mean - half, mean + half, mean - spread, mean + spread])
    return PooledProportion(*map(float, bounds), tau2=found.tau**2, df=k - 1)


def log_likelihood(mean: float, tau: float, events: np.ndarray, n: np.ndarray) -> float:
    """Log likelihood of mean logit and between-study SD ``tau``."""
    return evaluate(_binomial(np.asarray(events, float), np.asarray(n, float)), mean, tau)[0]


def _binomial(events: np.ndarray, n: np.ndarray) -> Counts:
    def cumulant(logit: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        size = n.reshape(-1, *[1] * (logit.ndim - 1))
        p = expit(logit)
        return size * np.logaddexp(0, logit), size * p, size * p * (1 - p)

    return Counts(
        events, cumulant, float(np.sum(gammaln(n + 1) - gammaln(events + 1) - gammaln(n - events + 1)))
    )
