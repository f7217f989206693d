"""Pooling of proportions: a binomial model with a normal random intercept on the logit scale.

The counts enter as they are: no study needs a continuity correction (Stijnen, Hamza and Özdemir 2010).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, gammaln, logsumexp, stdtrit

_NODE, _WEIGHT = np.polynomial.hermite.hermgauss(31)
_NEWTON_STEPS = 100
_LARGEST_TAU = 6.0  # a study at +1 SD has then 400 times the odds of a typical one


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


def pool_proportions(events: np.ndarray, n: np.ndarray, confidence: float = 0.95) -> PooledProportion:
    """Maximum likelihood by adaptive Gauss–Hermite quadrature; t intervals with k - 1 (prediction: k - 2) df.

    ``events`` and ``n``: one count a study.

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
    mean, tau = _fit(events, n)
    if tau > 0.99 * _LARGEST_TAU:
        raise ValueError("all or none in each study: the model has no finite estimate")
    se = _standard_error(mean, tau, events, n)
    tail = (1 - confidence) / 2
    half = -stdtrit(k - 1, tail) * se
    spread = -stdtrit(k - 2, tail) * np.hypot(tau, se) if k > 2 else np.nan
    bounds = expit([mean, mean - half, mean + half, mean - spread, mean + spread])
    return PooledProportion(*map(float, bounds), tau2=float(tau**2))


def log_likelihood(mean: float, tau: float, events: np.ndarray, n: np.ndarray) -> float:
    """Log likelihood of mean logit and between-study SD ``tau``."""
    return _evaluate(mean, tau, np.asarray(events, float), np.asarray(n, float))[0]


def _fit(events: np.ndarray, n: np.ndarray) -> tuple[float, float]:
    common = np.log(events.sum() / (n.sum() - events.sum()))

    def loss(parameters: np.ndarray) -> tuple[float, np.ndarray]:
        height, slope = _evaluate(parameters[0], parameters[1], events, n)
        return -height, -slope

    # Without heterogeneity the slope by tau is zero for want of a sign: start off the boundary, then compare.
    fits = [
        minimize(
            loss,
            [common, tau],
            jac=True,
            method="L-BFGS-B",
            bounds=[(None, None), (0, _LARGEST_TAU)],
            options={"ftol": 1e-15, "gtol": 1e-9},
        )
        for tau in (0.3, 1.5)
    ]
    best = min(fits, key=lambda fit: fit.fun)
    if -best.fun <= _evaluate(common, 0.0, events, n)[0] + 1e-10:
        return common, 0.0
    return float(best.x[0]), float(best.x[1])


def _evaluate(mean: float, tau: float, events: np.ndarray, n: np.ndarray) -> tuple[float, np.ndarray]:
    """Log likelihood and its slope by mean and tau: expectations over each study's random intercept z."""
    mode = np.zeros_like(events)
    for _ in range(_NEWTON_STEPS):
        p = expit(mean + tau * mode)
        step = (tau * (events - n * p) - mode) / (1 + tau**2 * n * p * (1 - p))
        # At most one unit of the logit at a time: a full step can overshoot for good where tau is large.
        mode = mode + np.clip(step, -1 / max(tau, 1), 1 / max(tau, 1))
        if np.abs(step).max() < 1e-12:
            break
    p = expit(mean + tau * mode)
    width = np.sqrt(2 / (1 + tau**2 * n * p * (1 - p)))
    z = mode[:, None] + width[:, None] * _NODE
    logit = mean + tau * z
    log_binomial = events[:, None] * logit - n[:, None] * np.logaddexp(0, logit)
    log_terms = log_binomial - z**2 / 2 + _NODE**2 + np.log(_WEIGHT)
    log_study = logsumexp(log_terms, axis=1) + np.log(width / np.sqrt(2 * np.pi))
    posterior = np.exp(log_terms - logsumexp(log_terms, axis=1, keepdims=True))
    residual = events[:, None] - n[:, None] * expit(logit)
    constant = gammaln(n + 1) - gammaln(events + 1) - gammaln(n - events + 1)
    slope = np.array([np.sum(posterior * residual), np.sum(posterior * residual * z)])
    return float(np.sum(log_study + constant)), slope


def _standard_error(mean: float, tau: float, events: np.ndarray, n: np.ndarray) -> float:
    """Of the mean logit, from the observed information; at τ = 0 that of the common proportion."""
    if tau == 0:
        p = expit(mean)
        return float(1 / np.sqrt(n.sum() * p * (1 - p)))
    point, steps = np.array([mean, tau]), (1e-5, min(1e-5, tau / 2))
    information = np.array(
        [_slope_difference(point, np.eye(2)[i] * step, events, n) / step for i, step in enumerate(steps)]
    )
    return float(np.sqrt(np.linalg.inv((information + information.T) / 2)[0, 0]))


def _slope_difference(point: np.ndarray, step: np.ndarray, events: np.ndarray, n: np.ndarray) -> np.ndarray:
    before, after = (_evaluate(*place, events, n)[1] for place in (point - step, point + step))
    return (before - after) / 2
