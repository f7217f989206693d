"""Influence of single studies on a pooled effect: each left out in turn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from evdose.modelling.estimators.heterogeneity import checked
from evdose.modelling.estimators.pooling import pool


@dataclass(frozen=True)
class LeaveOneOut:
    """What pooling gives without each study (k,), and how far that study is from the others.

    ``weight``: its share of the weight in the pooled effect of all. ``deleted_residual``: its effect less the
    pooled effect of the others, over the standard deviation that heterogeneity and both errors give the
    difference. ``cook_distance``: squared shift of the pooled effect over its squared standard error.
    """

    estimate: np.ndarray
    se: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray
    tau2: np.ndarray
    i2: np.ndarray
    weight: np.ndarray
    deleted_residual: np.ndarray
    cook_distance: np.ndarray


def leave_one_out(
    y: np.ndarray, v: np.ndarray, *, method: str = "REML", test: str = "guarded", confidence: float = 0.95
) -> LeaveOneOut:
    """Pool (as :func:`pool`) without each study in turn; diagnostics of Viechtbauer and Cheung 2010.

    ``y``, ``v``: effect and variance of each study (k,).

    Raises:
        ValueError: fewer than three studies, or a variance that isn't positive.
    """
    if len(y) < 3:
        raise ValueError(f"leaving one out needs at least 3 studies; there are {len(y)}")
    effects = checked(y, v, np.ones((len(y), 1)))
    y, v = effects.y, effects.v
    choices = {"method": method, "test": test, "confidence": confidence}
    whole = pool(y, v, **choices)
    others = [pool(np.delete(y, i), np.delete(v, i), **choices) for i in range(len(y))]
    same = ("estimate", "se", "low", "high", "p_value", "tau2", "i2")
    without = {name: np.array([getattr(pooled, name) for pooled in others]) for name in same}
    precision = 1 / (v + whole.tau2)
    return LeaveOneOut(
        **without,
        weight=precision / precision.sum(),
        deleted_residual=(y - without["estimate"]) / np.sqrt(v + without["tau2"] + without["se"] ** 2),
        cook_distance=((whole.estimate - without["estimate"]) / whole.se) ** 2,
    )
