"""Multilevel meta-analysis: random intercepts at several levels beside a known sampling covariance.

y = X β + Σ_l u_l + e, u_l ~ N(0, σ²_l) alike within a group of level l, e ~ N(0, V) with V known. With the
levels study and effect it is the three-level model (Konstantopoulos 2011; Van den Noortgate et al. 2013),
with the level effect alone the usual random-effects model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.optimize import minimize
from scipy.special import stdtr, stdtrit

_STARTS = (0.02, 0.3, 1.0)  # of every variance component, as shares of the variance of the effects
_LARGEST = 1e3  # of the same
_SCORING_STEPS = 200


@dataclass(frozen=True)
class Multilevel:
    """A fitted model; ``variances`` are σ² by level, arrays are by coefficient, in the order of X.

    ``low``, ``high`` and ``p_values`` are by t with ``df`` degrees of freedom: groups of the first level
    minus coefficients. ``covariance`` (N, N) is the fitted one of the effects, V + Σ σ²_l Z_l Z_l'.
    """

    coefficients: np.ndarray
    se: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_values: np.ndarray
    df: int
    variances: dict[str, float]
    log_likelihood: float
    covariance: np.ndarray


def fit_multilevel(
    y: ArrayLike,
    sampling_covariance: ArrayLike,
    levels: Mapping[str, ArrayLike],
    moderators: ArrayLike | None = None,
    *,
    method: str = "REML",
    confidence: float = 0.95,
) -> Multilevel:
    """Fit by ``ML`` or ``REML`` (Harville 1977), from several starts, down to a zero of the score.

    ``y`` (N,): effects; ``sampling_covariance`` (N, N); ``levels``: by name a group label for each effect
    (N,), the widest level first, each nested in the one before; ``moderators`` X (N, p) with its column of
    ones, the mean alone if left out. The restricted likelihood includes ½ log |X'X|, so that it doesn't
    depend on how the moderators are coded.

    Raises:
        ValueError: shapes don't match, a number isn't finite, V isn't a covariance, X is singular, levels
            aren't nested or can't be told apart, or the first level has no more groups than coefficients.
    """
    y, v = np.asarray(y, float), np.asarray(sampling_covariance, float)
    x = np.ones((len(y), 1)) if moderators is None else np.asarray(moderators, float)
    groups = {name: np.unique(np.asarray(labels), return_inverse=True)[1] for name, labels in levels.items()}
    _check(y, v, x, groups, method)
    # Scaled to variances near 1, so that neither starts nor tolerances depend on the unit of the effects.
    scale = float(np.sqrt(np.var(y) + np.mean(np.diag(v))))
    model = _Model(
        y / scale,
        v / scale**2,
        x,
        [np.equal.outer(group, group).astype(float) for group in groups.values()],
        restricted=method == "REML",
    )
    sigma2 = _highest(model)
    state = model.at(sigma2)
    df = int(next(iter(groups.values())).max()) + 1 - x.shape[1]
    coefficients, se = scale * state.beta, scale * np.sqrt(np.diag(state.beta_covariance))
    half = -stdtrit(df, (1 - confidence) / 2) * se
    constant = (len(y) - (x.shape[1] if model.restricted else 0)) * (np.log(2 * np.pi) / 2 + np.log(scale))
    return Multilevel(
        coefficients=coefficients,
        se=se,
        low=coefficients - half,
        high=coefficients + half,
        p_values=2 * stdtr(df, -np.abs(coefficients) / se),
        df=df,
        variances={name: float(s * scale**2) for name, s in zip(groups, sigma2, strict=True)},
        log_likelihood=state.log_likelihood - constant,
        covariance=scale**2 * model.covariance(sigma2),
    )


@dataclass(frozen=True)
class _State:
    """Profile log likelihood (less its constant) at given variances, its score and expected information."""

    log_likelihood: float
    score: np.ndarray
    information: np.ndarray
    beta: np.ndarray
    beta_covariance: np.ndarray


@dataclass(frozen=True)
class _Model:
    y: np.ndarray
    v: np.ndarray
    x: np.ndarray
    same_group: list[np.ndarray]  # Z_l Z_l' of each level
    restricted: bool

    def covariance(self, sigma2: np.ndarray) -> np.ndarray:
        return self.v + sum(s * same for s, same in zip(sigma2, self.same_group, strict=True))

    def at(self, sigma2: np.ndarray) -> _State:
        factor = cho_factor(self.covariance(sigma2), lower=True)
        inverse = cho_solve(factor, np.eye(len(self.y)))
        weighted = inverse @ self.x
        beta_covariance = np.linalg.inv(self.x.T @ weighted)
        beta = beta_covariance @ (weighted.T @ self.y)
        pulled = inverse @ (self.y - self.x @ beta)
        projection = inverse - weighted @ beta_covariance @ weighted.T
        tracing = projection if self.restricted else inverse
        products = [tracing @ same for same in self.same_group]
        log_determinant = 2 * np.log(np.diag(factor[0])).sum()
        penalty = 0.0
        if self.restricted:
            penalty = -np.linalg.slogdet(beta_covariance)[1] - np.linalg.slogdet(self.x.T @ self.x)[1]
        return _State(
            log_likelihood=float(-(log_determinant + penalty + (self.y - self.x @ beta) @ pulled) / 2),
            score=np.array(
                [
                    (pulled @ same @ pulled - np.trace(product)) / 2
                    for same, product in zip(self.same_group, products, strict=True)
                ]
            ),
            information=np.array([[np.sum(a * b.T) / 2 for b in products] for a in products]),
            beta=beta,
            beta_covariance=beta_covariance,
        )


def _highest(model: _Model) -> np.ndarray:
    """Variances (scaled) at the highest likelihood: the best of several starts, then Fisher scoring."""

    def loss(sigma2: np.ndarray) -> tuple[float, np.ndarray]:
        state = model.at(sigma2)
        return -state.log_likelihood, -state.score

    fits = [
        minimize(
            loss,
            np.full(len(model.same_group), start),
            jac=True,
            method="L-BFGS-B",
            bounds=[(0, _LARGEST)] * len(model.same_group),
            options={"ftol": 1e-14, "gtol": 1e-9},
        )
        for start in _STARTS
    ]
    # Likelihoods that differ by rounding only are one: the first start decides, the same on every machine.
    lowest = min(fit.fun for fit in fits)
    return _polished(model, next(fit.x for fit in fits if fit.fun <= lowest + 1e-9))


def _polished(model: _Model, sigma2: np.ndarray) -> np.ndarray:
    state = model.at(sigma2)
    for _ in range(_SCORING_STEPS):
        free = (sigma2 > 0) | (state.score > 0)
        if not free.any():
            break
        step = np.zeros_like(sigma2)
        step[free] = np.linalg.lstsq(state.information[np.ix_(free, free)], state.score[free])[0]
        proposed = np.clip(sigma2 + step, 0, _LARGEST)
        after = model.at(proposed)
        if after.log_likelihood < state.log_likelihood - 1e-12:
            break
        moved = np.abs(proposed - sigma2).max()
        sigma2, state = proposed, after
        if moved < 1e-13:
            break
    return sigma2


def _check(y: np.ndarray, v: np.ndarray, x: np.ndarray, groups: dict[str, np.ndarray], method: str) -> None:
    n = len(y)
    if method not in {"ML", "REML"}:
        raise ValueError(f"method {method!r}: ML or REML")
    if y.ndim != 1 or v.shape != (n, n) or x.ndim != 2 or len(x) != n or not groups:
        raise ValueError("effects, sampling covariance, levels and moderators don't match")
    if any(group.shape != (n,) for group in groups.values()):
        raise ValueError("a level needs one group label for each effect")
    if not (np.isfinite(y).all() and np.isfinite(v).all() and np.isfinite(x).all()):
        raise ValueError("effects, covariances and moderators must be finite")
    try:
        factor_exists = np.allclose(v, v.T) and cho_factor(v) is not None
    except LinAlgError:
        factor_exists = False
    if not factor_exists:
        raise ValueError("the sampling covariance isn't symmetric and positive definite")
    if np.linalg.matrix_rank(x) < x.shape[1]:
        raise ValueError("the moderators are linearly dependent")
    counts = [int(group.max()) + 1 for group in groups.values()]
    if counts[0] <= x.shape[1]:
        raise ValueError(f"{counts[0]} groups of the first level; {x.shape[1]} coefficients need more")
    for wide, narrow in zip([None, *groups.values()], groups.values(), strict=False):
        if wide is None:
            continue
        pairs = len(np.unique(np.column_stack([wide, narrow]), axis=0))
        if pairs != int(narrow.max()) + 1:
            raise ValueError("a level isn't nested in the one before it")
        if pairs == int(wide.max()) + 1:
            raise ValueError("two levels have the same groups: their variances can't be told apart")
