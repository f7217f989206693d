"""Dose–response curves by maximum likelihood, compared by AICc and averaged.

Model: y ~ Normal(f(x), covariance + τ² · same study). All candidates are fitted to the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.ndimage import maximum_filter
from scipy.optimize import minimize
from scipy.special import ndtri, stdtr, stdtrit

from evdose.modelling.estimators.dose_contrasts import DoseContrasts
from evdose.modelling.estimators.dose_shapes import SHAPES, Shape

_STARTS = 4  # highest local maxima of the grid, each climbed
_TAU2 = np.r_[0.0, np.geomspace(0.03, 300, 13)]  # in units of the median sampling variance
_GRID_POINTS = {1: (41,), 2: (25, 13)}  # by number of nonlinear coefficients, evenly between the bounds
_AT_BOUND = 1e-6  # of the distance between the bounds


@dataclass(frozen=True)
class ShapeFit:
    """A fitted candidate.

    ``coefficients`` (q,) linear, then nonlinear, named by ``names``; ``centre`` c of the doses (0 where the
    shape isn't centred); ``covariance`` (q, q) of the coefficients, zero for one that sits at its bound;
    ``df`` degrees of freedom, studies less q; ``at_bound`` what sits at a bound, as 'x50 at its lower bound'.
    """

    shape: Shape
    coefficients: np.ndarray
    centre: float
    tau2: float
    log_likelihood: float
    aicc: float
    covariance: np.ndarray
    identified: np.ndarray
    df: int
    at_bound: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the coefficients."""
        return self.shape.linear + self.shape.nonlinear

    def curve(self, x: np.ndarray) -> np.ndarray:
        """Effect (M,) at log10 doses ``x`` (M,)."""
        linear, theta = np.split(self.coefficients, [len(self.shape.linear)])
        return self.shape.columns(np.asarray(x, float) - self.centre, theta) @ linear

    def curve_se(self, x: np.ndarray) -> np.ndarray:
        """Its standard error (M,) by the delta method."""
        jacobian = _jacobian(self.shape, np.asarray(x, float) - self.centre, self.coefficients)
        return np.sqrt(np.einsum("mi,ij,mj->m", jacobian, self.covariance, jacobian))

    def intervals(self, confidence: float) -> np.ndarray:
        """Wald intervals (q, 2) of the coefficients, t with ``df``; NaN at a bound or not identified."""
        half = -stdtrit(self.df, (1 - confidence) / 2) * np.sqrt(np.diag(self.covariance))
        half = np.where(self.identified, half, np.nan)
        return self.coefficients[:, None] + np.outer(half, [-1, 1])

    def p_value(self, name: str) -> float:
        """Two-sided p-value that the coefficient is 0, t with ``df``."""
        i = self.names.index(name)
        return float(2 * stdtr(self.df, -abs(self.coefficients[i]) / np.sqrt(self.covariance[i, i])))


def lacking(contrasts: DoseContrasts, shape: Shape) -> tuple[int, int]:
    """Studies and doses that are missing to fit ``shape``; (0, 0) where it can be fitted.

    A candidate with p parameters, τ² among them, needs p + 2 studies, so that AICc exists and a degree of
    freedom is left, and p different doses.
    """
    p = shape.parameters
    return max(0, p + 2 - contrasts.studies), max(0, p - len(contrasts.levels))


def fit_shape(contrasts: DoseContrasts, shape: Shape) -> ShapeFit:
    """Bounded maximum likelihood: linear coefficients and τ² profiled on a grid, its best points climbed.

    AICc (Hurvich and Tsai 1989) counts studies. The covariance of the coefficients is the inverse expected
    information at the estimates times Knapp and Hartung's (2003) factor, here never below 1: τ² by maximum
    likelihood is too small on average where studies are few.

    Raises:
        ValueError: too few studies or doses (:func:`lacking`).
    """
    studies, doses = lacking(contrasts, shape)
    if studies or doses:
        raise ValueError(f"{shape.name}: {studies} more studies and {doses} more doses are needed")
    objective = _Objective(contrasts, shape)
    found = [objective.climb(start) for start in objective.starts()]
    theta, tau2, height = max(found, key=lambda one: one[2])
    linear, weight, residual = objective.at(theta, tau2)
    coefficients = np.r_[linear, theta]
    jacobian = contrasts.rotation.matrix @ _jacobian(shape, objective.x, coefficients)
    edge = _edges(theta, objective.bounds)
    free = np.r_[np.ones(len(linear), bool), edge == 0]
    information = (jacobian.T * weight) @ jacobian
    covariance, identified = _inverse(information, free)
    factor = max(1.0, np.sum(weight * residual**2) / (len(residual) - len(coefficients)))
    n, p = contrasts.studies, shape.parameters
    return ShapeFit(
        shape=shape,
        coefficients=coefficients,
        centre=objective.centre,
        tau2=tau2,
        log_likelihood=height,
        aicc=-2 * height + 2 * p + 2 * p * (p + 1) / (n - p - 1),
        covariance=factor * covariance,
        identified=identified,
        df=n - len(coefficients),
        at_bound=tuple(
            f"{name} at its {'lower' if side < 0 else 'upper'} bound"
            for name, side in zip(shape.nonlinear, edge, strict=True)
            if side
        ),
    )


def fit_shapes(contrasts: DoseContrasts) -> dict[str, ShapeFit]:
    """All candidates for which there are enough studies and doses."""
    return {
        name: fit_shape(contrasts, shape)
        for name, shape in SHAPES.items()
        if not any(lacking(contrasts, shape))
    }


def akaike_weights(fits: Sequence[ShapeFit]) -> np.ndarray:
    """Weights of the candidates by AICc (Burnham and Anderson 2002, §2.9)."""
    aicc = np.array([fit.aicc for fit in fits])
    weight = np.exp(-(aicc - aicc.min()) / 2)
    return weight / weight.sum()


def average_curve(
    fits: Sequence[ShapeFit], x: np.ndarray, confidence: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Curve averaged by Akaike weight at log10 doses ``x``, with its unconditional interval.

    The standard error adds what the candidates differ: Σ w √((t/z)² se² + (f − f̄)²), each candidate's own
    t quantile (studies less its coefficients) taking the place of z (Buckland et al. 1997; Burnham and
    Anderson 2002, §4.3.3).
    """
    weight = akaike_weights(fits)[:, None]
    curves, se = (np.array([getattr(fit, name)(x) for fit in fits]) for name in ("curve", "curve_se"))
    tail = (1 - confidence) / 2
    stretch = np.array([stdtrit(fit.df, tail) / ndtri(tail) for fit in fits])[:, None]
    mean = np.sum(weight * curves, axis=0)
    half = -ndtri(tail) * np.sum(weight * np.hypot(stretch * se, curves - mean), axis=0)
    return mean, mean - half, mean + half


class _Objective:
    """Profile log likelihood of (theta, τ²) in the rotated data, the linear coefficients at their best."""

    def __init__(self, contrasts: DoseContrasts, shape: Shape):
        self.shape = shape
        self.centre = float(contrasts.x.mean()) if shape.centred else 0.0
        self.x = contrasts.x - self.centre
        self.bounds = shape.bounds(self.x)
        self.rotation = contrasts.rotation
        self.y = contrasts.rotation.matrix @ contrasts.y
        self.scale = float(np.median(np.diag(contrasts.covariance)))
        self.constant = -0.5 * (len(self.y) * np.log(2 * np.pi) + contrasts.rotation.log_determinant)

    def at(self, theta: np.ndarray, tau2: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Linear coefficients at their best, weights and rotated residuals."""
        columns = self.rotation.matrix @ self.shape.columns(self.x, theta)
        weight = 1 / (1 + tau2 * self.rotation.spread)
        root = np.sqrt(weight)
        linear = np.linalg.lstsq(columns * root[:, None], self.y * root, rcond=None)[0]
        return linear, weight, self.y - columns @ linear

    def starts(self) -> list[np.ndarray]:
        """Highest local maxima on a grid of (theta, τ²), as points of :meth:`climb`."""
        shares = [np.linspace(0, 1, points) for points in _GRID_POINTS.get(len(self.bounds), ())]
        axes = [*shares, _TAU2]
        columns = [
            self.shape.columns(self.x, self._theta(point)) for point in map(np.array, product(*shares))
        ]
        rotated = self.rotation.matrix @ np.array(columns)  # (shapes, N, k)
        weight = 1 / (1 + self.scale * _TAU2[:, None] * self.rotation.spread)  # (τ², N)
        k = rotated.shape[2]
        square = np.einsum("gni,gnj->gijn", rotated, rotated).reshape(-1, len(self.y)) @ weight.T
        score = np.einsum("gni,n->gin", rotated, self.y).reshape(-1, len(self.y)) @ weight.T
        square = np.moveaxis(square.reshape(-1, k, k, len(_TAU2)), 3, 1)
        score = np.moveaxis(score.reshape(-1, k, len(_TAU2)), 2, 1)
        fitted = np.sum(score * np.linalg.solve(square, score[..., None])[..., 0], axis=2)
        height = (fitted - self.y**2 @ weight.T + np.log(weight).sum(axis=1)) / 2
        height = height.reshape([len(axis) for axis in axes])
        peaks = np.argwhere(height == maximum_filter(height, size=3, mode="nearest"))
        peaks = sorted(peaks.tolist(), key=lambda index: (-height[tuple(index)], index))[:_STARTS]
        return [np.array([axis[i] for axis, i in zip(axes, index, strict=True)]) for index in peaks]

    def climb(self, start: np.ndarray) -> tuple[np.ndarray, float, float]:
        """Nearest maximum: theta, τ² and the log likelihood there."""
        found = minimize(
            self._descent,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=[(0, 1)] * len(self.bounds) + [(0, None)],
            options={"ftol": 1e-15, "gtol": 1e-10, "maxiter": 500, "maxls": 50},
        )
        return self._theta(found.x[:-1]), float(self.scale * found.x[-1]), self.constant - float(found.fun)

    def _theta(self, share: np.ndarray) -> np.ndarray:
        low, high = self.bounds.T
        return np.clip(low + share * (high - low), low, high)

    def _descent(self, point: np.ndarray) -> tuple[float, np.ndarray]:
        """Minus the log likelihood without its constant, and its derivative (the envelope theorem)."""
        theta, tau2 = self._theta(point[:-1]), self.scale * point[-1]
        linear, weight, residual = self.at(theta, tau2)
        pull = weight * residual
        spread = self.rotation.spread
        by_tau2 = np.sum(spread * (weight - pull**2)) / 2
        slope = np.zeros(0)
        if len(theta):
            turned = self.rotation.matrix @ (self.shape.by_theta(self.x, theta) * linear[0])
            slope = -(pull @ turned) * np.ptp(self.bounds, axis=1)
        value = (np.sum(pull * residual) - np.log(weight).sum()) / 2
        return float(value), np.r_[slope, self.scale * by_tau2]


def _jacobian(shape: Shape, x: np.ndarray, coefficients: np.ndarray) -> np.ndarray:
    """Derivative (M, q) of the curve at ``x`` by its coefficients."""
    linear, theta = np.split(coefficients, [len(shape.linear)])
    return np.hstack([shape.columns(x, theta), shape.by_theta(x, theta) * linear[0]])


def _edges(theta: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """-1 at the lower bound, 1 at the upper one, else 0."""
    low, high = bounds.T
    near = _AT_BOUND * (high - low)
    return np.where(theta - low <= near, -1, np.where(high - theta <= near, 1, 0))


def _inverse(information: np.ndarray, free: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Inverse information over the free coefficients, and which of these the data tell at all.

    A coefficient without any say (the place of a curve of height 0) has none, and is no longer free.
    """
    told = free & (np.diag(information) > 1e-12 * np.diag(information).max())
    part = np.ix_(told, told)
    scale = 1 / np.sqrt(np.diag(information)[told])
    covariance = np.zeros_like(information)
    inverse = np.linalg.pinv(information[part] * np.outer(scale, scale), rcond=1e-10, hermitian=True)
    covariance[part] = inverse * np.outer(scale, scale)
    return covariance, told
