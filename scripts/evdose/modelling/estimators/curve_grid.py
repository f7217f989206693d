"""Profile likelihoods of dose–response curves on one grid, of many response vectors at once.

Model: y ~ N(f(x), covariance + tau2 · [same study]). Once the shape of a curve (place, width, steepness) is
fixed, f is a coefficient times that shape, with or without a constant beside it. For every shape and every
tau2 of a grid the generalised least-squares projection is worked out once, from doses and covariance alone;
the log likelihood of any response is then a matrix product (profile likelihood: Pawitan 2001, *In All
Likelihood*, §3.4). The grid never looks at a response, so observed and simulated data meet the same one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from evdose.modelling.estimators.dose_contrasts import DOSE_DECIMALS, DoseContrasts, Rotation

# tau2 in units of the median sampling variance: none, then from negligible to all the scatter there is.
_TAU2 = np.r_[0.0, 0.1 * 2.5 ** np.arange(10)]
_CHUNK = 512  # response vectors at a time: keeps their coordinates in cache


class Fit(NamedTuple):
    """Best fits of B response vectors, each (B,): log likelihood, indices of tau2 and shape, coordinates."""

    log_likelihood: np.ndarray
    tau: np.ndarray
    shape: np.ndarray
    coordinate: np.ndarray
    of_constant: np.ndarray


class Family(NamedTuple):
    """A family of curves: ``shapes`` (S, levels) at the different doses; a shape of zeros is no curve.

    ``constant``: a free constant stands beside the shape. ``benefit``: the coefficient is not negative.
    """

    shapes: np.ndarray
    constant: bool = False
    benefit: bool = False


class _Axes(NamedTuple):
    """A family at each tau2, orthonormal under the inverse covariance.

    Products of ``shapes`` (tau2, S, levels) and ``constant`` (tau2, levels) with the weighted total of each
    dose are coordinates of a response, and these times the axes its curve. ``information`` (tau2, S): log
    determinant of that of the coefficients.
    """

    shapes: np.ndarray
    constant: np.ndarray
    information: np.ndarray
    benefit: bool


class _Sufficient(NamedTuple):
    """What B responses tell at each tau2: log likelihood of no effect (tau2, B), totals (tau2, B, levels)."""

    base: np.ndarray
    totals: np.ndarray


@dataclass(frozen=True)
class CurveGrid:
    """N arms with all that the likelihood needs at each tau2; made by :func:`curve_grid`.

    ``level`` (N,): which of the different doses an arm has; ``roots`` (tau2, N, N): lower Cholesky factors of
    the total covariance; ``totals`` (tau2, levels, N): their product with a response is the sum, weighted by
    the inverse covariance, at each dose.
    """

    tau2: np.ndarray
    level: np.ndarray
    rotation: Rotation
    roots: np.ndarray
    totals: np.ndarray
    axes: dict[str, _Axes]

    def log_likelihoods(self, y: np.ndarray, names: Sequence[str]) -> np.ndarray:
        """Highest log likelihood (families, B) of each row of ``y`` (B, N) over each family."""
        parts = []
        for part in _chunks(y):
            sufficient = self._sufficient(part)
            parts.append([_highest(sufficient, self.axes[name]) for name in names])
        return np.concatenate(parts, axis=1)

    def profile(self, y: np.ndarray, name: str) -> np.ndarray:
        """Log likelihood (B, S) of each row of ``y`` (B, N) at each shape, best over tau2."""
        return np.concatenate([_profile(self._sufficient(part), self.axes[name]) for part in _chunks(y)])

    def fit(self, y: np.ndarray, name: str, shapes: np.ndarray | None = None) -> Fit:
        """Best fit of each row of ``y`` (B, N) over the ``shapes`` of these indices, or all of them."""
        axes = self.axes[name]
        chosen = np.arange(axes.shapes.shape[1]) if shapes is None else np.asarray(shapes)
        parts = [_fit(self._sufficient(part), axes, chosen) for part in _chunks(y)]
        return Fit(*(np.concatenate(column) for column in zip(*parts, strict=True)))

    def restricted(self, y: np.ndarray, fit: Fit, name: str) -> np.ndarray:
        """Index of tau2 (B,) at the highest restricted likelihood of the fitted shapes (REML).

        Maximum likelihood takes the scatter about a fitted curve for all the scatter there is; with few
        studies data simulated from it would be too quiet.
        """
        axes, (base, totals) = self.axes[name], self._sufficient(y)
        chosen = axes.shapes[:, fit.shape]  # (tau2, B, levels)
        gain = _gain(np.einsum("tbd,tbd->tb", totals, chosen), axes.benefit)
        gain += _gain(np.einsum("tbd,td->tb", totals, axes.constant))
        return np.argmax(base + gain - 0.5 * axes.information[:, fit.shape], axis=0)

    def mean(self, fit: Fit, name: str) -> np.ndarray:
        """Fitted curves (B, N)."""
        axes = self.axes[name]
        curve = fit.coordinate[:, None] * axes.shapes[fit.tau, fit.shape]
        return (curve + fit.of_constant[:, None] * axes.constant[fit.tau])[:, self.level]

    def noise(self, tau: np.ndarray, normals: np.ndarray) -> np.ndarray:
        """Deviations (B, N) from standard normals (B, N); ``tau``: index of tau2, (B,) or (1,) for all."""
        tau = np.broadcast_to(tau, len(normals))
        out = np.empty_like(normals)
        for t in np.unique(tau):
            out[tau == t] = normals[tau == t] @ self.roots[t].T
        return out

    def _sufficient(self, y: np.ndarray) -> _Sufficient:
        variance = 1 + self.tau2[:, None] * self.rotation.spread
        log_det = self.rotation.log_determinant + np.log(variance).sum(axis=1)
        square = (1 / variance) @ np.square(y @ self.rotation.matrix.T).T
        count, levels, n = self.totals.shape
        totals = (y @ self.totals.reshape(-1, n).T).reshape(-1, count, levels).transpose(1, 0, 2)
        return _Sufficient(-0.5 * (n * np.log(2 * np.pi) + log_det[:, None] + square), totals.copy())


def curve_grid(contrasts: DoseContrasts, families: dict[str, Family]) -> CurveGrid:
    """Project on all ``families`` of curves over the levels of ``contrasts``, whose effects don't matter."""
    tau2 = _TAU2 * np.median(np.diagonal(contrasts.covariance))
    roots = np.linalg.cholesky(contrasts.covariance + tau2[:, None, None] * contrasts.same_study)
    inverses = np.linalg.inv(roots)
    level = np.searchsorted(contrasts.levels, contrasts.x.round(DOSE_DECIMALS))
    at_level = np.arange(len(contrasts.levels))[:, None] == level
    totals = at_level @ inverses.transpose(0, 2, 1) @ inverses
    weights = totals @ at_level.T  # (tau2, levels, levels): information on the effect at each dose
    axes = {name: _orthonormal(family, weights) for name, family in families.items()}
    return CurveGrid(tau2, level, contrasts.rotation, roots, totals, axes)


