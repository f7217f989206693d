"""Effect sizes from the numbers of two arms, or of one arm before and after: formulas with their sources.

Numbers may be single or arrays. All effects are treated minus control (after minus before): whether more is
better is for the caller to know.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln

_ZERO_CELL = "0.5 added to every cell of a study with a zero"
# SD of the standard logistic distribution: odds ratios of a cut normal scale lie this far apart for each SD.
_LOGISTIC_SD = np.pi / np.sqrt(3)
EQUATIONS = {
    "hedges_g": "Hedges' g, exact correction J (Hedges 1981); variance: Hedges and Olkin 1985, ch. 5",
    "log_odds_ratio": f"log odds ratio (Woolf 1955); {_ZERO_CELL}",
    "log_risk_ratio": f"log risk ratio (Katz et al. 1978); {_ZERO_CELL}",
    "risk_difference": f"risk difference of the counts; binomial variance, {_ZERO_CELL}",
    "standardised_mean_change": "mean change over the SD at baseline, exact correction J (Becker 1988)",
    "proportion": "share of participants with the better outcome; exact interval (Clopper and Pearson 1934)",
}


class Sample(NamedTuple):
    """Mean, standard deviation and size of an arm."""

    mean: ArrayLike
    sd: ArrayLike
    n: ArrayLike


class Counts(NamedTuple):
    """Participants of an arm with the event, and all of them."""

    events: ArrayLike
    n: ArrayLike


class EffectSize(NamedTuple):
    """An effect, its variance, and the part of the variance that comes from the control arm."""

    estimate: np.ndarray | float
    variance: np.ndarray | float
    control_variance: np.ndarray | float = np.nan


def small_sample_correction(df: ArrayLike) -> np.ndarray:
    """J(df), which makes a standardised mean difference unbiased (Hedges 1981, by the gamma function)."""
    half = np.asarray(df, float) / 2
    return np.exp(gammaln(half) - np.log(half) / 2 - gammaln(half - 0.5))


def hedges_g(treated: Sample, control: Sample) -> EffectSize:
    """Standardised mean difference of two independent arms over their pooled SD.

    g = J(n1 + n0 - 2) (x1 - x0) / s and var g = 1/n1 + 1/n0 + g² / (2 (n1 + n0))
    (Hedges 1981; Hedges and Olkin 1985, ch. 5).
    """
    n_1, n_0 = np.asarray(treated.n, float), np.asarray(control.n, float)
    df = n_1 + n_0 - 2
    pooled_sd = np.sqrt(((n_1 - 1) * np.square(treated.sd) + (n_0 - 1) * np.square(control.sd)) / df)
    g = small_sample_correction(df) * np.subtract(treated.mean, control.mean) / pooled_sd
    return EffectSize(g, 1 / n_1 + 1 / n_0 + g**2 / (2 * (n_1 + n_0)), 1 / n_0)


def mean_difference(treated: Sample, control: Sample) -> EffectSize:
    """Difference of two means in their own unit, variance sd1²/n1 + sd0²/n0 (the SDs may differ)."""
    of_arms = [np.square(np.asarray(arm.sd, float)) / arm.n for arm in (treated, control)]
    return EffectSize(np.subtract(treated.mean, control.mean), of_arms[0] + of_arms[1], of_arms[1])


def log_odds_ratio(treated: Counts, control: Counts) -> EffectSize:
    """Log odds ratio of the event, variance the sum of the inverse cells (Woolf 1955).

    Not a number where no participant, or every one, has the event in both arms.
    """
    a, b, c, d = _cells(treated, control, empty_column=np.nan)
    return EffectSize(np.log(a * d / (b * c)), 1 / a + 1 / b + 1 / c + 1 / d, 1 / c + 1 / d)


def log_risk_ratio(treated: Counts, control: Counts) -> EffectSize:
    """Log risk ratio of the event (Katz et al. 1978); not a number where the odds ratio is not."""
    a, b, c, d = _cells(treated, control, empty_column=np.nan)
    shared = 1 / c - 1 / (c + d)
    return EffectSize(np.log(a / (a + b)) - np.log(c / (c + d)), 1 / a - 1 / (a + b) + shared, shared)


def risk_difference(treated: Counts, control: Counts) -> EffectSize:
    """Risk difference: estimate from the counts as they are, binomial variance from the corrected cells."""
    a, b, c, d = _cells(treated, control, empty_column=1.0)
    shared = c * d / (c + d) ** 3
    difference = np.divide(treated.events, treated.n) - np.divide(control.events, control.n)
    return EffectSize(difference, a * b / (a + b) ** 3 + shared, shared)


def log_odds_ratio_to_g(effect: EffectSize) -> EffectSize:
    """Log odds ratio as a standardised mean difference: × √3/π, variance × 3/π² (Hasselblad and Hedges 1995).

    Holds where the two outcomes are one scale cut in two, logistic and of equal spread in both arms.
    """
    return _scaled(effect, 1 / _LOGISTIC_SD)


def g_to_log_odds_ratio(effect: EffectSize) -> EffectSize:
    """The inverse of :func:`log_odds_ratio_to_g`, under the same assumption."""
    return _scaled(effect, _LOGISTIC_SD)


def proportion(arm: Counts) -> EffectSize:
    """Share of participants with the event, p; variance p (1 - p) / n.

    Where none, or every one, has the event, both p's are of the cells with 0.5 added, so that the variance
    isn't 0.
    """
    events, others = _both_cells(arm)
    share = events / (events + others)
    return EffectSize(share, share * (1 - share) / (events + others))


def logit_proportion(arm: Counts) -> EffectSize:
    """Log odds of the event in one arm, ln(x / (n - x)), variance 1/x + 1/(n - x).

    Where none, or every one, has the event, 0.5 is added to x and to n - x.
    """
    events, others = _both_cells(arm)
    return EffectSize(np.log(events / others), 1 / events + 1 / others)


def standardised_mean_change(
    change: ArrayLike, sd_before: ArrayLike, n: ArrayLike, correlation: float
) -> EffectSize:
    """Mean change of one arm (after minus before) over its SD at baseline: raw-score standardisation.

    g = J(n - 1) change / sd_before and, for a pre–post correlation r, var g = 2 (1 - r) / n + g² / (2 n)
    (Becker 1988).
    """
    n = np.asarray(n, float)
    g = small_sample_correction(n - 1) * np.divide(change, sd_before)
    return EffectSize(g, 2 * (1 - correlation) / n + g**2 / (2 * n))


def _scaled(effect: EffectSize, factor: float) -> EffectSize:
    estimate, *variances = (np.asarray(value, float) for value in effect)
    return EffectSize(estimate * factor, *(variance * factor**2 for variance in variances))


def _both_cells(arm: Counts) -> np.ndarray:
    """Participants with and without the event, 0.5 more of each where there are none of one kind."""
    events = np.asarray(arm.events, float)
    cells = np.array(np.broadcast_arrays(events, np.subtract(arm.n, events)))
    return cells + 0.5 * (cells == 0).any(axis=0)


def _cells(treated: Counts, control: Counts, empty_column: float) -> np.ndarray:
    """2 × 2 cells by the zero-cell rule, times ``empty_column`` where one column is empty."""
    a, c = np.asarray(treated.events, float), np.asarray(control.events, float)
    b, d = np.subtract(treated.n, a), np.subtract(control.n, c)
    cells = np.array(np.broadcast_arrays(a, b, c, d))
    corrected = cells + 0.5 * (cells == 0).any(axis=0)
    return corrected * np.where((a + c == 0) | (b + d == 0), empty_column, 1.0)
