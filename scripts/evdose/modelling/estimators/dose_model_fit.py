"""Fit of a dose–response shape to estimates at doses: least squares, linear parameters profiled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from evdose.modelling.estimators.dose_estimates import DoseEstimates
from evdose.modelling.estimators.dose_models import Shape

# Points of the grid that starts the search, by the number of parameters that aren't linear.
_GRID = {0: 1, 1: 200, 2: 40}


@dataclass(frozen=True)
class DoseFit:
    """A fitted shape: ``coefficients`` by name (e0, linear, not linear, covariates) and their covariance.

    ``criterion``: residual sum of squares, of single responses or of the whitened estimates; ``aic``:
    Akaike's criterion of the normal model, or for known covariance the criterion plus twice the parameters
    (Pinheiro et al. 2014, Stat Med 33:1646), which ranks the shapes of the same data only.
    """

    shape: Shape
    largest: float
    names: tuple[str, ...]
    coefficients: np.ndarray
    covariance: np.ndarray
    criterion: float
    df: float
    aic: float

    @property
    def se(self) -> np.ndarray:
        """Standard errors; not a number where the data don't tell parameters apart."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def _curve(self) -> tuple[np.ndarray, np.ndarray, float]:
        by_name = dict(zip(self.names, self.coefficients, strict=True))
        parts = (self.shape.linear, self.shape.nonlinear)
        linear, theta = ([by_name[name] for name in names] for names in parts)
        return np.array(linear), np.array(theta), self.largest

    def effect(self, dose: np.ndarray) -> np.ndarray:
        """Difference from dose zero."""
        return self.shape.effect(dose, *self._curve)

    def effective_dose(self, share: float) -> float:
        """Smallest dose with this share of the largest effect inside the doses tried."""
        return float(self.shape.effective_dose(share, *self._curve))

    def target_dose(self, effect: float) -> float:
        """Smallest dose with this effect over dose zero, inside the doses tried; else not a number."""
        return float(self.shape.smallest_dose(effect, *self._curve))


def fit_dose_model(data: DoseEstimates, shape: Shape, bounds: np.ndarray | None = None) -> DoseFit:
    """Least squares over the bounds of the parameters that aren't linear (default: those of the shape).

    The criterion, with the linear parameters at their best, is taken on a grid; the best point starts a
    bounded quasi-Newton search with exact gradient (L-BFGS-B). A parameter may end at its bound: its standard
    error then says how little the data hold against moving it.

    Raises:
        ValueError: fewer dose levels than parameters.
    """
    names = shape.parameters[data.against_placebo :]
    if data.levels < len(names):
        raise ValueError(f"{shape.name} needs {len(names)} dose levels; there are {data.levels}")
    limits = (
        shape.default_bounds(data.largest) if bounds is None else np.reshape(bounds, (-1, 2)).astype(float)
    )
    theta = np.empty(0)
    if shape.nonlinear:
        grid = _grid(limits)
        start = grid[int(np.argmax(_gains(data, shape, grid, data.estimate[:, None])))]
        theta = _climb(data, shape, start, limits)
    design = np.hstack([data.fixed_columns(), _columns(data, shape, theta).T])
    linear = _least_squares(data.whitener @ design, data.whitener @ data.estimate)
    residual = data.whitener @ (data.estimate - design @ linear)
    jacobian = np.hstack([design, linear[-1] * _slopes(data, shape, theta).T])
    return _result(data, shape, linear, theta, float(residual @ residual), jacobian)