def _orthonormal(family: Family, weights: np.ndarray) -> _Axes:
    size = weights.sum(axis=(1, 2))  # information on a constant
    constant = np.full(weights.shape[:2], float(family.constant)) / np.sqrt(size)[:, None]
    on_constant = family.shapes @ (weights @ constant[..., None])  # (tau2, S, 1)
    shapes = family.shapes - on_constant * constant[:, None]
    square = np.einsum("tsd,tsd->ts", shapes @ weights, shapes)
    square = np.where(family.shapes.any(axis=1), square, 1.0)  # no curve: nothing to scale
    information = np.log(square) + family.constant * np.log(size)[:, None]
    return _Axes(shapes / np.sqrt(square)[..., None], constant, information, family.benefit)


def _coordinates(totals: np.ndarray, axes: _Axes, t: int) -> tuple[np.ndarray, np.ndarray]:
    """Coordinates (B, S) on the shapes at one tau2, and the gain (B,) from the constant."""
    return totals @ axes.shapes[t].T, _gain(totals @ axes.constant[t])


def _highest(sufficient: _Sufficient, axes: _Axes) -> np.ndarray:
    best = np.full(sufficient.base.shape[1], -np.inf)
    for t, (base, totals) in enumerate(zip(*sufficient, strict=True)):
        coordinates, of_constant = _coordinates(totals, axes, t)
        # The largest coordinate first, then its square: a pass fewer over all shapes.
        lowest = 0.0 if axes.benefit else coordinates.min(axis=1)
        gain = _gain(np.maximum(coordinates.max(axis=1), -lowest), axes.benefit)
        np.maximum(best, base + of_constant + gain, out=best)
    return best


def _profile(sufficient: _Sufficient, axes: _Axes) -> np.ndarray:
    best = np.full((sufficient.base.shape[1], axes.shapes.shape[1]), -np.inf)
    for t, (base, totals) in enumerate(zip(*sufficient, strict=True)):
        coordinates, of_constant = _coordinates(totals, axes, t)
        np.maximum(best, _gain(coordinates, axes.benefit) + (base + of_constant)[:, None], out=best)
    return best


def _fit(sufficient: _Sufficient, axes: _Axes, shapes: np.ndarray) -> Fit:
    axes = axes._replace(shapes=axes.shapes[:, shapes])
    size = sufficient.base.shape[1]
    each = np.arange(size)
    best = Fit(np.full(size, -np.inf), *np.zeros((2, size), int), *np.zeros((2, size)))
    for t, (base, totals) in enumerate(zip(*sufficient, strict=True)):
        coordinates, of_constant = _coordinates(totals, axes, t)
        gain = _gain(coordinates, axes.benefit)
        at = gain.argmax(axis=1)
        height = base + of_constant + gain[each, at]
        constant = totals @ axes.constant[t]
        here = Fit(height, np.full(size, t), shapes[at], coordinates[each, at], constant)
        better = height > best.log_likelihood
        best = Fit(*(np.where(better, new, old) for new, old in zip(here, best, strict=True)))
    return best._replace(coordinate=np.maximum(best.coordinate, 0.0)) if axes.benefit else best


def _gain(coordinates: np.ndarray, benefit: bool = False) -> np.ndarray:
    """Gain in log likelihood over no effect."""
    return 0.5 * np.square(np.maximum(coordinates, 0.0) if benefit else coordinates)


def _chunks(y: np.ndarray) -> list[np.ndarray]:
    return [y[start : start + _CHUNK] for start in range(0, len(y), _CHUNK)]
