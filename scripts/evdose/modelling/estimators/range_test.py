"""Is there a range of doses with most of the effect? A peak against monotone curves; its place and width.

A likelihood-ratio test by parametric bootstrap, and confidence sets by inverting such tests, all on one grid
of curves (:mod:`curve_grid`), so that what is observed and what is simulated are maximised alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.optimize import minimize

from evdose.modelling.estimators.curve_grid import CurveGrid, Family, Fit, curve_grid
from evdose.modelling.estimators.dose_contrasts import DoseContrasts

PARAMETERS = 4  # of the peak: height, dose, width, tau2
MIN_STUDIES, MIN_LEVELS = PARAMETERS + 2, PARAMETERS
NULLS = ("flat", "linear", "sigmoid")
_HILL = (1.0, 4.0, 16.0)
_MIDDLES = 31  # of a sigmoid: close enough for a step between neighbouring doses
_PLACES = 17  # of a peak
_WIDTHS = np.geomspace(1 / 15, 4, 10)  # s of the Gaussian, in units of the tried range
_ROUNDING = 1e-9


class PeakTest(NamedTuple):
    """Likelihood-ratio statistic, its p-value, that under each null, and the smallest possible."""

    statistic: float
    p_value: float
    by_null: dict[str, float]
    smallest_p: float


class PeakRange(NamedTuple):
    """Width of the range and dose of the peak, each with its confidence set; NaN where a set has no end.

    ``low`` of the width is 0 where the narrowest peak can't be excluded; ``high`` is NaN where the widest, as
    good as flat over the tried doses, can't. An end of the dose's set is NaN where the set reaches the edge
    of the doses at which a peak is looked for.
    """

    width: float
    low: float
    high: float
    peak: float
    peak_low: float
    peak_high: float


@dataclass(frozen=True)
class RangeDesign:
    """Doses, covariance and studies of N arms, ready for any responses; made by :func:`range_design`.

    The shapes of the peak are places (M,) × widths (S,), in this order.
    """

    contrasts: DoseContrasts
    grid: CurveGrid
    places: np.ndarray
    widths: np.ndarray

    def statistic(self, y: np.ndarray) -> np.ndarray:
        """2 (log likelihood of the peak − best of the nulls) of each row of ``y`` (B, N)."""
        peak, *nulls = self.grid.log_likelihoods(y, ("peak", *NULLS))
        return 2 * (peak - np.maximum.reduce(nulls))

    def simulate(self, y: np.ndarray, fit: Fit, name: str, normals: np.ndarray) -> np.ndarray:
        """Responses (B, N) from the curves fitted to ``y``, (B, N) or (1, N), with REML tau2."""
        tau = self.grid.restricted(y, fit, name)
        return self.grid.mean(fit, name) + self.grid.noise(tau, normals)


def is_estimable(contrasts: DoseContrasts) -> bool:
    """Whether the peak can be asked about: two studies more than it has parameters, and as many doses."""
    return contrasts.studies >= MIN_STUDIES and len(contrasts.levels) >= MIN_LEVELS


def range_design(contrasts: DoseContrasts) -> RangeDesign:
    """The grid of curves over the doses of ``contrasts``, whose effects it does not look at.

    Flat; linear in log10 dose; sigmoid Emax, b0 + E / (1 + 10^(h (x50 − x))), rising or falling, from gentle
    to a step (h = 1 and b0 = 0: Emax); Gaussian peak of benefit A exp(−(x − mu)² / (2 s²)) with A ≥ 0 and mu
    from the second-lowest to the second-highest dose, so that doses on both of its sides were tried.

    Raises:
        ValueError: fewer than six studies or four doses.
    """
    if not is_estimable(contrasts):
        raise ValueError(f"a peak needs {MIN_STUDIES} studies and {MIN_LEVELS} doses")
    levels = contrasts.levels
    extent = levels[-1] - levels[0]
    places, widths = np.linspace(levels[1], levels[-2], _PLACES), extent * _WIDTHS
    middles = np.linspace(levels[0], levels[-1], _MIDDLES)
    hill = np.reshape(_HILL, (-1, 1, 1))
    sigmoid = 1 / (1 + 10 ** (hill * (middles[:, None] - levels))).reshape(-1, len(levels))
    peak = np.exp(-0.5 * ((levels - places[:, None, None]) / widths[:, None]) ** 2)
    nothing = np.zeros((1, len(levels)))
    families = {
        "none": Family(nothing),
        "flat": Family(nothing, constant=True),
        "linear": Family(levels[None] - levels.mean(), constant=True),
        "sigmoid": Family(sigmoid, constant=True),
        "peak": Family(peak.reshape(-1, len(levels)), benefit=True),
    }
    return RangeDesign(contrasts, curve_grid(contrasts, families), places, widths)


def spread_of_width(width: float, share: float) -> float:
    """s of the Gaussian peak whose range with at least ``share`` of the peak effect is ``width`` wide."""
    return width / (2 * np.sqrt(2 * np.log(1 / share)))


def peak_test(design: RangeDesign, y: np.ndarray, samples: int, rng: np.random.Generator) -> PeakTest:
    """Is a peak better supported by ``y`` (N,) than a flat curve and than any monotone one?

    The statistic compares the peak with the best null; under each fitted null it is drawn anew ``samples``
    times (tau2 by REML), p = (b + 1)/(samples + 1), and the largest of the three counts: rejecting means
    rejecting every null. Davison and Hinkley 1997, *Bootstrap Methods and their Application*, §4.2.3–4.2.4.
    """
    y = np.atleast_2d(y)
    observed = design.statistic(y)[0]
    normals = rng.standard_normal((samples, y.shape[1]))
    by_null = {}
    for null in NULLS:
        fit = design.grid.fit(y, null)
        drawn = design.statistic(design.simulate(y, fit, null, normals))
        by_null[null] = _bootstrap_p(observed, drawn)
    return PeakTest(float(observed), max(by_null.values()), by_null, 1 / (samples + 1))


def effect_test(design: RangeDesign, y: np.ndarray, samples: int, rng: np.random.Generator) -> float:
    """p-value that the peak has no height: bootstrap likelihood ratio of peak against no effect at all."""

    def statistic(responses: np.ndarray) -> np.ndarray:
        peak, none = design.grid.log_likelihoods(responses, ("peak", "none"))
        return 2 * (peak - none)

    y = np.atleast_2d(y)
    fit = design.grid.fit(y, "none")
    drawn = design.simulate(y, fit, "none", rng.standard_normal((samples, y.shape[1])))
    return _bootstrap_p(statistic(y)[0], statistic(drawn))


def peak_range(
    design: RangeDesign,
    y: np.ndarray,
    share: float,
    confidence: float,
    samples: int,
    rng: np.random.Generator,
) -> PeakRange:
    """Width of the range with at least ``share`` of the peak effect, and the dose of the peak.

    Width: 2 s √(2 ln(1/share)). Each confidence set holds the values that a bootstrap likelihood-ratio test
    doesn't reject (test inversion; Davison and Hinkley 1997, §5.6); between grid values its ends lie where
    the p-value, drawn as a line, crosses 1 − ``confidence``. Fieller-type problems have sets without an end
    (Gleser and Hwang 1987): an honest answer, not a failure.
    """
    alpha = 1 - confidence
    normals = rng.standard_normal((samples, len(y)))
    p_width = np.array([width_p_value(design, y, j, normals) for j in range(len(design.widths))])
    p_place = np.array([place_p_value(design, y, i, normals) for i in range(len(design.places))])
    factor = 1 / spread_of_width(1.0, share)
    low, high = np.exp(_ends(np.log(design.widths), p_width, alpha)) * factor
    peak_low, peak_high = _ends(design.places, p_place, alpha)
    place, width = _polished(design, y)
    return PeakRange(
        width=float(width * factor),
        low=0.0 if np.isnan(low) else float(low),
        high=float(high),
        peak=float(place),
        peak_low=float(peak_low),
        peak_high=float(peak_high),
    )


def width_p_value(design: RangeDesign, y: np.ndarray, index: int, normals: np.ndarray) -> float:
    """Bootstrap p-value that the peak has the width of ``index`` in ``design.widths``; ``normals`` (B, N)."""
    return _fixed_p_value(design, y, _mesh(design)[:, index], normals)


def place_p_value(design: RangeDesign, y: np.ndarray, index: int, normals: np.ndarray) -> float:
    """Bootstrap p-value that the peak lies at the dose of ``index`` in ``design.places``."""
    return _fixed_p_value(design, y, _mesh(design)[index], normals)


def _mesh(design: RangeDesign) -> np.ndarray:
    return np.arange(len(design.places) * len(design.widths)).reshape(len(design.places), -1)


def _fixed_p_value(design: RangeDesign, y: np.ndarray, shapes: np.ndarray, normals: np.ndarray) -> float:
    """The same that the shape of the peak is one of ``shapes``."""

    def statistic(responses: np.ndarray) -> np.ndarray:
        profile = design.grid.profile(responses, "peak")
        return 2 * (profile.max(axis=1) - profile[:, shapes].max(axis=1))

    y = np.atleast_2d(y)
    drawn = design.simulate(y, design.grid.fit(y, "peak", shapes), "peak", normals)
    return _bootstrap_p(statistic(y)[0], statistic(drawn))


def _bootstrap_p(observed: float, drawn: np.ndarray) -> float:
    """(b + 1)/(B + 1), b the draws at or above what was observed (Phipson and Smyth 2010)."""
    return float((np.count_nonzero(drawn >= observed - _ROUNDING) + 1) / (len(drawn) + 1))


def _ends(values: np.ndarray, p: np.ndarray, alpha: float) -> np.ndarray:
    """Ends of the set of ``values`` with p above ``alpha``; NaN where it goes on beyond the values."""
    inside = np.flatnonzero(p > alpha)
    ends = []
    for end, step in ((inside[0], -1), (inside[-1], 1)):
        beyond = end + step
        if not 0 <= beyond < len(values):
            ends.append(np.nan)
            continue
        way = (p[end] - alpha) / (p[end] - p[beyond])
        ends.append(values[end] + way * (values[beyond] - values[end]))
    return np.array(ends)


def _polished(design: RangeDesign, y: np.ndarray) -> tuple[float, float]:
    """Dose and s of the peak at the highest likelihood, within the neighbours of the best grid point."""
    best = design.grid.fit(np.atleast_2d(y), "peak")
    i, j = np.unravel_index(best.shape[0], (len(design.places), len(design.widths)))
    t, tau2 = best.tau[0], design.grid.tau2
    axes = (design.places, np.log(design.widths), tau2)
    bounds = [
        (axis[max(at - 1, 0)], axis[min(at + 1, len(axis) - 1)])
        for axis, at in zip(axes, (i, j, t), strict=True)
    ]
    contrasts = design.contrasts

    def height(point: np.ndarray) -> float:
        total = contrasts.covariance + point[2] * contrasts.same_study
        curve = np.exp(-0.5 * ((contrasts.x - point[0]) / np.exp(point[1])) ** 2)
        solved = np.linalg.solve(total, np.column_stack([curve, y]))
        size = max(curve @ solved[:, 1], 0.0) / (curve @ solved[:, 0])
        residual = y - size * curve
        square = residual @ (solved[:, 1] - size * solved[:, 0])
        return 0.5 * (np.linalg.slogdet(total)[1] + square)

    start = [axis[at] for axis, at in zip(axes, (i, j, t), strict=True)]
    found = minimize(height, start, method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-14, "gtol": 1e-9})
    place, log_width, _ = found.x if found.fun <= height(np.array(start)) else start
    return place, np.exp(log_width)
