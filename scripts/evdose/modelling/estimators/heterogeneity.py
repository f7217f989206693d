"""Heterogeneity variance τ² of effects about a regression: estimators, their standard errors, interval.

Model: y = X b + u + e with u ~ N(0, τ²) and e ~ N(0, v), independent; weights W = 1 / (v + τ²). With
P = W - W X (X' W X)⁻¹ X' W, every estimator here is a matter of y'Py, y'PPy, tr P and tr PP.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.optimize import brentq
from scipy.special import chdtri

_COLLINEAR = 1e-10  # smallest against largest singular value, columns at unit length
_PER_DECADE = 10
# Below this share of the smallest variance τ² hardly changes a weight: the score has no roots to miss there.
_NEGLIGIBLE = 1e-3
_TOLERANCE = 1e-14


@dataclass(frozen=True)
class WeightedFit:
    """Weighted least squares at one τ² or at several (leading axis); all but ``r`` on the scale of √W."""

    weight: np.ndarray  # (..., k)
    residual: np.ndarray  # (..., k) √W (y - X b)
    q: np.ndarray  # (..., k, p) orthonormal basis of √W X
    r: np.ndarray  # (..., p, p) √W X = q r
    projection: np.ndarray  # (..., p) q' √W y

    @property
    def sum_of_squares(self) -> np.ndarray:
        """y'Py: the generalised Q statistic."""
        return np.sum(self.residual**2, axis=-1)

    @property
    def sum_of_squared_slopes(self) -> np.ndarray:
        """y'PPy."""
        return np.sum(self.weight * self.residual**2, axis=-1)

    @property
    def trace(self) -> np.ndarray:
        """tr P."""
        return np.sum(self.weight * (1 - np.sum(self.q**2, axis=-1)), axis=-1)

    @property
    def trace_of_square(self) -> np.ndarray:
        """tr PP."""
        leverage = np.sum(self.q**2, axis=-1)
        inner = np.swapaxes(self.q, -1, -2) @ (self.weight[..., None] * self.q)
        return np.sum(self.weight**2 * (1 - 2 * leverage), axis=-1) + np.sum(inner**2, axis=(-2, -1))

    @property
    def log_determinant(self) -> np.ndarray:
        """log |X' W X|."""
        return 2 * np.sum(np.log(np.abs(np.diagonal(self.r, axis1=-2, axis2=-1))), axis=-1)


@dataclass(frozen=True)
class Effects:
    """Effects ``y`` (k,) with variances ``v`` (k,) and design ``x`` (k, p); made by :func:`checked`."""

    y: np.ndarray
    v: np.ndarray
    x: np.ndarray

    @property
    def df(self) -> int:
        """Degrees of freedom of the residuals, k - p."""
        return self.x.shape[0] - self.x.shape[1]

    @cached_property
    def least_squares(self) -> np.ndarray:
        """Unweighted coefficients: fits work on y less these, so that a high common level costs no digits."""
        return np.linalg.lstsq(self.x, self.y, rcond=None)[0]

    @cached_property
    def centred(self) -> np.ndarray:
        """Unweighted residuals of y."""
        return self.y - self.x @ self.least_squares

    @cached_property
    def without_heterogeneity(self) -> WeightedFit:
        """The fit at τ² = 0."""
        return self.at(0.0)

    def at(self, tau2: float | np.ndarray) -> WeightedFit:
        """Weighted least squares of the centred effects at ``tau2``."""
        weight = 1 / (self.v + np.asarray(tau2, float)[..., None])
        root = np.sqrt(weight)
        q, r = np.linalg.qr(root[..., None] * self.x)
        y = root * self.centred
        projection = np.swapaxes(q, -1, -2) @ y[..., None]
        return WeightedFit(weight, y - (q @ projection)[..., 0], q, r, projection[..., 0])

    def moments(self) -> float:
        """Method-of-moments τ² before truncation; negative where effects agree more than by chance."""
        fit = self.without_heterogeneity
        return float((fit.sum_of_squares - self.df) / fit.trace)

    def typical_variance(self) -> float:
        """Of the effects: (k - p) / tr P at τ² = 0 (Higgins and Thompson 2002, generalised to any design)."""
        return float(self.df / self.without_heterogeneity.trace)


def checked(y: np.ndarray, v: np.ndarray, x: np.ndarray) -> Effects:
    """Effects (k,), variances (k,) and design (k, p) as arrays.

    Raises:
        ValueError: shapes that don't match; a number that isn't finite; a variance that isn't positive; fewer
            than p + 1 effects; collinear columns.
    """
    y, v, x = np.asarray(y, float), np.asarray(v, float), np.asarray(x, float)
    if y.ndim != 1 or v.shape != y.shape or x.ndim != 2 or x.shape[0] != len(y) or x.shape[1] == 0:
        raise ValueError(f"effects {y.shape}, variances {v.shape} and design {x.shape} don't match")
    if not (np.isfinite(y).all() and np.isfinite(x).all()):
        raise ValueError("an effect or a column of the design isn't finite")
    with np.errstate(divide="ignore", over="ignore"):
        if not ((v > 0) & np.isfinite(v) & np.isfinite(1 / v**2)).all():
            raise ValueError("each effect needs a positive, finite variance")
    p = x.shape[1]
    if len(y) <= p:
        raise ValueError(f"{p} coefficient(s) and τ² need at least {p + 1} effects; there are {len(y)}")
    length = np.linalg.norm(x, axis=0)
    if (length == 0).any() or _smallest_singular_share(x / length) < _COLLINEAR:
        raise ValueError("collinear design: a column is a linear combination of the others")
    return Effects(y, v, x)


