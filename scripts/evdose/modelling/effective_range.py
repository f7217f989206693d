"""Are effective doses more concentrated than the doses that were tried? Permutation over trials.

If only one dose was ever tried, that it worked there says nothing of a range: the effective doses are
compared with the doses at which an effect was looked for, found or not.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from evdose.dosing.tables import STRATA
from evdose.modelling.permutation import null_distribution
from evdose.modelling.tables import EFFECTIVE_RANGE, ESTIMATED, NOT_ESTIMABLE
from evdose.randomness import generator
from evdose.tables import frame_of

ALL = "all"


def effective_ranges(judged: pd.DataFrame, models: dict, seed: int) -> pd.DataFrame:
    """One row for all routes together and one a route stratum; ``judged`` as of ``landscape.judged_arms``."""
    with_dose = judged[judged["per_administration"].notna()]
    rows = [_row(ALL, with_dose, models, seed)]
    rows += [_row(stratum, with_dose[with_dose["stratum"] == stratum], models, seed) for stratum in STRATA]
    return frame_of(rows, EFFECTIVE_RANGE)


def concentration_test(
    doses: np.ndarray, effective: np.ndarray, permutations: int, rng: np.random.Generator
) -> tuple[float, float, bool]:
    """One-sided p-value that the effective doses spread less than as many drawn from all tried doses.

    ``doses`` in log10, a number a trial; ``effective`` a flag a trial. Statistic: the standard deviation of
    the effective doses. Returns p, the smallest p that these doses allow, and whether every split was seen.
    """
    null = null_distribution(doses[effective], doses[~effective], _spread, permutations, rng)
    # The least spread of k numbers is that of k neighbours in order.
    neighbours = np.lib.stride_tricks.sliding_window_view(np.sort(doses), int(effective.sum()))
    smallest = null.p_lower(_spread(neighbours, axis=1).min())
    return null.p_lower(float(_spread(doses[effective]))), smallest, null.exact


def _spread(doses: np.ndarray, axis: int = -1) -> np.ndarray:
    return np.std(doses, axis=axis, ddof=1)


def _row(stratum: str, arms: pd.DataFrame, models: dict, seed: int) -> dict:
    by_trial = arms.groupby("trial_id").agg(
        dose=("per_administration", "median"), effective=("effective", "any")
    )
    doses, effective = by_trial["dose"].to_numpy(), by_trial["effective"].to_numpy(bool)
    n, needed = int(effective.sum()), models["min_trials_effective_range"]
    row = {
        "stratum": stratum,
        "trials": len(doses),
        "effective": n,
        "not_effective": len(doses) - n,
        "spread_tried": _spread(doses) if len(doses) > 1 else np.nan,
        "spread_effective": _spread(doses[effective]) if n > 1 else np.nan,
    }
    counted = f"{n} effective and {len(doses) - n} not shown to be, of trials with a dose in particles"
    if min(n, len(doses) - n) < needed:
        return row | {"status": NOT_ESTIMABLE, "why": f"{counted}; the test needs {needed} of each"}
    rng = generator(seed, "effective_range", stratum)
    p_value, smallest, exact = concentration_test(doses, effective, models["permutations"], rng)
    splits = "every split" if exact else f"{models['permutations']} random splits"
    parts = [
        f"permutation of the labels over {splits} of {counted}, each by the median of its arms",
        "routes are mixed: a difference between routes shows as concentration too" if stratum == ALL else "",
        f"can't reject at this size: the smallest p is {smallest:.2g}"
        if smallest > 1 - models["confidence"]
        else "",
    ]
    return row | {
        "p_value": p_value,
        "smallest_p": smallest,
        "status": ESTIMATED,
        "why": "; ".join(part for part in parts if part),
    }
