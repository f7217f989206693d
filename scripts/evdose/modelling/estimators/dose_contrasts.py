"""Effects against control at known doses: what every dose–response estimator takes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.linalg import cholesky, solve_triangular

DOSE_DECIMALS = 6  # doses (log10) that agree so far are one dose level


class Rotation(NamedTuple):
    """Axes on which the marginal covariance is diagonal whatever τ² is.

    ``matrix @ y`` has independent elements of variance ``1 + tau2 * spread``; ``log_determinant`` is that of
    the sampling covariance, so that log |covariance + τ² same| = log_determinant + Σ log(1 + τ² spread).
    """

    matrix: np.ndarray
    spread: np.ndarray
    log_determinant: float


@dataclass(frozen=True)
class DoseContrasts:
    """Contrasts of N active arms with their controls.

    ``x`` (N,) doses in log10; ``y`` (N,) effects, above 0 is benefit; ``covariance`` (N, N) their sampling
    covariance, zero between studies; ``study`` (N,) an integer a study. N may be 0.

    Model of all estimators: y ~ Normal(f(x), covariance + τ² · same), where same is 1 for two arms of one
    study, else 0: what is peculiar to a study (its condition, product, outcome) shifts all its arms alike.

    Raises:
        ValueError: arrays that don't match, numbers that aren't finite, a covariance that isn't symmetric and
            positive definite, or that links different studies.
    """

    x: np.ndarray
    y: np.ndarray
    covariance: np.ndarray
    study: np.ndarray

    def __post_init__(self):
        for name in ("x", "y", "covariance"):
            object.__setattr__(self, name, np.array(getattr(self, name), float))
        codes = np.array(self.study)
        n = len(codes)
        object.__setattr__(self, "study", codes.astype(int))
        if not (codes == self.study).all():
            raise ValueError("the code of a study is an integer")
        if not self.x.shape == self.y.shape == codes.shape == (n,) or self.covariance.shape != (n, n):
            raise ValueError(
                f"doses {self.x.shape}, effects {self.y.shape}, studies {codes.shape} and covariance "
                f"{self.covariance.shape} don't match"
            )
        if not all(np.isfinite(values).all() for values in (self.x, self.y, self.covariance)):
            raise ValueError("doses, effects and covariance must be finite")
        if not np.allclose(self.covariance, self.covariance.T, rtol=1e-9, atol=0):
            raise ValueError("the covariance isn't symmetric")
        if self.covariance[~self.same_study].any():
            raise ValueError("effects of different studies are independent; this covariance links them")
        try:
            np.linalg.cholesky(self.covariance)
        except np.linalg.LinAlgError:
            raise ValueError("the covariance isn't positive definite") from None

    @property
    def studies(self) -> int:
        """Number of studies."""
        return len(np.unique(self.study))

    @property
    def levels(self) -> np.ndarray:
        """Different doses, sorted; doses that agree to six decimals are one."""
        return np.unique(self.x.round(DOSE_DECIMALS))

    @property
    def same_study(self) -> np.ndarray:
        """(N, N) whether two arms are of one study."""
        return np.equal.outer(self.study, self.study)

    def of_study(self) -> list[np.ndarray]:
        """Positions of the arms of each study, by code."""
        return [np.flatnonzero(self.study == code) for code in np.unique(self.study)]

    @cached_property
    def rotation(self) -> Rotation:
        """Axes of the model's covariance: L⁻¹ same L⁻ᵀ = U diag(spread) Uᵀ, where L Lᵀ = covariance."""
        lower = cholesky(self.covariance, lower=True)
        half = solve_triangular(lower, self.same_study.astype(float), lower=True)
        spread, axes = np.linalg.eigh(solve_triangular(lower, half.T, lower=True))
        matrix = solve_triangular(lower, axes, lower=True, trans="T").T
        return Rotation(matrix, np.maximum(spread, 0.0), float(2 * np.log(np.diag(lower)).sum()))

    def with_effects(self, y: np.ndarray) -> DoseContrasts:
        """The same arms and covariance with other effects, such as simulated ones; keeps ``rotation``."""
        other = object.__new__(DoseContrasts)
        y = np.asarray(y, float)
        if y.shape != self.y.shape or not np.isfinite(y).all():
            raise ValueError(f"{len(self.y)} finite effects are needed")
        other.__dict__.update(
            x=self.x, y=y, covariance=self.covariance, study=self.study, rotation=self.rotation
        )
        return other
