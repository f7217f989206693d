"""Slope of the effect over dose within each study, from the contrasts between its own active doses."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from evdose.modelling.estimators.dose_contrasts import DOSE_DECIMALS, DoseContrasts


class WithinStudySlopes(NamedTuple):
    """Slopes (K,) per unit of x, their variances (K,) and the codes (K,) of their studies."""

    slope: np.ndarray
    variance: np.ndarray
    study: np.ndarray


def within_study_slopes(contrasts: DoseContrasts, route: np.ndarray | None = None) -> WithinStudySlopes:
    """Slopes of the studies with two or more doses by one route, by generalised least squares.

    The arms of a study are regressed on dose with a level of its own for each ``route`` (N,), so that only
    arms by the same route are compared. What all these arms share, the control and the study's deviation,
    is in the level: it cancels, and the slope is that of the contrasts between active doses.
    """
    route = np.zeros(len(contrasts.x), int) if route is None else np.asarray(route)
    found = [
        (*_slope(contrasts, arms, route[arms]), contrasts.study[arms[0]])
        for arms in contrasts.of_study()
        if _compares_doses(contrasts.x[arms], route[arms])
    ]
    slope, variance, study = np.array(found).reshape(-1, 3).T
    return WithinStudySlopes(slope, variance, study.astype(int))


def _compares_doses(x: np.ndarray, route: np.ndarray) -> bool:
    levels = {(r, dose) for r, dose in zip(route, x.round(DOSE_DECIMALS), strict=True)}
    return len(levels) > len(set(route))


def _slope(contrasts: DoseContrasts, arms: np.ndarray, route: np.ndarray) -> tuple[float, float]:
    x = contrasts.x[arms]
    level = np.equal.outer(route, np.unique(route)).astype(float)
    design = np.column_stack([x - x.mean(), level])
    weighted = np.linalg.solve(contrasts.covariance[np.ix_(arms, arms)], design)
    covariance = np.linalg.inv(design.T @ weighted)
    return float((covariance @ (weighted.T @ contrasts.y[arms]))[0]), float(covariance[0, 0])
