"""Multivariate random-effects meta-analysis of coefficients, with known covariances within studies.

Study i: y_i = X_i (β + b_i) + e_i, b_i ~ N(0, Ψ), e_i ~ N(0, S_i). With X_i = I and y_i the coefficients of a
study it is the second stage of a two-stage analysis; with the studies' own effects, the one-stage analysis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize
from scipy.special import chdtrc

METHODS = ("fixed", "ml", "reml", "mm")
_LOG_2PI = float(np.log(2 * np.pi))
_START_SIZES = (0.3, 2.0)  # standard deviations between studies, in typical standard errors within


class Study(NamedTuple):
    """Effects (n,), design (n, p) and covariance within the study (n, n)."""

    y: np.ndarray
    x: np.ndarray
    covariance: np.ndarray


class WaldTest(NamedTuple):
    """Chi-squared test that some coefficients are all zero."""

    statistic: float
    df: int
    p_value: float


@dataclass(frozen=True)
class MultivariateMeta:
    """Coefficients (p,) with covariance (p, p); Ψ between studies (p, p), None for ``fixed``.

    The log likelihood (None for ``mm``) is restricted for ``reml``. ``observations``: effects of all studies.
    """

    coefficients: np.ndarray
    covariance: np.ndarray
    psi: np.ndarray | None
    log_likelihood: float | None
    parameters: int
    observations: int
    q: float
    q_df: int
    q_p_value: float

    @property
    def se(self) -> np.ndarray:
        """Standard errors of the coefficients."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def aic(self) -> float | None:
        """Akaike's criterion; None without a likelihood."""
        return None if self.log_likelihood is None else 2 * (self.parameters - self.log_likelihood)

    @property
    def bic(self) -> float | None:
        """Schwarz's criterion over all effects; None without a likelihood."""
        if self.log_likelihood is None:
            return None
        return float(np.log(self.observations)) * self.parameters - 2 * self.log_likelihood

    def wald(self, which: Sequence[int]) -> WaldTest:
        """Test that the coefficients ``which`` are zero."""
        chosen = list(which)
        b = self.coefficients[chosen]
        statistic = float(b @ np.linalg.solve(self.covariance[np.ix_(chosen, chosen)], b))
        return WaldTest(statistic, len(chosen), float(chdtrc(len(chosen), statistic)))


def multivariate_meta(studies: Sequence[Study], method: str = "reml") -> MultivariateMeta:
    """Pool studies by (restricted) maximum likelihood, moments (``mm``), or with Ψ = 0 (``fixed``).

    Gasparrini, Armstrong & Kenward, Stat Med 2012;31:3821. The likelihood is climbed over the Cholesky factor
    of Ψ from several fixed starts, as it can have more than one summit. REML's constant is that of mixmeta,
    with ½ log|Σ XᵢᵀXᵢ|. Moments by Jackson, White & Riley, Biom J 2013;55:231, negative eigenvalues set to 0
    in units of the typical standard errors, so that the result doesn't depend on units.

    Raises:
        ValueError: shapes don't match, a covariance isn't positive definite, the studies together don't
            determine the coefficients, or a random-effects method has fewer than two studies.
    """
    if method not in METHODS:
        raise ValueError(f"method {method!r} is none of {', '.join(METHODS)}")
    if not studies or (method != "fixed" and len(studies) < 2):
        raise ValueError("no study" if not studies else "variance between studies needs two studies or more")
    data = _summary(studies)
    p = data.information.shape[1]
    psi = np.zeros((p, p))
    if method == "mm":
        psi = _moments(data)
    elif method != "fixed":
        psi = _likeliest(data, restricted=method == "reml")
    at = _evaluate(data, psi, restricted=method == "reml")
    none = _evaluate(data, np.zeros((p, p)), restricted=False)
    df = data.observations - p
    scale = np.outer(data.scale, data.scale)
    return MultivariateMeta(
        coefficients=at.beta * data.scale,
        covariance=at.covariance * scale,
        psi=None if method == "fixed" else psi * scale,
        log_likelihood=None if method == "mm" else at.log_likelihood + data.constant * (method == "reml"),
        parameters=p if method == "fixed" else p + p * (p + 1) // 2,
        observations=data.observations,
        q=none.squares,
        q_df=df,
        q_p_value=float(chdtrc(df, none.squares)) if df else 1.0,
    )


class _Summary(NamedTuple):
    """All that the likelihood needs of k studies, coefficients counted in ``scale`` (typical SEs) each.

    ``information`` (k, p, p) XᵀS⁻¹X, ``score`` (k, p) XᵀS⁻¹y, ``squares`` Σ yᵀS⁻¹y, ``log_det`` Σ log|S|.
    """

    information: np.ndarray
    score: np.ndarray
    squares: float
    log_det: float
    observations: int
    scale: np.ndarray
    constant: float  # what REML adds: ½ log|Σ XᵀX|, and log of the scales


class _Fit(NamedTuple):
    beta: np.ndarray
    covariance: np.ndarray
    squares: float
    log_likelihood: float
    gradient: np.ndarray  # by Ψ, (p, p)


