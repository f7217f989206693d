"""Simulated power of the range test: how often a peak that is there is told from flat and monotone curves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.optimize import isotonic_regression

from evdose.modelling.estimators.dose_contrasts import DoseContrasts
from evdose.modelling.estimators.exact import clopper_pearson
from evdose.modelling.estimators.range_test import NULLS, RangeDesign, is_estimable, range_design

_PER_DESIGN = 50  # data sets that share a draw of doses


@dataclass(frozen=True)
class Scene:
    """What is there: a Gaussian peak, and trials with ``participants`` in each of two arms.

    ``place`` and ``spread`` (s of the Gaussian) in log10 dose; ``height`` and ``heterogeneity`` (standard
    deviation between studies) as standardised mean differences.

    Raises:
        ValueError: a spread or a number of participants that isn't positive, a negative heterogeneity.
    """

    place: float
    spread: float
    height: float
    participants: int
    heterogeneity: float

    def __post_init__(self):
        if not (self.spread > 0 and self.participants > 0 and self.heterogeneity >= 0):
            raise ValueError(f"a scene that can't be: {self}")

    def effects(self, x: np.ndarray) -> np.ndarray:
        """Expected effect at the doses ``x``."""
        return self.height * np.exp(-0.5 * ((x - self.place) / self.spread) ** 2)


class Power(NamedTuple):
    """Share of ``simulations`` that reject, and its Monte-Carlo interval."""

    power: float
    low: float
    high: float
    simulations: int


def simulated_power(
    scene: Scene, tried: np.ndarray, arms: int, simulations: int, confidence: float, rng: np.random.Generator
) -> Power:
    """Power of :func:`range_test.peak_test` at level 1 − ``confidence`` with ``arms`` controlled arms.

    Doses are drawn with replacement from ``tried`` (log10), anew for every 50 data sets; each arm with its
    control is a study of its own. Sampling variance of g: 1/n + 1/n + g²/(4n) at the expected g. Warp-speed
    bootstrap (Giacomini, Politis and White 2013, *Econometric Theory* 29:567): one draw from each null fitted
    to each data set, all draws together the reference. Doses too few or too alike to ask at count as not
    rejecting.
    """
    observed, drawn, asked = [], [], 0
    for start in range(0, simulations, _PER_DESIGN):
        count = min(_PER_DESIGN, simulations - start)
        x = np.sort(rng.choice(np.sort(tried), arms))
        effects = scene.effects(x)
        variance = 2 / scene.participants + effects**2 / (4 * scene.participants)
        contrasts = DoseContrasts(x, effects, np.diag(variance), np.arange(arms))
        if is_estimable(contrasts):
            asked += count
            deviations = rng.standard_normal((count, arms)) * np.sqrt(variance + scene.heterogeneity**2)
            design = range_design(contrasts)
            y = effects + deviations
            observed.append(design.statistic(y))
            drawn.append(_one_draw_each(design, y, rng))
    rejected = 0
    if asked:
        p = warp_speed_p(np.concatenate(observed), np.concatenate(drawn, axis=1))
        rejected = int(np.count_nonzero(p <= 1 - confidence))
    return Power(rejected / simulations, *clopper_pearson(rejected, simulations, confidence), simulations)


def warp_speed_p(observed: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """The largest p-value over the nulls of each of B ``observed`` statistics; ``drawn`` (nulls, B)."""
    below = np.stack([np.searchsorted(np.sort(values), observed - 1e-9) for values in drawn])
    return ((len(observed) - below + 1) / (len(observed) + 1)).max(axis=0)


def arms_needed(arms: np.ndarray, power: np.ndarray, target: float) -> int | None:
    """Smallest number of arms with the power ``target``; None where the largest number simulated has less.

    Power is made monotone in the number of arms (least squares) and drawn as a line over its logarithm. The
    smallest number simulated is returned where it has the power already: fewer may do.
    """
    order = np.argsort(arms)
    log_arms, monotone = np.log(np.asarray(arms)[order]), isotonic_regression(np.asarray(power)[order]).x
    reached = np.flatnonzero(monotone >= target)
    if not len(reached):
        return None
    at = reached[0]
    if at == 0:
        return int(np.asarray(arms)[order][0])
    way = (target - monotone[at - 1]) / (monotone[at] - monotone[at - 1])
    return int(np.ceil(np.exp(log_arms[at - 1] + way * (log_arms[at] - log_arms[at - 1])) - 1e-9))


def _one_draw_each(design: RangeDesign, y: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Statistics (nulls, B) of one data set drawn from each null fitted to each row of ``y`` (B, N)."""
    return np.stack(
        [
            design.statistic(design.simulate(y, design.grid.fit(y, null), null, rng.standard_normal(y.shape)))
            for null in NULLS
        ]
    )