def refit(
    data: DoseEstimates, shape: Shape, estimates: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fits of a shape to many sets of estimates (K + c, B) at the same doses: best points of the grid.

    Returns linear coefficients (q, B), the others (p, B) and the criterion (B,). For the bootstrap: the grid
    is fine against the spread of its replicates.
    """
    whitened = data.unexplained @ estimates
    total = np.sum(whitened**2, axis=0)
    if not shape.nonlinear:
        design = data.unexplained @ _columns(data, shape, np.empty(0)).T
        linear = _least_squares(design, whitened)
        return linear, np.empty((0, estimates.shape[1])), total - np.sum((design @ linear) * whitened, axis=0)
    grid = _grid(shape.default_bounds(data.largest))
    gains = _gains(data, shape, grid, estimates)
    best = np.argmax(gains, axis=0)
    chosen = _projected(data, shape, grid[best])
    slope = np.sum(chosen * whitened.T, axis=1) / np.sum(chosen**2, axis=1)
    return slope[None, :], grid[best].T, total - gains[best, np.arange(len(best))]


def aic(data: DoseEstimates, criterion: float, parameters: int) -> float:
    """Akaike's criterion of a fit with so many parameters; ``criterion`` is about the dose estimates."""
    if np.isnan(data.rss):
        return criterion + 2 * parameters
    n = data.observations
    return n * (np.log(2 * np.pi * (data.rss + criterion) / n) + 1) + 2 * (parameters + 1)


def _result(
    data: DoseEstimates,
    shape: Shape,
    linear: np.ndarray,
    theta: np.ndarray,
    lack: float,
    jacobian: np.ndarray,
) -> DoseFit:
    """The fit in the order e0, linear, not linear, covariates."""
    k, n = len(data.dose), len(data.estimate)
    first, covariates = (0 if data.against_placebo else 1), n - k
    own = [*range(first), *range(first + covariates, jacobian.shape[1])]
    order = [*own, *range(first, first + covariates)]
    whitened = data.whitener @ jacobian[:, order]
    single = np.isnan(data.rss)
    df = data.df if single else data.observations - len(order)
    criterion = lack if single else data.rss + lack
    return DoseFit(
        shape=shape,
        largest=data.largest,
        names=(*shape.parameters[data.against_placebo :], *(f"covariate{i + 1}" for i in range(covariates))),
        coefficients=np.r_[linear, theta][order],
        covariance=_inverse(whitened.T @ whitened) * (1.0 if single else criterion / df),
        criterion=criterion,
        df=df,
        aic=aic(data, lack, len(order)),
    )


def _least_squares(design: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Coefficients of columns that may differ in unit by any factor."""
    length = np.linalg.norm(design, axis=0)
    scaled, *_ = np.linalg.lstsq(design / length, y, rcond=None)
    return (scaled.T / length).T


def _inverse(information: np.ndarray) -> np.ndarray:
    scale = np.sqrt(np.diag(information))
    with np.errstate(divide="ignore", invalid="ignore"):
        standard = information / np.outer(scale, scale)
        if not np.isfinite(standard).all() or np.linalg.cond(standard) > 1e13:
            return np.full_like(information, np.nan)
        return np.linalg.inv(standard) / np.outer(scale, scale)


def _grid(limits: np.ndarray) -> np.ndarray:
    """(G, p) points between the bounds, in geometric steps."""
    axes = [np.geomspace(max(low, high * 1e-4), high, _GRID[len(limits)]) for low, high in limits]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(limits))


def _columns(data: DoseEstimates, shape: Shape, theta: np.ndarray) -> np.ndarray:
    """Columns of a shape (..., K + c) at ``theta``, from dose zero where the estimates are against it."""
    columns = shape.columns(data.dose, theta, data.largest)
    if data.against_placebo:
        zero = shape.columns(np.zeros_like(data.dose), theta, data.largest)
        columns = tuple(column - at_zero for column, at_zero in zip(columns, zero, strict=True))
    return _padded(data, columns)


def _padded(data: DoseEstimates, columns: tuple[np.ndarray, ...]) -> np.ndarray:
    """With zeros for the covariates."""
    if not columns:
        return np.empty((0, len(data.estimate)))
    values = np.stack(np.broadcast_arrays(*columns))
    extra = len(data.estimate) - len(data.dose)
    return np.concatenate([values, np.zeros((*values.shape[:-1], extra))], axis=-1)


def _projected(data: DoseEstimates, shape: Shape, thetas: np.ndarray) -> np.ndarray:
    """(G, K + c): the one column at each of ``thetas`` (G, p), whitened, off the intercept and covariates."""
    return _columns(data, shape, thetas.T[:, :, None])[0] @ data.unexplained.T


def _gains(data: DoseEstimates, shape: Shape, thetas: np.ndarray, estimates: np.ndarray) -> np.ndarray:
    """(G, B) fall of the criterion by the column at each of ``thetas`` for each set of estimates."""
    column = _projected(data, shape, thetas)
    length = np.sum(column**2, axis=1)
    usable = length > 1e-12 * length.max()
    share = (column @ (data.unexplained @ estimates)) ** 2
    return np.where(usable[:, None], share / np.where(usable, length, 1.0)[:, None], 0.0)


def _climb(data: DoseEstimates, shape: Shape, start: np.ndarray, limits: np.ndarray) -> np.ndarray:
    """Bounded search over the parameters that aren't linear, each on its logarithm."""
    whitened = data.unexplained @ data.estimate
    total = float(whitened @ whitened) or 1.0  # estimates that are all the same leave nothing to explain

    def criterion(log_theta: np.ndarray) -> tuple[float, np.ndarray]:
        theta = np.exp(log_theta)
        column = data.unexplained @ _columns(data, shape, theta)[0]
        slope = column @ whitened / max(column @ column, 1e-300)
        residual = whitened - slope * column
        slopes = _slopes(data, shape, theta) @ data.unexplained.T
        gradient = -2 * slope * (slopes @ residual) * theta
        return residual @ residual / total, gradient / total

    bounds = np.log(np.maximum(limits, limits[:, 1:] * 1e-9))
    options = {"ftol": 1e-15, "gtol": 1e-10, "maxiter": 500}
    found = minimize(criterion, np.log(start), jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return np.exp(found.x)


def _slopes(data: DoseEstimates, shape: Shape, theta: np.ndarray) -> np.ndarray:
    """(p, K + c) derivatives of the column by theta."""
    slopes = shape.slopes(data.dose, theta, data.largest)
    if data.against_placebo:
        zero = shape.slopes(np.zeros_like(data.dose), theta, data.largest)
        slopes = tuple(slope - at_zero for slope, at_zero in zip(slopes, zero, strict=True))
    return _padded(data, slopes)
