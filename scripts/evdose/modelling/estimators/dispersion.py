"""Standard deviations that a report leaves out, worked back by exact algebra from what it prints.

Cochrane Handbook for Systematic Reviews of Interventions, version 6, section 6.5.2. Numbers may be single or
arrays. The algebra holds for intervals and tests by Student's t, as usual for means.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

# An interval by t has the mean in its middle; rounding may move it by this share of the half-width.
_OFF_CENTRE = 0.1


def sd_from_standard_error(se: ArrayLike, n: ArrayLike) -> np.ndarray:
    """SD of ``n`` participants from the standard error of their mean: se √n (section 6.5.2.2).

    Raises:
        ValueError: a standard error that isn't positive, or fewer than two participants.
    """
    se, n = _positive("a standard error", se), _at_least_two(n)
    return se * np.sqrt(n)


def sd_from_interval(
    mean: ArrayLike, low: ArrayLike, high: ArrayLike, n: ArrayLike, confidence: float = 0.95
) -> np.ndarray:
    """SD of ``n`` participants from the confidence interval of their mean (section 6.5.2.2).

    √n (high - low) / (2 t), t the quantile of Student's t with n - 1 degrees of freedom.

    Raises:
        ValueError: the mean isn't in the middle (an interval of another kind, as of a log scale), low isn't
            below high, or fewer than two participants.
    """
    n = _at_least_two(n)
    half = _positive("the width of an interval", np.subtract(high, low)) / 2
    if (np.abs(np.add(low, high) / 2 - mean) > _OFF_CENTRE * half).any():
        raise ValueError("the mean isn't in the middle of its confidence interval: not an interval by t")
    return np.sqrt(n) * half / stdtrit(n - 1, (1 + confidence) / 2)


def sd_from_t(difference: ArrayLike, t: ArrayLike, n_treated: ArrayLike, n_control: ArrayLike) -> np.ndarray:
    """Pooled SD of two arms from the difference of their means and its t statistic (section 6.5.2.3).

    The standard error of the difference is |difference / t|, and the SD that over √(1/n1 + 1/n0).

    Raises:
        ValueError: no difference, t = 0, or an arm of fewer than two.
    """
    difference = _positive("the size of a difference", np.abs(difference))
    se = difference / _positive("the size of a t statistic", np.abs(t))
    return sd_from_error_of_difference(se, n_treated, n_control)


def sd_from_p_value(
    difference: ArrayLike, p_value: ArrayLike, n_treated: ArrayLike, n_control: ArrayLike
) -> np.ndarray:
    """Pooled SD of two arms from the difference of their means and its two-sided p-value (section 6.5.2.3).

    Assumes that p is of Student's t test with n1 + n0 - 2 degrees of freedom; of any other test, this isn't
    the SD.

    Raises:
        ValueError: p isn't between 0 and 1 (at 1 there is no difference), or as :func:`sd_from_t`.
    """
    p_value = np.asarray(p_value, float)
    if not ((p_value > 0) & (p_value < 1)).all():
        raise ValueError("an SD can only be worked back from a p-value between 0 and 1")
    df = np.add(_at_least_two(n_treated), _at_least_two(n_control)) - 2
    return sd_from_t(difference, -stdtrit(df, p_value / 2), n_treated, n_control)


def sd_from_error_of_difference(se: ArrayLike, n_treated: ArrayLike, n_control: ArrayLike) -> np.ndarray:
    """Pooled SD of two arms from the standard error of the difference of their means (section 6.5.2.3).

    Raises:
        ValueError: a standard error that isn't positive, or an arm of fewer than two.
    """
    n_treated, n_control = _at_least_two(n_treated), _at_least_two(n_control)
    return _positive("a standard error", se) / np.sqrt(1 / n_treated + 1 / n_control)


def _positive(what: str, values: ArrayLike) -> np.ndarray:
    values = np.asarray(values, float)
    if not (values > 0).all() or not np.isfinite(values).all():
        raise ValueError(f"{what} must be above 0")
    return values


def _at_least_two(n: ArrayLike) -> np.ndarray:
    n = np.asarray(n, float)
    if not (n >= 2).all():
        raise ValueError("an SD needs at least two participants")
    return n
