"""Doses drawn anew where they are uncertain: log-uniform in a range, normal (log10) about a conversion.

The error of a conversion is one for all arms that rest on it: drawn for each arm, it would average out. What
an inferred number may be otherwise is not drawn: nothing says how probable the other reading is.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

_HALF_WIDTH = 3**0.5  # of a uniform distribution, in standard deviations


def in_order(arms: pd.DataFrame) -> pd.DataFrame:
    """``arms`` by trial and dose, so that neither their order nor their labels decide who gets which draw."""
    dose = ["per_administration", "per_day", "cumulative", "sd", "conversion", "conversion_sd"]
    return arms.sort_values(["trial_id", "stratum", *dose], ignore_index=True)


def is_uncertain(arms: pd.DataFrame) -> pd.Series:
    """Arms whose dose is a range, several levels or converted; columns of ``landscape.ARM_DOSES``."""
    return arms["sd"] > 0


def middles(arms: pd.DataFrame, axis: str) -> np.ndarray:
    """Doses in log10 as one draw, (1, arms): each in the middle of what it may be."""
    return arms[axis].to_numpy(float)[None, :]


def draw_doses(arms: pd.DataFrame, axis: str, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Doses in log10, (draws, arms); one draw, at the middles, where no dose is uncertain.

    ``arms`` in a stable order (:func:`in_order`), columns of ``landscape.ARM_DOSES``.
    """
    if not is_uncertain(arms).any():
        return middles(arms, axis)
    of_conversion = arms["conversion_sd"].fillna(0).to_numpy(float)
    of_range = np.sqrt(np.maximum(arms["sd"].fillna(0).to_numpy(float) ** 2 - of_conversion**2, 0))
    codes, conversions = pd.factorize(arms["conversion"].fillna(""), sort=True)
    within = rng.uniform(-_HALF_WIDTH, _HALF_WIDTH, (draws, len(arms)))
    shared = rng.standard_normal((draws, len(conversions)))[:, codes]
    return middles(arms, axis) + of_range * within + of_conversion * shared


def of_trials(doses: np.ndarray, arms: pd.DataFrame) -> np.ndarray:
    """Median dose of each trial's arms in each draw: (draws, trials), trials by identifier."""
    codes, trials = pd.factorize(arms["trial_id"], sort=True)
    medians = [np.median(doses[:, codes == code], axis=1) for code in range(len(trials))]
    return np.stack(medians, axis=1) if medians else np.empty((len(doses), 0))
