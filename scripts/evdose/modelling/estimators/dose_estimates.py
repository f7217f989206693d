"""Estimates at doses: what a dose–response model is fitted to, from arm means or from single responses."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import block_diag, solve_triangular


@dataclass(frozen=True)
class DoseEstimates:
    """Estimates at doses, one a dose or more, with their covariance; what a dose–response model is fitted to.

    ``dose`` (K,), from zero; ``estimate`` (K + c,): the response at each dose, then c coefficients of
    additive covariates (none where the length is K); ``covariance`` (K + c, K + c). Where ``rss`` is a
    number, the covariance is that of the estimates divided by the residual variance; ``rss`` is the residual
    sum of squares about the dose means of ``observations`` responses, with ``df`` degrees of freedom.
    Otherwise the covariance is known, or as good as a t distribution with ``df`` degrees of freedom makes it.
    ``against_placebo``: the estimates are differences from dose zero, so that curves pass through zero there.

    Raises:
        ValueError: arrays that don't match or aren't finite, a dose below zero or none above, a covariance
            that isn't positive definite.
    """

    dose: np.ndarray
    estimate: np.ndarray
    covariance: np.ndarray
    df: float = np.inf
    rss: float = np.nan
    observations: int = 0
    against_placebo: bool = False

    def __post_init__(self):
        for name in ("dose", "estimate", "covariance"):
            object.__setattr__(self, name, np.asarray(getattr(self, name), float))
        n = len(self.estimate)
        if len(self.dose) > n or self.covariance.shape != (n, n):
            raise ValueError("doses, estimates and covariance don't match")
        if not all(np.isfinite(values).all() for values in (self.dose, self.estimate, self.covariance)):
            raise ValueError("doses, estimates and covariance must be finite")
        if (self.dose < 0).any() or not (self.dose > 0).any():
            raise ValueError("doses start at zero, and one is above it")
        try:
            np.linalg.cholesky(self.covariance)
        except np.linalg.LinAlgError:
            raise ValueError("the covariance of the estimates isn't positive definite") from None

    @property
    def largest(self) -> float:
        """The largest dose."""
        return float(self.dose.max())

    @property
    def levels(self) -> int:
        """Number of different doses that tell of a curve: not zero where the others are against it."""
        return len(np.unique(self.dose[self.dose > 0] if self.against_placebo else self.dose))

    @property
    def residual_variance(self) -> float:
        """What the covariance is to be multiplied with: 1 where it is known."""
        return 1.0 if np.isnan(self.rss) else self.rss / self.df

    @cached_property
    def whitener(self) -> np.ndarray:
        """Inverse of the lower Cholesky factor of the covariance."""
        return solve_triangular(np.linalg.cholesky(self.covariance), np.eye(len(self.estimate)), lower=True)

    @cached_property
    def unexplained(self) -> np.ndarray:
        """Whitener followed by the projection off the intercept and the covariates."""
        fixed = self.whitener @ self.fixed_columns()
        basis, _ = np.linalg.qr(fixed)
        return self.whitener - basis @ (basis.T @ self.whitener)

    def fixed_columns(self) -> np.ndarray:
        """Columns that every shape has: the intercept and the covariates."""
        k, n = len(self.dose), len(self.estimate)
        return block_diag(np.ones((k, 0 if self.against_placebo else 1)), np.eye(n - k))


def dose_means(mean: np.ndarray, sd: np.ndarray, n: np.ndarray, dose: np.ndarray) -> DoseEstimates:
    """Estimates from the mean, standard deviation and size of each arm, with one residual variance."""
    sd, n = np.asarray(sd, float), np.asarray(n, float)
    df = n.sum() - len(n)
    rss = float(np.sum((n - 1) * sd**2))
    if not ((n > 0).all() and df > 0 and rss > 0):
        raise ValueError("dose means need participants in each arm and a standard deviation above zero")
    return DoseEstimates(dose, mean, np.diag(1 / n), float(df), rss, int(n.sum()))


def dose_shares(events: np.ndarray, n: np.ndarray, dose: np.ndarray) -> DoseEstimates:
    """Logits of the share with the event in each arm, by Firth's likelihood (1993, Biometrika 80:27).

    In a model with a parameter an arm it adds half an event and half a non-event to each, so that an arm in
    which all or none have the event stays finite. Variance: the inverse information; normal.
    """
    events, n = np.asarray(events, float), np.asarray(n, float)
    if (events < 0).any() or (events > n).any() or (n <= 0).any():
        raise ValueError("shares need participants in each arm and no more events than those")
    share = (events + 0.5) / (n + 1)
    return DoseEstimates(dose, np.log(share / (1 - share)), np.diag(1 / (n * share * (1 - share))))


def dose_responses(
    dose: np.ndarray, response: np.ndarray, covariates: np.ndarray | None = None
) -> DoseEstimates:
    """Estimates from single responses (N,), adjusted for additive covariates (N, c) where given."""
    levels, at = np.unique(np.asarray(dose, float), return_inverse=True)
    design = np.eye(len(levels))[at]
    if covariates is not None:
        design = np.hstack([design, np.asarray(covariates, float).reshape(len(design), -1)])
    inverse = np.linalg.inv(design.T @ design)
    estimate = inverse @ (design.T @ response)
    n, parameters = design.shape
    rss = float(np.sum((response - design @ estimate) ** 2))
    return DoseEstimates(levels, estimate, inverse, float(n - parameters), rss, n)
