"""Distribution of the largest of several correlated normal or t statistics, to near machine precision.

The largest of T = Z / S, with Z normal (its correlation singular where statistics are linear combinations
of others) and S² an independent chi-squared over its degrees of freedom. The density of the largest Z at x is
the sum over i of φ(x) P(all others <= x | Z_i = x) (Plackett 1954, Biometrika 41:351). Each conditional
probability is of the same kind with one dimension less, and its bounds are again proportional to x; so the
probabilities of all faces (sets of statistics that equal x) follow from smaller faces by integrals over x
alone. No sampling.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
from numpy.polynomial import legendre
from scipy.optimize import brentq
from scipy.special import gammainccinv, gammaincinv, ndtr

_NODES = 16
# Panels double in width, so that bounds of any steepness meet panels that resolve them.
_EDGES = np.r_[0.0, 2.0 ** np.arange(-16, 0), 2.0 ** np.arange(0, 4, 0.5), 2.0 ** np.arange(4, 48)]
_HALF, _LEFT = np.diff(_EDGES)[:, None] / 2, _EDGES[:-1, None]
_T, _WEIGHT = legendre.leggauss(_NODES)
_X = _LEFT + _HALF * (1 + _T)
_COEFFICIENTS = np.linalg.inv(legendre.legvander(_T, _NODES - 1))
_FROM_RIGHT = [legendre.legval(_T, c) for c in legendre.legint(np.eye(_NODES), lbnd=1).T]
_TO_RIGHT = -np.stack(_FROM_RIGHT, axis=1) @ _COEFFICIENTS

# Bounds move by this share, each by its own, so that no face touches another by coincidence.
_APART = 1e-11
_FLAT = 1e-6  # conditional standard deviation below which a statistic is a combination of others
_MOST = 12
_SCORES = np.linspace(-8.5, 8.5, 103)


class LargestOf:
    """The largest of k statistics with a joint t distribution (``df``; infinite: normal), means 0, scales 1.

    ``correlation``: (k, k), positive semi-definite, may be singular. Probabilities are right to 1e-9.

    Raises:
        ValueError: not a correlation matrix, more than 12 statistics, degrees of freedom below 1.
    """

    def __init__(self, correlation: np.ndarray, df: float = np.inf):
        correlation = np.atleast_2d(np.asarray(correlation, float))
        k = len(correlation)
        if (
            correlation.shape != (k, k)
            or not np.allclose(correlation, correlation.T, atol=1e-9)
            or not np.allclose(np.diag(correlation), 1, atol=1e-9)
            or np.linalg.eigvalsh(correlation)[0] < -1e-8
        ):
            raise ValueError(
                "a correlation matrix is symmetric, with ones on its diagonal and no negative variance"
            )
        if k > _MOST:
            raise ValueError(f"{k} statistics; at most {_MOST}")
        if not df >= 1:
            raise ValueError(f"degrees of freedom from 1, not {df}")
        self._correlation = correlation
        self._scale, self._weight = _scales(df)

    @cached_property
    def _above(self) -> np.ndarray:
        return _tail_of_largest(self._correlation, 1.0)

    @cached_property
    def _below(self) -> np.ndarray:
        return _tail_of_largest(self._correlation, -1.0)

    def exceeds(self, bound: float) -> float:
        """P(at least one statistic > ``bound``), with relative accuracy in the upper tail."""
        if bound >= 0:
            return float(self._weight @ _at(self._above, bound * self._scale))
        return 1.0 - float(self._weight @ _at(self._below, -bound * self._scale))

    def all_below(self, bound: float) -> float:
        """P(all statistics <= ``bound``)."""
        return 1.0 - self.exceeds(bound)

    def critical_value(self, alpha: float) -> float:
        """One-sided equicoordinate critical value: some statistic exceeds it with chance ``alpha``."""
        if not 0 < alpha < 0.5:
            raise ValueError(f"alpha between 0 and 0.5, not {alpha}")
        upper = 2.0
        while self.exceeds(upper) > alpha:
            upper *= 2
        return float(brentq(lambda bound: self.exceeds(bound) - alpha, 0.0, upper, xtol=1e-12, rtol=1e-12))


def _tail_of_largest(correlation: np.ndarray, side: float) -> np.ndarray:
    """P(largest > x) for ``side`` 1, P(all <= -x) for ``side`` -1: Legendre coefficients on each panel."""
    k = len(correlation)
    values, axes = np.linalg.eigh(correlation)
    loadings = axes * np.sqrt(np.maximum(values, 0.0))
    bounds = side * (1 + _APART * np.modf(np.exp(np.arange(1, k + 1)))[0])
    faces: dict[frozenset, np.ndarray | float] = {}

    def probability(equal: frozenset, loadings: np.ndarray, bounds: np.ndarray) -> np.ndarray | float:
        """P(all others <= their bounds x | those in ``equal`` are at theirs), at the grid's x.

        ``loadings`` and ``bounds``: what is left of them, given those in ``equal``.
        """
        length = np.linalg.norm(loadings, axis=1)
        rest = [j for j in range(k) if j not in equal]
        if any(length[j] <= _FLAT and bounds[j] < 0 for j in rest):
            return 0.0
        free = [j for j in rest if length[j] > _FLAT]
        density = np.zeros_like(_X)
        for j in free:
            axis, slope = loadings[j] / length[j], bounds[j] / length[j]
            face = equal | {j}
            if face not in faces:
                along = loadings @ axis
                faces[face] = probability(face, loadings - np.outer(along, axis), bounds - along * slope)
            density += slope * _normal_density(slope * _X) * faces[face]
        everywhere = all(bounds[j] > 0 for j in free) and bool(equal)
        return float(everywhere) - _tail_integral(density)

    # With none at its bound: minus the tail of the largest, on the side asked for.
    return -side * probability(frozenset(), loadings, bounds) @ _COEFFICIENTS.T


def _normal_density(z: np.ndarray) -> np.ndarray:
    return np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi)


def _tail_integral(density: np.ndarray) -> np.ndarray:
    """Integral of a function, given at the grid's x, from each x to infinity."""
    panels = _HALF[:, 0] * (density @ _WEIGHT)
    beyond = np.r_[np.cumsum(panels[::-1])[::-1][1:], 0.0]
    return _HALF * (density @ _TO_RIGHT.T) + beyond[:, None]


def _at(coefficients: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Value at ``x`` >= 0 of a function given by its Legendre coefficients on each panel."""
    panel = np.clip(np.searchsorted(_EDGES, x, side="right") - 1, 0, len(_HALF) - 1)
    t = (x - _LEFT[panel, 0]) / _HALF[panel, 0] - 1
    return legendre.legval(t, coefficients[panel].T, tensor=False)


def _scales(df: float) -> tuple[np.ndarray, np.ndarray]:
    """Nodes and weights of the distribution of S: trapezoid rule over its normal score."""
    if np.isinf(df):
        return np.ones(1), np.ones(1)
    half = df / 2
    lower = gammaincinv(half, ndtr(np.minimum(_SCORES, 0)))
    upper = gammainccinv(half, ndtr(-np.maximum(_SCORES, 0)))
    weight = _normal_density(_SCORES)
    return np.sqrt(np.where(_SCORES < 0, lower, upper) / half), weight / weight.sum()
