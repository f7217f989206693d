"""Contrasts of several studies as estimates over placebo at each dose, for generalised MCP-Mod."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize_scalar

from evdose.modelling.estimators.dose_contrasts import DoseContrasts
from evdose.modelling.estimators.dose_estimates import DoseEstimates

_GRID = np.r_[0.0, np.geomspace(1e-6, 1e3, 60)]


def placebo_adjusted(contrasts: DoseContrasts) -> tuple[DoseEstimates, float]:
    """Estimates at doses that are shares of the largest one, and the variance τ² between studies.

    Their covariance is that of the contrasts plus τ² for arms of one study, times Knapp and Hartung's (2003)
    factor where that is above 1, with as many degrees of freedom as studies less one. Both τ² (REML) and the
    factor are taken about one common effect, the hypothesis to be rejected among it: a true dose–response
    inflates them, so that the test errs on the side of not rejecting.

    Raises:
        ValueError: fewer than two studies.
    """
    if contrasts.studies < 2:
        raise ValueError("heterogeneity between studies needs two of them")
    matrix, spread, _ = contrasts.rotation
    y, one = matrix @ contrasts.y, matrix @ np.ones(len(contrasts.y))
    tau2 = _reml(y, one, spread)
    weight = 1 / (1 + tau2 * spread)
    factor = _lack_of_fit(y, one, weight) / (len(y) - 1)
    covariance = max(1.0, factor) * (contrasts.covariance + tau2 * contrasts.same_study)
    dose = 10 ** (contrasts.x - contrasts.x.max())
    df = float(contrasts.studies - 1)
    return DoseEstimates(dose, contrasts.y, covariance, df, against_placebo=True), tau2


def _lack_of_fit(y: np.ndarray, one: np.ndarray, weight: np.ndarray) -> float:
    mean = np.sum(weight * one * y) / np.sum(weight * one**2)
    return float(np.sum(weight * (y - mean * one) ** 2))


def _reml(y: np.ndarray, one: np.ndarray, spread: np.ndarray) -> float:
    """τ² of the highest restricted likelihood about a common effect: best of a grid, then refined."""

    def loss(tau2: float) -> float:
        weight = 1 / (1 + tau2 * spread)
        return _lack_of_fit(y, one, weight) + np.log(np.sum(weight * one**2)) - np.log(weight).sum()

    grid = _GRID / np.mean(spread)
    best = int(np.argmin([loss(tau2) for tau2 in grid]))
    if best == 0:
        return 0.0
    bounds = (grid[best - 1], grid[min(best + 1, len(grid) - 1)])
    options = {"xatol": 1e-12 * bounds[1]}
    return float(minimize_scalar(loss, bounds=bounds, method="bounded", options=options).x)
