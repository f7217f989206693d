"""Do doses differ between routes? Hodges–Lehmann shift in log10 particles, permutation over trials.

Trials, not arms, are the unit: the arms of a trial share its sponsor, product and reasons, so a trial counts
once, with the median of its arms. Routes are not allocated at random to trials: a shift describes practice.
"""

from __future__ import annotations

from math import comb

import numpy as np
import pandas as pd
from scipy import stats

from evdose.modelling.permutation import null_distribution
from evdose.modelling.tables import ESTIMATED, NOT_ESTIMABLE, ROUTE_SHIFT
from evdose.randomness import generator
from evdose.tables import frame_of

PAIRS = (("respiratory", "intravenous"), ("nasal", "intravenous"))
AXES = ("per_administration", "cumulative")
EVERY_PRODUCT = "none"
_TIE_DECIMALS = 9  # equal doses that were computed in different ways are ties


def route_shifts(arms: dict[str, pd.DataFrame], models: dict, seed: int) -> pd.DataFrame:
    """Shift between the routes of each pair: a row an axis × set of arms × product line left out.

    ``arms`` maps the name of a set ("all", "effective") to its arms (columns of ``landscape.ARM_DOSES``).
    """
    rows = []
    for axis in AXES:
        for name, chosen in arms.items():
            for pair in PAIRS:
                here = chosen[chosen["stratum"].isin(pair) & chosen[axis].notna()]
                for without in [EVERY_PRODUCT, *sorted(here["product_line"].dropna().unique())]:
                    rng = generator(seed, "route_shift", axis, name, *pair, without)
                    key = {"axis": axis, "arms": name, "without_product": without}
                    kept = here[here["product_line"].fillna("") != without]
                    rows.append(key | _compare(kept, axis, pair, models, rng))
    return frame_of(rows, ROUTE_SHIFT)


def hodges_lehmann(a: np.ndarray, b: np.ndarray, confidence: float) -> tuple[float, float, float]:
    """Median of all differences a − b and its interval; NaN bounds where the sizes allow no such interval.

    The interval inverts the rank-sum test through the order statistics of the differences; closed, it covers
    at least ``confidence`` also under ties. Hollander, Wolfe & Chicken, Nonparametric Statistical Methods,
    3rd ed. 2014, §4.2–4.3.
    """
    differences = np.sort(np.subtract.outer(a, b).ravel())
    below = np.cumsum(_rank_sum_counts(len(a), len(b))) / comb(len(a) + len(b), len(a))
    cut = int(np.count_nonzero(below <= (1 - confidence) / 2))
    low, high = (differences[cut - 1], differences[-cut]) if cut else (np.nan, np.nan)
    return float(np.median(differences)), float(low), float(high)


def rank_sum_test(
    a: np.ndarray, b: np.ndarray, permutations: int, rng: np.random.Generator
) -> tuple[float, float, bool]:
    """Two-sided permutation p-value of the rank sum, the smallest that these values allow, and exactness."""
    ranks = stats.rankdata(np.concatenate([a, b]).round(_TIE_DECIMALS))
    null = null_distribution(ranks[: len(a)], ranks[len(a) :], np.sum, permutations, rng)
    ordered = np.sort(ranks)
    extremes = ordered[: len(a)].sum(), ordered[len(b) :].sum()
    smallest = min(null.p_two_sided(extreme) for extreme in extremes)
    return null.p_two_sided(ranks[: len(a)].sum()), smallest, null.exact


def _rank_sum_counts(m: int, n: int) -> np.ndarray:
    """Number of splits for each value 0 … mn of the Mann–Whitney U (Gaussian binomial coefficients)."""
    counts = [1] + [0] * (m * n)
    for i in range(1, m + 1):
        for u in range(m * n, n + i - 1, -1):
            counts[u] -= counts[u - n - i]
        for u in range(i, m * n + 1):
            counts[u] += counts[u - i]
    return np.array(counts, dtype=float)


def _compare(
    arms: pd.DataFrame, axis: str, pair: tuple[str, str], models: dict, rng: np.random.Generator
) -> dict:
    """One row; a trial with both routes is no independent trial of either and is left out, and counted."""
    routes = arms.groupby("trial_id")["stratum"].nunique()
    both = routes.index[routes > 1]
    arms = arms[~arms["trial_id"].isin(both)]
    by_route = [arms[arms["stratum"] == stratum] for stratum in pair]
    doses = [chosen.groupby("trial_id")[axis].median().to_numpy() for chosen in by_route]
    row = {
        "stratum_a": pair[0],
        "stratum_b": pair[1],
        "trials_a": len(doses[0]),
        "trials_b": len(doses[1]),
        "arms_a": len(by_route[0]),
        "arms_b": len(by_route[1]),
    }
    counted = f"{len(doses[0])} {pair[0]} and {len(doses[1])} {pair[1]} trials with such a dose in particles"
    left_out = f"; {len(both)} with both routes left out" if len(both) else ""
    needed = models["min_trials_route_shift"]
    if min(map(len, doses)) < needed:
        why = f"{counted}{left_out}; a shift needs {needed} of each"
        return row | {"status": NOT_ESTIMABLE, "why": why}
    shift, low, high = hodges_lehmann(*doses, models["confidence"])
    p_value, smallest, exact = rank_sum_test(*doses, models["permutations"], rng)
    splits = "every split" if exact else f"{models['permutations']} random splits"
    products = [chosen["product_line"].fillna(chosen["trial_id"]).nunique() for chosen in by_route]
    by_middle = int((arms["sd"] > 0).sum())
    parts = [
        f"rank-sum permutation over {splits} of {counted}{left_out}",
        "a trial counts once, with the median of its arms",
        f"behind them stand {products[0]} and {products[1]} products; trials of one are not independent"
        if sum(products) < sum(map(len, doses))
        else "",
        f"{by_middle} of {len(arms)} arms stand with the middle of a range or a conversion"
        if by_middle
        else "",
        f"no {models['confidence']:.0%} interval exists at this size" if np.isnan(low) else "",
        f"can't reject at this size: the smallest p is {smallest:.2g}"
        if smallest > 1 - models["confidence"]
        else "",
    ]
    return row | {
        "shift": shift,
        "low": low,
        "high": high,
        "p_value": p_value,
        "smallest_p": smallest,
        "status": ESTIMATED,
        "why": "; ".join(part for part in parts if part),
    }
