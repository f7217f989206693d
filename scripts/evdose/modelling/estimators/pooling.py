"""Random-effects pooling: the meta-regression whose only column is the intercept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evdose.modelling.estimators import heterogeneity
from evdose.modelling.estimators.meta_regression import regress


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
    """Pool effects of independent studies: one effect a study (``y``) and its variance (``v``), both (k,).

    ``method`` and ``test`` as for :func:`regress`. I² is τ² over τ² plus the typical variance of Higgins and
    Thompson 2002; prediction interval by Higgins, Thompson and Spiegelhalter 2009, t with k - 2 degrees of
    freedom.

    Raises:
        ValueError: fewer than two studies, or a variance that isn't positive.
    """
    fit = regress(y, v, np.ones((len(y), 1)), method=method, test=test, confidence=confidence)
    mean = fit.predict(np.ones((1, 1)))
    return Pooled(
        studies=len(y),
        estimate=float(fit.coefficients[0]),
        se=float(fit.se[0]),
        low=float(fit.low[0]),
        high=float(fit.high[0]),
        p_value=float(fit.p_value[0]),
        prediction_low=float(mean.prediction_low[0]),
        prediction_high=float(mean.prediction_high[0]),
        tau2=fit.tau2,
        i2=fit.i2,
        q=fit.q,
        q_p_value=fit.q_p_value,
    )


def q_profile(y: np.ndarray, v: np.ndarray, confidence: float = 0.95) -> tuple[float, float]:
    """Interval of τ²: the values at which Q lies between its chi-squared quantiles (Viechtbauer 2007)."""
    return heterogeneity.q_profile(heterogeneity.checked(y, v, np.ones((len(y), 1))), confidence)
