"""Small-study effects: do less precise studies find other effects? No proof of publication bias."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.stats import kendalltau

from evdose.modelling.estimators.heterogeneity import checked
from evdose.modelling.estimators.meta_regression import regress


class EggerTest(NamedTuple):
    """``slope``: change of the effect per unit of standard error. ``limit``: effect at standard error 0."""

    studies: int
    slope: float
    slope_se: float
    statistic: float
    p_value: float
    limit: float
    limit_low: float
    limit_high: float


class RankTest(NamedTuple):
    """Kendall's rank correlation with its two-sided p-value."""

    tau: float
    p_value: float


def egger_test(
    y: np.ndarray,
    v: np.ndarray,
    *,
    method: str = "EE",
    test: str = "knha",
    min_studies: int = 10,
    confidence: float = 0.95,
) -> EggerTest:
    """Regression of the effects ``y`` (k,) on their standard errors √``v`` (k,).

    As it stands Egger's test (1997): weights 1/v, dispersion estimated, t with k - 2 degrees of freedom.
    With ``method`` REML and ``test`` z, the meta-regression form with heterogeneity (Sterne and Egger 2005).
    Under ``min_studies`` the test has too little power to tell chance from bias (Sterne et al. 2011).

    Raises:
        ValueError: fewer than ``min_studies``; standard errors all alike; what :func:`regress` refuses.
    """
    _require(len(y), min_studies, "Egger's test")
    se = np.sqrt(checked(y, v, np.ones((len(y), 1))).v)
    if np.ptp(se) <= 1e-9 * se.max():
        raise ValueError("Egger's test needs standard errors that differ")
    fit = regress(
        y, v, np.column_stack([np.ones(len(se)), se]), method=method, test=test, confidence=confidence
    )
    return EggerTest(
        studies=len(y),
        slope=float(fit.coefficients[1]),
        slope_se=float(fit.se[1]),
        statistic=float(fit.statistic[1]),
        p_value=float(fit.p_value[1]),
        limit=float(fit.coefficients[0]),
        limit_low=float(fit.low[0]),
        limit_high=float(fit.high[0]),
    )


def begg_test(y: np.ndarray, v: np.ndarray, *, min_studies: int = 10) -> RankTest:
    """Rank correlation of standardised effects with their variances (Begg and Mazumdar 1994).

    Effects ``y`` (k,) less their common mean, over the standard error of that difference. Exact p-value
    without ties and up to 33 studies, normal otherwise; less powerful than Egger's test.

    Raises:
        ValueError: fewer than ``min_studies``; what :func:`checked` refuses.
    """
    _require(len(y), min_studies, "Begg's test")
    effects = checked(y, v, np.ones((len(y), 1)))
    mean, total = np.average(effects.y, weights=1 / effects.v), np.sum(1 / effects.v)
    found = kendalltau((effects.y - mean) / np.sqrt(effects.v - 1 / total), effects.v)
    return RankTest(float(found.statistic), float(found.pvalue))


def _require(studies: int, least: int, name: str) -> None:
    if studies < least:
        raise ValueError(f"{name} needs at least {least} studies; there are {studies}")
