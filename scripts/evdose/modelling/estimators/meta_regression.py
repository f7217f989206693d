"""Random-effects meta-regression: effects of independent studies on any features of theirs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.special import chdtrc, fdtrc, stdtr, stdtrit

from evdose.modelling.estimators.heterogeneity import (
    HETEROGENEITY,
    Effects,
    WeightedFit,
    checked,
    i_squared,
    log_likelihood,
    q_profile,
)

TESTS = ("z", "knha", "guarded")


class Prediction(NamedTuple):
    """Expected effect at each new row (m,), its interval, and the interval of a new study's true effect."""

    estimate: np.ndarray
    se: np.ndarray
    low: np.ndarray
    high: np.ndarray
    prediction_low: np.ndarray
    prediction_high: np.ndarray


class InformationCriteria(NamedTuple):
    """Parameters are the coefficients and τ²; restricted likelihoods count k - p observations."""

    log_likelihood: float
    aic: float
    bic: float
    aicc: float


class TauInterval(NamedTuple):
    """Q-profile interval of τ², and the I² (percent) at its ends."""

    tau2_low: float
    tau2_high: float
    i2_low: float
    i2_high: float


@dataclass(frozen=True)
class MetaRegression:
    """A fitted meta-regression; arrays have one number a coefficient (p,).

    ``df``: of the t distribution of the coefficients; infinite for the normal. ``tau2_se`` is not a number
    under a common effect. ``i2`` and ``r2`` in percent; ``r2`` (share of the intercept-only τ² that the
    design accounts for) is not a number without an intercept, without covariates or where there is no τ² to
    account for. ``qm`` tests all coefficients but the intercept: chi-squared on ``qm_df``, or F on ``qm_df``
    and ``df`` where ``df`` is finite.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    se: np.ndarray
    statistic: np.ndarray
    p_value: np.ndarray
    low: np.ndarray
    high: np.ndarray
    df: float
    tau2: float
    tau2_se: float
    q: float
    q_p_value: float
    qm: float
    qm_df: int
    qm_p_value: float
    i2: float
    h2: float
    r2: float
    effects: Effects
    method: str
    confidence: float

    def predict(self, rows: np.ndarray, prediction_df: float | None = None) -> Prediction:
        """Expected effects at ``rows`` (m, p) of the design.

        The prediction interval is t with ``prediction_df`` degrees of freedom, by default k - p - 1 (k - 2
        when pooling: Higgins, Thompson and Spiegelhalter 2009); not a number where that isn't positive.
        Infinite: normal.

        Raises:
            ValueError: rows that don't have p columns.
        """
        rows = np.asarray(rows, float)
        if rows.ndim != 2 or rows.shape[1] != len(self.coefficients):
            raise ValueError(f"rows {rows.shape} for {len(self.coefficients)} coefficients")
        estimate = rows @ self.coefficients
        variance = np.sum((rows @ self.covariance) * rows, axis=1)
        se, tail = np.sqrt(variance), (1 + self.confidence) / 2
        half = stdtrit(self.df, tail) * se
        df = self.effects.df - 1 if prediction_df is None else prediction_df
        spread = (stdtrit(df, tail) if df > 0 else np.nan) * np.sqrt(self.tau2 + variance)
        return Prediction(
            estimate, se, estimate - half, estimate + half, estimate - spread, estimate + spread
        )

    def tau2_interval(self) -> TauInterval:
        """Q-profile interval of τ², whatever the estimator (Viechtbauer 2007), and of I² by it."""
        bounds, typical = q_profile(self.effects, self.confidence), self.effects.typical_variance()
        return TauInterval(*bounds, *(i_squared(tau2, typical) for tau2 in bounds))

    def information_criteria(self) -> InformationCriteria:
        """Restricted for REML, else of the likelihood at the estimates.

        AICc is infinite where parameters leave no observation over.
        """
        (k, p), restricted = self.effects.x.shape, self.method == "REML"
        height = float(log_likelihood(self.effects, self.tau2, restricted))
        n, parameters = (k - p if restricted else k), p + (self.method != "EE")
        spare = n - parameters - 1
        aicc = -2 * height + 2 * parameters * n / spare if spare > 0 else np.inf
        return InformationCriteria(
            height, -2 * height + 2 * parameters, float(-2 * height + parameters * np.log(n)), aicc
        )


def regress(
    y: np.ndarray,
    v: np.ndarray,
    x: np.ndarray,
    *,
    method: str = "REML",
    test: str = "guarded",
    confidence: float = 0.95,
) -> MetaRegression:
    """Regress effects ``y`` (k,) with variances ``v`` (k,) on the design ``x`` (k, p), intercept included.

    ``method``: EE (no heterogeneity), DL (not below 0), PM, ML or REML. ``test``: ``z`` (normal), ``knha``
    (Knapp and Hartung 2003: covariance times the mean weighted squared residual, t with k - p degrees of
    freedom) or ``guarded``, the same with that factor never below 1, so that effects which happen to agree
    don't give an interval narrower than their own variances allow (Röver et al. 2015).

    Raises:
        ValueError: as :func:`checked`; an unknown method or test; a confidence that isn't between 0 and 1.
    """
    if method not in HETEROGENEITY or test not in TESTS or not 0 < confidence < 1:
        raise ValueError(f"no method {method!r} with test {test!r} at confidence {confidence}")
    effects = checked(y, v, x)
    tau2, tau2_se = HETEROGENEITY[method](effects)
    fit, common = effects.at(tau2), effects.without_heterogeneity
    coefficients, covariance = _coefficients(effects, fit, test)
    se = np.sqrt(np.diagonal(covariance))
    with np.errstate(divide="ignore", invalid="ignore"):  # effects that lie on the regression have se 0
        statistic = coefficients / se
    df = np.inf if test == "z" else effects.df
    half = stdtrit(df, (1 + confidence) / 2) * se
    typical = effects.typical_variance()
    excess = max(0.0, effects.moments()) if method == "EE" else tau2
    covariate = np.ptp(effects.x, axis=0) > 0
    qm, qm_df, qm_p_value = _wald(coefficients, covariance, covariate if covariate.any() else ~covariate, df)
    return MetaRegression(
        coefficients=coefficients,
        covariance=covariance,
        se=se,
        statistic=statistic,
        p_value=2 * stdtr(df, -np.abs(statistic)),
        low=coefficients - half,
        high=coefficients + half,
        df=df,
        tau2=tau2,
        tau2_se=tau2_se,
        q=float(common.sum_of_squares),
        q_p_value=float(chdtrc(effects.df, common.sum_of_squares)),
        qm=qm,
        qm_df=qm_df,
        qm_p_value=qm_p_value,
        i2=i_squared(excess, typical),
        h2=1 + excess / typical,
        r2=_accounted_for(effects, tau2, method) if 0 < covariate.sum() < len(covariate) else np.nan,
        effects=effects,
        method=method,
        confidence=confidence,
    )


def _coefficients(effects: Effects, fit: WeightedFit, test: str) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients and their covariance."""
    inverse = np.linalg.inv(fit.r)
    factor = 1.0 if test == "z" else fit.sum_of_squares / effects.df
    covariance = inverse @ inverse.T * (max(1.0, factor) if test == "guarded" else factor)
    return effects.least_squares + inverse @ fit.projection, covariance


def _wald(
    coefficients: np.ndarray, covariance: np.ndarray, tested: np.ndarray, df: float
) -> tuple[float, int, float]:
    """Test that the ``tested`` coefficients are all 0: statistic, its degrees of freedom and p-value."""
    b, m = coefficients[tested], int(tested.sum())
    of_tested = covariance[np.ix_(tested, tested)]
    if not of_tested.any():
        return np.nan, m, np.nan
    chi_squared = float(b @ np.linalg.solve(of_tested, b))
    if np.isinf(df):
        return chi_squared, m, float(chdtrc(m, chi_squared))
    return chi_squared / m, m, float(fdtrc(m, df, chi_squared / m))


def _accounted_for(effects: Effects, tau2: float, method: str) -> float:
    """Pseudo-R² (Raudenbush 2009): proportional reduction of τ² against no covariates, not below 0."""
    alone, _ = HETEROGENEITY[method](Effects(effects.y, effects.v, np.ones((len(effects.y), 1))))
    return 100 * max(0.0, 1 - tau2 / alone) if alone > 0 else np.nan
