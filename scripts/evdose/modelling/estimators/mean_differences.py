"""Differences in means of one study whose groups all share one reference group, with their covariance.

Arrays hold one value a group, the reference group first. Both pool the standard deviation over all groups.
Crippa & Orsini, BMC Med Res Methodol 2016;16:91.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Differences(NamedTuple):
    """Differences of the J - 1 groups from the reference group, and their covariance (J - 1, J - 1)."""

    estimate: np.ndarray
    covariance: np.ndarray


def mean_differences(mean: np.ndarray, sd: np.ndarray, n: np.ndarray) -> Differences:
    """Differences in means: variance s² (1/nⱼ + 1/n₀) with the pooled s; two share sd₀²/n₀, as in dosresmeta.

    Raises:
        ValueError: lengths differ, an sd isn't positive, a group has fewer than two participants, or the
            reference group varies so much more than the others that the covariance isn't positive definite.
    """
    mean, sd, n = _checked(mean, sd, n)
    covariance = np.full((len(n) - 1,) * 2, sd[0] ** 2 / n[0])
    np.fill_diagonal(covariance, _pooled_variance(sd, n) * (1 / n[1:] + 1 / n[0]))
    if np.linalg.eigvalsh(covariance)[0] <= 0:
        raise ValueError("the standard deviations are too unlike to be pooled")
    return Differences(mean[1:] - mean[0], covariance)


def standardised_mean_differences(mean: np.ndarray, sd: np.ndarray, n: np.ndarray) -> Differences:
    """Differences over the pooled SD, d: variance 1/nⱼ + 1/n₀ + dⱼ²/(2N); two share 1/n₀ + dⱼ dₖ/(2N).

    N is participants of all groups; no small-sample correction (Gleser & Olkin, in *The Handbook of Research
    Synthesis and Meta-Analysis*, 2nd ed. 2009, eq. 19.19).

    Raises:
        ValueError: lengths differ, an sd isn't positive, or a group has fewer than two participants.
    """
    mean, sd, n = _checked(mean, sd, n)
    d = (mean[1:] - mean[0]) / np.sqrt(_pooled_variance(sd, n))
    return Differences(d, np.diag(1 / n[1:]) + 1 / n[0] + np.outer(d, d) / (2 * n.sum()))


def _pooled_variance(sd: np.ndarray, n: np.ndarray) -> float:
    return float((n - 1) @ sd**2 / (n - 1).sum())


def _checked(mean: np.ndarray, sd: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, ...]:
    mean, sd, n = (np.asarray(values, float) for values in (mean, sd, n))
    if not mean.shape == sd.shape == n.shape or mean.ndim != 1 or len(mean) < 2:
        raise ValueError("a study needs two or more groups, each with a mean, a standard deviation and n")
    if not (np.isfinite(mean).all() and np.isfinite(sd).all() and (sd > 0).all() and (n >= 2).all()):
        raise ValueError("means must be finite, standard deviations above 0 and groups of two or more")
    return mean, sd, n
