"""Dose–response shapes on the natural dose scale, dose zero among the doses, and their fit to dose means.

Shapes, bounds and names of the parameters follow Bornkamp, Pinheiro and Bretz (2009, J Stat Softw 29:7) and
their package DoseFinding. A mean is e0 plus one or two linear coefficients times columns of the dose; at most
two parameters are not linear.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import expit, xlogy

Columns = tuple[np.ndarray, ...]
_OFFSET = 0.01  # of the largest dose, added to the dose before its logarithm is taken
_BETA_SCALE = 1.2  # of the largest dose: where the beta shape is back at zero
_BISECTIONS = 60


@dataclass(frozen=True)
class Shape:
    """A family of curves: e0 + sum of linear coefficients × columns.

    ``columns(dose, theta, largest)``: the columns; ``dose`` and each element of ``theta`` broadcast.
    ``slopes``: derivatives of the (then only) column by theta, in the same form. ``bounds``: lower and upper
    end of each element of theta; those that ``scaled`` marks are shares of the largest dose.
    """

    name: str
    linear: tuple[str, ...]
    nonlinear: tuple[str, ...]
    columns: Callable[[np.ndarray, Sequence, float], Columns]
    slopes: Callable[[np.ndarray, Sequence, float], Columns] = lambda dose, theta, largest: ()
    bounds: tuple[tuple[float, float], ...] = ()
    scaled: tuple[bool, ...] = ()

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names of the parameters: intercept, linear, not linear."""
        return ("e0", *self.linear, *self.nonlinear)

    def default_bounds(self, largest: float) -> np.ndarray:
        """(p, 2) bounds of the parameters that aren't linear, in the unit of the doses."""
        unit = np.where(self.scaled, largest, 1.0)
        return np.reshape(self.bounds, (-1, 2)) * unit[:, None]

    def effect(self, dose: np.ndarray, linear: Sequence, theta: Sequence, largest: float) -> np.ndarray:
        """Difference from dose zero."""
        dose = np.asarray(dose, float)
        here, zero = self.columns(dose, theta, largest), self.columns(np.zeros_like(dose), theta, largest)
        return sum(b * (column - at_zero) for b, column, at_zero in zip(linear, here, zero, strict=True))

    def dose_of_largest_effect(self, linear: Sequence, theta: Sequence, largest: float) -> np.ndarray:
        """Dose up to ``largest`` with the largest effect; not a number where no dose has one above zero."""
        peak = np.full(np.broadcast_shapes(*(np.shape(value) for value in (*linear, *theta))), largest)
        if self.name == "quadratic":
            falls = np.asarray(linear[1]) < 0
            peak = np.where(falls, -np.asarray(linear[0]) / np.where(falls, 2 * linear[1], 1.0), largest)
        elif self.name == "beta":
            peak = _BETA_SCALE * largest * theta[0] / (theta[0] + theta[1])
        peak = np.clip(peak, 0.0, largest)
        return np.where(self.effect(peak, linear, theta, largest) > 0, peak, np.nan)

    def smallest_dose(
        self, effect: np.ndarray, linear: Sequence, theta: Sequence, largest: float
    ) -> np.ndarray:
        """Smallest dose up to ``largest`` with this effect over dose zero; not a number where none has it."""
        high = self.dose_of_largest_effect(linear, theta, largest)
        reached = self.effect(high, linear, theta, largest) >= effect
        low = np.zeros_like(high)
        for _ in range(_BISECTIONS):
            middle = (low + high) / 2
            enough = self.effect(middle, linear, theta, largest) >= effect
            low, high = np.where(enough, low, middle), np.where(enough, middle, high)
        return np.where(reached, high, np.nan)

    def effective_dose(self, share: float, linear: Sequence, theta: Sequence, largest: float) -> np.ndarray:
        """Smallest dose with this share of the largest effect among doses up to ``largest``.

        For Emax and share ½ that isn't the parameter ED50, which refers to an infinite dose.
        """
        best = self.dose_of_largest_effect(linear, theta, largest)
        return self.smallest_dose(share * self.effect(best, linear, theta, largest), linear, theta, largest)


def _quadratic(dose: np.ndarray, theta: Sequence, largest: float) -> Columns:
    return dose, dose**2


def _emax(dose: np.ndarray, theta: Sequence, largest: float) -> Columns:
    return (dose / (theta[0] + dose),)


def _emax_slopes(dose: np.ndarray, theta: Sequence, largest: float) -> Columns:
    return (-dose / (theta[0] + dose) ** 2,)


