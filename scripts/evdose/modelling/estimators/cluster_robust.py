"""Cluster-robust inference for generalised least squares: valid also where the working covariance is wrong.

The sandwich estimator with the small-sample correction CR2 ("bias-reduced linearization", Bell and McCaffrey
2002) and Satterthwaite degrees of freedom, as Pustejovsky and Tipton (2018, *J Bus Econ Stat* 36:672) give
them for weights that are the inverse of the working covariance; or CR1, the sandwich times m / (m - p).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import LinAlgError
from scipy.special import stdtr, stdtrit

_ROUNDING = 1e-10  # eigenvalues below this share of the largest are zero


@dataclass(frozen=True)
class ClusterRobust:
    """Coefficients with robust covariance; ``df``, intervals and p-values are by coefficient."""

    clusters: int
    coefficients: np.ndarray
    covariance: np.ndarray
    se: np.ndarray
    df: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_values: np.ndarray


def cluster_robust(
    y: ArrayLike,
    working_covariance: ArrayLike,
    cluster: ArrayLike,
    moderators: ArrayLike | None = None,
    *,
    correction: str = "CR2",
    confidence: float = 0.95,
) -> ClusterRobust:
    """Generalised least squares of ``y`` (N,) with the inverse of ``working_covariance`` (N, N) as weights.

    ``cluster``: a label for each effect (N,); clusters are independent, also in the working covariance.
    ``moderators`` X (N, p) with its column of ones, the mean alone if left out. ``correction`` CR2 has
    Satterthwaite degrees of freedom (Pustejovsky and Tipton 2018, eq. 11 and section 4.1), which below 4 make
    the test unreliable (Tipton 2015); CR1 has clusters minus coefficients.

    Raises:
        ValueError: shapes don't match, the working covariance isn't one or ties clusters together, X is
            singular, or there are no more clusters than coefficients.
    """
    y, phi = np.asarray(y, float), np.asarray(working_covariance, float)
    x = np.ones((len(y), 1)) if moderators is None else np.asarray(moderators, float)
    labels, code = np.unique(np.asarray(cluster), return_inverse=True)
    _check(y, phi, x, code, correction)
    m, p = len(labels), x.shape[1]
    weight = np.linalg.inv(phi)
    bread = np.linalg.inv(x.T @ weight @ x)
    beta = bread @ x.T @ weight @ y
    residual = y - x @ beta
    # Row i of `pulls[j]` is what cluster j's residuals do to coefficient i: bread X_j' W_j A_j.
    members = [np.flatnonzero(code == j) for j in range(m)]
    pulls = [
        bread @ x[of].T @ weight[np.ix_(of, of)] @ _adjustment(phi[np.ix_(of, of)], x[of], bread, correction)
        for of in members
    ]
    scores = np.array([pull @ residual[of] for pull, of in zip(pulls, members, strict=True)])
    covariance = scores.T @ scores * (m / (m - p) if correction == "CR1" else 1.0)
    df = _satterthwaite(pulls, members, phi, x, bread) if correction == "CR2" else np.full(p, float(m - p))
    se = np.sqrt(np.diag(covariance))
    half = -stdtrit(df, (1 - confidence) / 2) * se
    with np.errstate(divide="ignore", invalid="ignore"):
        statistic = np.abs(beta) / se
    p_values = 2 * stdtr(df, -statistic)
    return ClusterRobust(m, beta, covariance, se, df, beta - half, beta + half, p_values)


def _adjustment(phi: np.ndarray, x: np.ndarray, bread: np.ndarray, correction: str) -> np.ndarray:
    """A_j = D' B^(-1/2) D of a cluster: D'D = Φ_j, B = D (Φ_j - X_j M X_j') D' (the identity in CR1)."""
    if correction == "CR1":
        return np.eye(len(phi))
    root = np.linalg.cholesky(phi).T
    value, vector = np.linalg.eigh(root @ (phi - x @ bread @ x.T) @ root.T)
    # A cluster that alone carries a coefficient has residuals that are zero: Moore–Penrose inverse.
    kept = value > _ROUNDING * value.max()
    inverse_root = np.where(kept, 1 / np.sqrt(np.where(kept, value, 1.0)), 0.0)
    return root.T @ (vector * inverse_root) @ vector.T @ root


def _satterthwaite(
    pulls: list[np.ndarray], members: list[np.ndarray], phi: np.ndarray, x: np.ndarray, bread: np.ndarray
) -> np.ndarray:
    """Degrees of freedom 2 E(variance)² / Var(variance) of each coefficient, were Φ the true covariance."""
    df = []
    for i in range(x.shape[1]):
        # Columns: the linear forms p_j of the effects whose squares add up to the variance of coefficient i.
        forms = np.zeros((len(x), len(members)))
        for j, of in enumerate(members):
            forms[of, j] = pulls[j][i]
        # (I - H) Φ (I - H)' = Φ - X M X' for weights that are the inverse of Φ.
        cross = forms.T @ phi @ forms - (forms.T @ x) @ bread @ (x.T @ forms)
        df.append(np.trace(cross) ** 2 / np.sum(cross**2))
    return np.array(df)


def _check(y: np.ndarray, phi: np.ndarray, x: np.ndarray, code: np.ndarray, correction: str) -> None:
    n = len(y)
    if correction not in {"CR1", "CR2"}:
        raise ValueError(f"correction {correction!r}: CR1 or CR2")
    if y.ndim != 1 or phi.shape != (n, n) or x.ndim != 2 or len(x) != n or code.shape != (n,):
        raise ValueError("effects, working covariance, clusters and moderators don't match")
    if not (np.isfinite(y).all() and np.isfinite(phi).all() and np.isfinite(x).all()):
        raise ValueError("effects, covariances and moderators must be finite")
    if np.any(phi[code[:, None] != code] != 0):
        raise ValueError("the working covariance ties clusters together")
    try:
        np.linalg.cholesky(phi)
    except LinAlgError:
        raise ValueError("the working covariance isn't positive definite") from None
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise ValueError("the moderators are linearly dependent")
    if n and int(code.max()) + 1 <= x.shape[1]:
        raise ValueError(f"{int(code.max()) + 1} clusters; {x.shape[1]} coefficients need more")
