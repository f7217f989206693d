"""Candidate shapes of a dose–response curve over x = log10 dose, each linear in some of its coefficients.

========= ========================================== ============================================
shape     f(x)                                        bounds, over observed doses from a to b
========= ========================================== ============================================
flat      b0
linear    b0 + b1 (x − c)
emax      E / (1 + 10^(x50 − x))                      a − 2 <= x50 <= b + 1
quadratic b0 + b1 (x − c) + b2 (x − c)²
peak      A exp(−(x − mu)² / (2 s²))                  a <= mu <= b, (b − a)/20 <= s <= 2 (b − a)
========= ========================================== ============================================

c is the mean of the observed doses: a change of the dose unit moves c, x50 and mu and nothing else. Emax is
zero at dose zero. At x50 = a − 2 every observed dose has at least 99 % of E; at b + 1 at most 10 %.
A peak outside the observed doses is no peak that these data could show. (Emax and quadratic: Bornkamp et al.
2009, J Stat Softw 29(7); the Gaussian peak is a quadratic on the log scale of the effect.)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

_LN10 = np.log(10)


@dataclass(frozen=True)
class Shape:
    """One shape: names of its linear and of its nonlinear coefficients, and functions of doses x (N,).

    ``columns(x - c or x, theta)`` (N, linear): f is these columns times the linear coefficients;
    ``by_theta(x, theta)`` (N, nonlinear): derivative of the one column by each nonlinear coefficient;
    ``bounds(x)`` (nonlinear, 2). Shapes with nonlinear coefficients have one column.
    """

    name: str
    linear: tuple[str, ...]
    nonlinear: tuple[str, ...]
    columns: Callable[[np.ndarray, np.ndarray], np.ndarray]
    by_theta: Callable[[np.ndarray, np.ndarray], np.ndarray]
    bounds: Callable[[np.ndarray], np.ndarray]

    @property
    def parameters(self) -> int:
        """Number of parameters of a model with this shape, the heterogeneity variance among them."""
        return len(self.linear) + len(self.nonlinear) + 1

    @property
    def centred(self) -> bool:
        """Whether doses are taken from their mean c."""
        return not self.nonlinear


def _polynomial(name: str, degree: int) -> Shape:
    return Shape(
        name,
        linear=tuple(f"b{power}" for power in range(degree + 1)),
        nonlinear=(),
        columns=lambda x, theta: np.vander(x, degree + 1, increasing=True),
        by_theta=lambda x, theta: np.zeros((len(x), 0)),
        bounds=lambda x: np.zeros((0, 2)),
    )


def _emax(x: np.ndarray, theta: np.ndarray) -> np.ndarray:
    return expit(_LN10 * (x - theta[0]))[:, None]


def _emax_by_theta(x: np.ndarray, theta: np.ndarray) -> np.ndarray:
    share = _emax(x, theta)
    return -_LN10 * share * (1 - share)


def _peak(x: np.ndarray, theta: np.ndarray) -> np.ndarray:
    return np.exp(-(((x - theta[0]) / theta[1]) ** 2) / 2)[:, None]


def _peak_by_theta(x: np.ndarray, theta: np.ndarray) -> np.ndarray:
    z = ((x - theta[0]) / theta[1])[:, None]
    return _peak(x, theta) * np.hstack([z, z**2]) / theta[1]


def _emax_bounds(x: np.ndarray) -> np.ndarray:
    return np.array([[x.min() - 2, x.max() + 1]])


def _peak_bounds(x: np.ndarray) -> np.ndarray:
    width = np.ptp(x)
    return np.array([[x.min(), x.max()], [width / 20, 2 * width]])


SHAPES = {
    shape.name: shape
    for shape in (
        _polynomial("flat", 0),
        _polynomial("linear", 1),
        Shape("emax", ("E",), ("x50",), _emax, _emax_by_theta, _emax_bounds),
        _polynomial("quadratic", 2),
        Shape("peak", ("A",), ("mu", "s"), _peak, _peak_by_theta, _peak_bounds),
    )
}
