"""Rubin's rules: one inference from analyses of several imputed data sets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

_ROUNDING = 1e-20  # of the variance within: estimates that differ by less are the same


@dataclass(frozen=True)
class Combined:
    """What m analyses say together.

    ``within`` mean of their variances, ``between`` variance of their estimates, ``se`` root of the total
    within + (1 + 1/m) between; ``df`` degrees of freedom of t (infinite: normal); ``relative_increase`` r,
    the increase in variance because of what is missing; ``variance_share`` λ = r/(1 + r), its share of the
    total; ``missing_information`` γ, the fraction of information that is missing.
    """

    estimate: float
    se: float
    low: float
    high: float
    df: float
    within: float
    between: float
    relative_increase: float
    variance_share: float
    missing_information: float


def rubins_rules(
    estimates: np.ndarray, variances: np.ndarray, *, complete_df: float = np.inf, confidence: float = 0.95
) -> Combined:
    """Combine ``estimates`` (m,) and their ``variances`` (m,) of m >= 2 imputed data sets.

    Rubin 1987, *Multiple Imputation for Nonresponse in Surveys*, §3.1: γ = (r + 2/(ν + 3))/(1 + r) with
    ν = (m - 1)(1 + 1/r)². The interval has the degrees of freedom of Barnard and Rubin, Biometrika
    1999;86:948, which never exceed ``complete_df``, those of an analysis without anything missing.

    Raises:
        ValueError: fewer than two data sets, numbers that aren't finite, a variance or degrees of freedom
            that aren't positive.
    """
    estimates, variances = np.asarray(estimates, float), np.asarray(variances, float)
    m = len(estimates)
    if m < 2 or variances.shape != (m,):
        raise ValueError("at least two imputed data sets are needed, each with an estimate and its variance")
    if not (np.isfinite(estimates).all() and np.isfinite(variances).all() and (variances > 0).all()):
        raise ValueError("estimates must be finite and variances positive")
    if not complete_df > 0:
        raise ValueError("degrees of freedom must be positive")
    within, between = float(variances.mean()), float(estimates.var(ddof=1))
    if between < _ROUNDING * within:
        between = 0.0
    increase = (1 + 1 / m) * between / within
    share = increase / (1 + increase)
    rubin = (m - 1) / share**2 if share else np.inf
    df = _barnard_rubin(rubin, complete_df, share)
    mean, se = float(estimates.mean()), float(np.sqrt(within * (1 + increase)))
    half = -stdtrit(df, (1 - confidence) / 2) * se
    return Combined(
        estimate=mean,
        se=se,
        low=float(mean - half),
        high=float(mean + half),
        df=df,
        within=within,
        between=between,
        relative_increase=increase,
        variance_share=share,
        missing_information=(increase + 2 / (rubin + 3)) / (1 + increase),
    )


def _barnard_rubin(rubin: float, complete_df: float, share: float) -> float:
    """Rubin's degrees of freedom, brought down to what the complete data have."""
    if np.isinf(complete_df):
        return float(rubin)
    observed = (complete_df + 1) / (complete_df + 3) * complete_df * (1 - share)
    return float(1 / (1 / rubin + 1 / observed))