def i_squared(tau2: float, typical_variance: float) -> float:
    """Percentage of the variance of an effect of typical precision that is heterogeneity."""
    return 100 * tau2 / (tau2 + typical_variance)


def q_profile(effects: Effects, confidence: float) -> tuple[float, float]:
    """Interval of τ²: where y'Py lies between its chi-squared quantiles, k - p df (Viechtbauer 2007)."""
    tail = (1 - confidence) / 2
    return _tau2_at_q(effects, chdtri(effects.df, tail)), _tau2_at_q(effects, chdtri(effects.df, 1 - tail))


def log_likelihood(effects: Effects, tau2: float | np.ndarray, restricted: bool) -> np.ndarray:
    """Log likelihood of τ² at the best b; restricted: of the error contrasts (Harville 1977), with
    0.5 log |X'X|, so that it doesn't depend on how the columns of X are scaled."""
    fit = effects.at(tau2)
    k, p = effects.x.shape
    height = np.log(fit.weight).sum(axis=-1) - fit.sum_of_squares
    if not restricted:
        return (height - k * np.log(2 * np.pi)) / 2
    scale = np.linalg.slogdet(effects.x.T @ effects.x)[1]
    return (height - fit.log_determinant + scale - (k - p) * np.log(2 * np.pi)) / 2


def _smallest_singular_share(x: np.ndarray) -> float:
    if x.shape[1] == 1:
        return 1.0
    singular = np.linalg.svd(x, compute_uv=False)
    return singular[-1] / singular[0]


def _common_effect(effects: Effects) -> tuple[float, float]:
    """No heterogeneity."""
    return 0.0, np.nan


def _dersimonian_laird(effects: Effects) -> tuple[float, float]:
    """Method of moments, not below 0 (DerSimonian and Laird 1986); se of the untruncated estimate."""
    tau2, fit = max(0.0, effects.moments()), effects.without_heterogeneity
    variance = 2 * effects.df + 4 * tau2 * fit.trace + 2 * tau2**2 * fit.trace_of_square
    return tau2, float(np.sqrt(variance) / fit.trace)


def _paule_mandel(effects: Effects) -> tuple[float, float]:
    """τ² at which y'Py equals its expectation k - p (Paule and Mandel 1982).

    The empirical Bayes estimator has the same root; se as given for it (Morris 1983; Berkey et al. 1995).
    """
    tau2, k = _tau2_at_q(effects, effects.df), len(effects.y)
    return tau2, float(np.sqrt(2 * k**2 / effects.df) / effects.at(tau2).weight.sum())


def _maximum_likelihood(effects: Effects) -> tuple[float, float]:
    """Highest likelihood; se from the expected information."""
    tau2 = _highest(effects, restricted=False)
    return tau2, float(np.sqrt(2 / np.sum(effects.at(tau2).weight ** 2)))


def _restricted_maximum_likelihood(effects: Effects) -> tuple[float, float]:
    """Highest restricted likelihood; se from the expected information."""
    tau2 = _highest(effects, restricted=True)
    return tau2, float(np.sqrt(2 / effects.at(tau2).trace_of_square))


def _tau2_at_q(effects: Effects, target: float) -> float:
    """τ² at which y'Py, which falls as τ² rises, equals ``target``; 0 where it starts below."""
    if effects.without_heterogeneity.sum_of_squares <= target:
        return 0.0
    upper = np.sum(effects.centred**2) / target  # y'Py < sum of squares / τ²
    return _root(lambda tau2: effects.at(tau2).sum_of_squares - target, 0.0, upper)


def _highest(effects: Effects, restricted: bool) -> float:
    """τ² at the highest of all local maxima of the (restricted) likelihood, among them the boundary at 0.

    Maxima are where the score falls through 0, looked for up to a τ² above which it is negative:
    y'PPy <= S / τ⁴, S the unweighted residual sum of squares, and the trace >= (k - p) / (τ² + largest v).
    """

    def score(tau2: float | np.ndarray) -> np.ndarray:
        fit = effects.at(tau2)
        return fit.sum_of_squared_slopes - (fit.trace if restricted else fit.weight.sum(axis=-1))

    mean_square = np.sum(effects.centred**2) / effects.df
    upper = 1.01 * (mean_square + np.sqrt(mean_square**2 + 4 * mean_square * effects.v.max())) / 2
    lower = min(_NEGLIGIBLE * effects.v.min(), upper / 10)
    if lower == 0:  # the effects lie on the regression
        return 0.0
    grid = np.r_[0.0, np.geomspace(lower, upper, int(_PER_DECADE * np.log10(upper / lower)) + 2)]
    rising = score(grid) > 0
    peaks = [0.0] if not rising[0] else []
    peaks += [_root(score, *grid[i : i + 2]) for i in np.flatnonzero(rising[:-1] & ~rising[1:])]
    if len(peaks) == 1:
        return peaks[0]
    return peaks[int(np.argmax(log_likelihood(effects, np.array(peaks), restricted)))]


def _root(function: Callable[[float], float], low: float, high: float) -> float:
    return float(brentq(function, low, high, xtol=_TOLERANCE * high, rtol=_TOLERANCE))


HETEROGENEITY = {
    "EE": _common_effect,
    "DL": _dersimonian_laird,
    "PM": _paule_mandel,
    "ML": _maximum_likelihood,
    "REML": _restricted_maximum_likelihood,
}