def _summary(studies: Sequence[Study]) -> _Summary:
    parts, cross, observations = [], 0.0, 0
    for study in studies:
        y, x, s = (np.asarray(part, float) for part in study)
        if y.ndim != 1 or x.shape[:1] != y.shape or x.ndim != 2 or s.shape != (len(y), len(y)):
            raise ValueError("a study needs effects (n,), a design (n, p) and a covariance (n, n)")
        if not (np.isfinite(y).all() and np.isfinite(x).all() and np.allclose(s, s.T, rtol=1e-9, atol=0)):
            raise ValueError("effects and designs must be finite, covariances symmetric")
        try:
            factor = np.linalg.cholesky(s)
        except np.linalg.LinAlgError:
            raise ValueError("a covariance within a study isn't positive definite") from None
        white_x, white_y = np.linalg.solve(factor, x), np.linalg.solve(factor, y)
        log_det = 2 * np.log(np.diag(factor)).sum()
        parts.append((white_x.T @ white_x, white_x.T @ white_y, white_y @ white_y, log_det))
        cross, observations = cross + x.T @ x, observations + len(y)
    if len({part[1].shape for part in parts}) > 1:
        raise ValueError("studies differ in their number of coefficients")
    information, score, squares, log_det = (np.array(part) for part in zip(*parts, strict=True))
    precision = np.einsum("kii->i", information) / len(studies)
    scale = 1 / np.sqrt(np.where(precision > 0, precision, 1.0))
    information, score = information * np.outer(scale, scale), score * scale
    if np.linalg.matrix_rank(information.sum(axis=0)) < len(scale):
        raise ValueError("the studies together don't determine the coefficients")
    constant = np.linalg.slogdet(cross)[1] / 2 + np.log(scale).sum()
    return _Summary(
        information, score, float(squares.sum()), float(log_det.sum()), observations, scale, float(constant)
    )


def _evaluate(data: _Summary, psi: np.ndarray, restricted: bool) -> _Fit:
    """Generalised least squares and the log likelihood at Ψ, by Woodbury's identity (Ψ may be singular)."""
    shrink = np.linalg.inv(np.eye(len(psi)) + data.information @ psi)  # (I + T Ψ)⁻¹
    weight = shrink @ data.information  # Xᵀ Σ⁻¹ X
    covariance = np.linalg.inv(weight.sum(axis=0))
    pulled = np.einsum("kij,kj->ki", shrink, data.score)
    beta = covariance @ pulled.sum(axis=0)
    residual = pulled - weight @ beta
    absorbed = np.einsum("ki,ij,kj->", data.score, psi, pulled)
    squares = data.squares - absorbed - beta @ pulled.sum(axis=0)
    free = data.observations - restricted * len(psi)
    log_det = data.log_det - np.linalg.slogdet(shrink)[1].sum()
    gradient = residual.T @ residual - weight.sum(axis=0)
    if restricted:
        log_det -= np.linalg.slogdet(covariance)[1]
        gradient += np.einsum("kij,jl,klm->im", weight, covariance, weight)
    log_likelihood = -(free * _LOG_2PI + log_det + squares) / 2
    return _Fit(beta, covariance, float(squares), float(log_likelihood), gradient / 2)


def _likeliest(data: _Summary, restricted: bool) -> np.ndarray:
    p = data.information.shape[1]
    lower = np.tril_indices(p)

    def loss(entries: np.ndarray) -> tuple[float, np.ndarray]:
        factor = np.zeros((p, p))
        factor[lower] = entries
        fit = _evaluate(data, factor @ factor.T, restricted)
        return -fit.log_likelihood, -2 * (fit.gradient @ factor)[lower]

    on_diagonal = lower[0] == lower[1]
    starts = []
    for size, signs in product(_START_SIZES, product((-1.0, 0.0, 1.0), repeat=p * (p - 1) // 2)):
        start = np.full(len(on_diagonal), size)
        start[~on_diagonal] *= signs
        starts.append(start)
    ends = [minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-10}) for start in starts]
    factor = np.zeros((p, p))
    factor[lower] = min(ends, key=lambda end: end.fun).x
    return factor @ factor.T


def _moments(data: _Summary) -> np.ndarray:
    """Ψ at which Σ Wᵢ rᵢ rᵢᵀ about the fixed-effect mean equals its expectation (Jackson et al. 2013)."""
    weight = data.information
    k, p = data.score.shape
    mean_covariance = np.linalg.inv(weight.sum(axis=0))
    mean = mean_covariance @ data.score.sum(axis=0)
    hat = mean_covariance @ weight  # (k, p, p): block column j of X (XᵀWX)⁻¹ XᵀW, the same for every row
    try:
        residual = np.linalg.solve(weight, data.score[..., None])[..., 0] - mean
    except np.linalg.LinAlgError:
        raise ValueError("moments need studies that each determine the coefficients") from None
    excess = np.einsum("kij,kj,kl->il", weight, residual, residual)
    excess -= k * np.eye(p) - weight.sum(axis=0) @ mean_covariance
    system = np.zeros((p * p, p * p))
    for i, j in product(range(k), repeat=2):
        block = (i == j) * np.eye(p) - hat[j]
        system += np.kron(weight[i] @ block, block)
    solved = np.linalg.solve(system, excess.ravel()).reshape(p, p)
    values, vectors = np.linalg.eigh((solved + solved.T) / 2)
    return (vectors * np.maximum(values, 0.0)) @ vectors.T
