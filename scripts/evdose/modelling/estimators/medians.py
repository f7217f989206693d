"""Mean and standard deviation of an arm estimated from its median with quartiles, range, or both.

The estimators hold for values that are roughly normal. Summaries that are too lopsided for that are refused
by the test of Shi et al. 2023 (level 0.05); it sees little in small samples, so that what passes is still an
estimate.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

_FEWEST = 5  # below, quartiles and extremes are the same few values: not studied in any of the papers


class Quantiles(NamedTuple):
    """Median of ``n`` values, with their quartiles, their extremes, or both; not a number where not known."""

    n: int
    median: float
    q1: float = np.nan
    q3: float = np.nan
    minimum: float = np.nan
    maximum: float = np.nan


class Moments(NamedTuple):
    """Estimated mean and standard deviation, and the papers of the estimators."""

    mean: float
    sd: float
    source: str


def mean_and_sd(given: Quantiles) -> Moments:
    """Mean by Luo et al. 2018, SD by Wan et al. 2014; from all five numbers, SD by Shi et al. 2020.

    With the mid-range r = (min + max)/2, the mid-quartile q = (q1 + q3)/2, the median m, and the expected
    range and quartile range of n standard normal values, ξ = 2 Φ⁻¹((n - 0.375)/(n + 0.25)) and
    η = 2 Φ⁻¹((0.75 n - 0.125)/(n + 0.25)):

    * range: mean w r + (1 - w) m, w = 4/(4 + n^0.75); SD (max - min)/ξ
    * quartiles: mean w q + (1 - w) m, w = 0.7 + 0.39/n; SD (q3 - q1)/η
    * all five: mean w1 r + w2 q + (1 - w1 - w2) m, w1 = 2.2/(2.2 + n^0.75), w2 = 0.7 - 0.72/n^0.55;
      SD w (max - min)/ξ + (1 - w) (q3 - q1)/η, w = 1/(1 + 0.07 n^0.6)

    Raises:
        ValueError: fewer than 5 participants, neither quartiles nor extremes, numbers out of order, no
            spread, or values that are too skewed (:func:`skewness`).
    """
    n, median = _checked(given)
    statistic, critical = skewness(given)
    if statistic > critical:
        compared = f"{statistic:.3g} above {critical:.3g} (Shi et al. 2023)"
        raise ValueError(f"too skewed for a mean and SD from quantiles: {compared}")
    middle_of_range, middle_of_quartiles = (given.minimum + given.maximum) / 2, (given.q1 + given.q3) / 2
    from_range = (given.maximum - given.minimum) / (2 * ndtri((n - 0.375) / (n + 0.25)))
    from_quartiles = (given.q3 - given.q1) / (2 * ndtri((0.75 * n - 0.125) / (n + 0.25)))
    if not _has_quartiles(given):
        w = 4 / (4 + n**0.75)
        mean, sd = w * middle_of_range + (1 - w) * median, from_range
    elif not _has_extremes(given):
        w = 0.7 + 0.39 / n
        mean, sd = w * middle_of_quartiles + (1 - w) * median, from_quartiles
    else:
        w_1, w_2 = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
        mean = w_1 * middle_of_range + w_2 * middle_of_quartiles + (1 - w_1 - w_2) * median
        w = 1 / (1 + 0.07 * n**0.6)
        sd = w * from_range + (1 - w) * from_quartiles
    of_sd = "Shi et al. 2020" if _has_quartiles(given) and _has_extremes(given) else "Wan et al. 2014"
    return Moments(float(mean), float(sd), f"mean by Luo et al. 2018, SD by {of_sd}")


def skewness(given: Quantiles) -> tuple[float, float]:
    """Statistic of the test that the values are symmetric, and what it exceeds in 5 of 100 normal samples.

    Shi et al. 2023 (doi 10.1177/09622802231172043), with the lopsidedness of the range
    R = |min + max - 2 m|/(max - min) and of the quartiles Q = |q1 + q3 - 2 m|/(q3 - q1): range, R against
    1/ln(n + 9) + 2.5/(n + 1); quartiles, Q against 2.65/√n - 6/n²; all five, the larger of
    2.65 ln(0.6 n)/√n R and Q against 3/√n - 40/n³.

    Raises:
        ValueError: as :func:`mean_and_sd`, skewness apart.
    """
    n, median = _checked(given)
    of_range = _lopsidedness(given.minimum, median, given.maximum)
    of_quartiles = _lopsidedness(given.q1, median, given.q3)
    if not _has_quartiles(given):
        return of_range, 1 / np.log(n + 9) + 2.5 / (n + 1)
    if not _has_extremes(given):
        return of_quartiles, 2.65 / np.sqrt(n) - 6 / n**2
    statistic = max(2.65 * np.log(0.6 * n) / np.sqrt(n) * of_range, of_quartiles)
    return statistic, 3 / np.sqrt(n) - 40 / n**3


def _checked(given: Quantiles) -> tuple[float, float]:
    """n and the median as real numbers, of a summary that can be used."""
    if not given.n >= _FEWEST:
        raise ValueError(f"a mean and SD from quantiles need at least {_FEWEST} participants")
    if not np.isfinite(given.median) or not (_has_quartiles(given) or _has_extremes(given)):
        raise ValueError("a mean and SD need the median with both quartiles or both extremes")
    known = [
        value
        for value in (given.minimum, given.q1, given.median, given.q3, given.maximum)
        if np.isfinite(value)
    ]
    if sorted(known) != known:
        raise ValueError("minimum, first quartile, median, third quartile and maximum are out of order")
    flat = _has_quartiles(given) and given.q1 == given.q3
    if flat or (_has_extremes(given) and given.minimum == given.maximum):
        raise ValueError("the quartiles or the extremes are equal: no spread to estimate an SD from")
    return float(given.n), float(given.median)


def _has_quartiles(given: Quantiles) -> bool:
    return bool(np.isfinite([given.q1, given.q3]).all())


def _has_extremes(given: Quantiles) -> bool:
    return bool(np.isfinite([given.minimum, given.maximum]).all())


def _lopsidedness(low: float, median: float, high: float) -> float:
    """0 where the median is in the middle, 1 where it is at an end."""
    return float(abs(low + high - 2 * median) / (high - low)) if np.isfinite(high - low) else np.nan