def _exponential(dose: np.ndarray, theta: Sequence, largest: float) -> Columns:
    return (np.expm1(dose / theta[0]),)


def _exponential_slopes(dose: np.ndarray, theta: Sequence, largest: float) -> Columns:
    return (-np.exp(dose / theta[0]) * dose / theta[0] ** 2,)


def _logistic(dose: np.ndarray, theta: Sequence, largest: float) -> Columns:
    return (expit((dose - theta[0]) / theta[1]),)


def _logistic_slopes(dose: np.ndarray, theta: Sequence, largest: float) -> Columns:
    ed50, delta = theta
    rise = expit((dose - ed50) / delta) * expit((ed50 - dose) / delta) / delta
    return -rise, -rise * (dose - ed50) / delta


def _sigmoid_emax(dose: np.ndarray, theta: Sequence, largest: float) -> Columns:
    ed50, hill = theta
    return (expit(hill * _log(dose / ed50)),)


def _sigmoid_emax_slopes(dose: np.ndarray, theta: Sequence, largest: float) -> Columns:
    ed50, hill = theta
    log = _log(dose / ed50)
    rise = expit(hill * log) * expit(-hill * log)
    return -rise * hill / ed50, rise * np.maximum(log, -1e300)


def _beta(dose: np.ndarray, theta: Sequence, largest: float) -> Columns:
    first, second = theta
    share = dose / (_BETA_SCALE * largest)
    log = xlogy(first + second, first + second) - xlogy(first, first) - xlogy(second, second)
    return (np.exp(log + first * _log(share) + second * _log(1 - share)),)


def _beta_slopes(dose: np.ndarray, theta: Sequence, largest: float) -> Columns:
    first, second = theta
    share, (column,) = dose / (_BETA_SCALE * largest), _beta(dose, theta, largest)
    return tuple(
        column * (np.log((first + second) / own) + np.maximum(_log(at), -1e300))
        for own, at in ((first, share), (second, 1 - share))
    )


def _log(values: np.ndarray) -> np.ndarray:
    """Logarithm with -inf at zero, without a warning."""
    return np.log(values, out=np.full(np.shape(values), -np.inf), where=np.asarray(values) > 0)


SHAPES = {
    shape.name: shape
    for shape in (
        Shape("linear", ("delta",), (), lambda dose, theta, largest: (dose,)),
        Shape("linear_log", ("delta",), (), lambda dose, theta, largest: (np.log(dose + _OFFSET * largest),)),
        Shape("quadratic", ("b1", "b2"), (), _quadratic),
        Shape("emax", ("eMax",), ("ed50",), _emax, _emax_slopes, ((0.001, 1.5),), (True,)),
        Shape("exponential", ("e1",), ("delta",), _exponential, _exponential_slopes, ((0.1, 2),), (True,)),
        Shape(
            "logistic",
            ("eMax",),
            ("ed50", "delta"),
            _logistic,
            _logistic_slopes,
            ((0.001, 1.5), (0.01, 0.5)),
            (True, True),
        ),
        Shape(
            "sigmoid_emax",
            ("eMax",),
            ("ed50", "h"),
            _sigmoid_emax,
            _sigmoid_emax_slopes,
            ((0.001, 1.5), (0.5, 10)),
            (True, False),
        ),
        Shape(
            "beta",
            ("eMax",),
            ("delta1", "delta2"),
            _beta,
            _beta_slopes,
            ((0.05, 4), (0.05, 4)),
            (False, False),
        ),
    )
}


def guesses(shape: str, **given: float) -> tuple[float, ...]:
    """Guesses of the form of a shape, in its own parameters, from what a trialist would say of it.

    All doses are shares of the largest. ``peak``: dose with the largest effect; ``steepness`` of the beta
    shape: the power of the dose with which it rises from zero.

    Raises:
        ValueError: a peak that the shape can't have.
    """
    if "peak" not in given:
        return tuple(given[name] for name in _SAID[shape])
    peak = given["peak"]
    if not 0 < peak < _BETA_SCALE:
        raise ValueError(f"a peak between 0 and the largest dose, not {peak}")
    if shape == "quadratic":
        return (-1 / (2 * peak),)
    return given["steepness"], given["steepness"] * (_BETA_SCALE / peak - 1)


_SAID = {
    "linear": (),
    "linear_log": (),
    "emax": ("ed50",),
    "sigmoid_emax": ("ed50", "hill"),
    "exponential": ("delta",),
    "logistic": ("ed50", "delta"),
}
