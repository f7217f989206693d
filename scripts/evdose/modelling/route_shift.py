"""Do doses differ between routes? Hodges–Lehmann shift in log10 particles, permutation over trials.

Trials, not arms, are the unit: the arms of a trial share its sponsor, product and reasons, so a trial counts
once, with the median of its arms. Routes are not allocated at random to trials: a shift describes practice.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from evdose.modelling.dose_draws import draw_doses, in_order, is_uncertain, middles, of_trials
from evdose.modelling.estimators.rank_based import hodges_lehmann, rank_sum_test
from evdose.modelling.landscape import AXES
from evdose.modelling.tables import ESTIMATED, NOT_ESTIMABLE, ROUTE_SHIFT
from evdose.randomness import generator
from evdose.tables import frame_of

PAIRS = (("respiratory", "intravenous"), ("nasal", "intravenous"))
EVERY_PRODUCT = "none"


def route_shifts(arms: dict[str, pd.DataFrame], models: dict, seed: int) -> pd.DataFrame:
    """Shift between the routes of each pair: a row an axis × set of arms × product line left out.

    ``arms`` maps the name of a set ("all", "effective") to its arms (columns of ``landscape.ARM_DOSES``).
    """
    rows = []
    for axis in AXES:
        for name, chosen in arms.items():
            for pair in PAIRS:
                here = chosen[chosen["stratum"].isin(pair) & chosen[axis].notna()]
                for without in products_left_out(here):
                    rng = generator(seed, "route_shift", axis, name, *pair, without)
                    key = {"axis": axis, "arms": name, "without_product": without}
                    rows.append(key | _compare(without_product(here, without), axis, pair, models, rng))
    return frame_of(rows, ROUTE_SHIFT)


def products_left_out(arms: pd.DataFrame) -> list[str]:
    """What to leave out in turn: nothing, then each product line of ``arms``."""
    return [EVERY_PRODUCT, *sorted(arms["product_line"].dropna().unique())]


def without_product(arms: pd.DataFrame, product: str) -> pd.DataFrame:
    """``arms`` without those of a product line (:data:`EVERY_PRODUCT`: all of them)."""
    return arms[arms["product_line"].fillna("") != product]


def arms_by_route(arms: pd.DataFrame, axis: str, pair: tuple[str, str]) -> tuple[list[pd.DataFrame], int]:
    """Arms of each route with a dose on ``axis``, in a stable order, and the number of trials left out.

    A trial with both routes is no independent trial of either.
    """
    here = in_order(arms[arms["stratum"].isin(pair) & arms[axis].notna()])
    routes = here.groupby("trial_id")["stratum"].nunique()
    both = routes.index[routes > 1]
    here = here[~here["trial_id"].isin(both)]
    return [here[here["stratum"] == stratum] for stratum in pair], len(both)


def _compare(
    arms: pd.DataFrame, axis: str, pair: tuple[str, str], models: dict, rng: np.random.Generator
) -> dict:
    """One row of the table, but for its key."""
    by_route, both = arms_by_route(arms, axis, pair)
    doses = [of_trials(middles(chosen, axis), chosen)[0] for chosen in by_route]
    trials = [len(of_route) for of_route in doses]
    row = {
        "stratum_a": pair[0],
        "stratum_b": pair[1],
        "trials_a": trials[0],
        "trials_b": trials[1],
        "arms_a": len(by_route[0]),
        "arms_b": len(by_route[1]),
    }
    counted = f"{trials[0]} {pair[0]} and {trials[1]} {pair[1]} trials with such a dose in particles"
    left_out = f"; {both} with both routes left out" if both else ""
    needed = models["min_trials_route_shift"]
    if min(trials) < needed:
        why = f"{counted}{left_out}; a shift needs {needed} of each"
        return row | {"status": NOT_ESTIMABLE, "why": why}
    shift, low, high = hodges_lehmann(*doses, models["confidence"])
    together = pd.concat(by_route)
    uncertain = int(is_uncertain(together).sum())
    draws = draw_doses(together, axis, models["bootstrap_samples"] if uncertain else 1, rng)
    of_route = np.split(draws, [len(by_route[0])], axis=1)
    drawn = [of_trials(some, chosen) for some, chosen in zip(of_route, by_route, strict=True)]
    p_value, smallest, exact = rank_sum_test(*drawn, models["permutations"], rng)
    splits = "every split" if exact else f"{models['permutations']} random splits"
    products = [chosen["product_line"].fillna(chosen["trial_id"]).nunique() for chosen in by_route]
    parts = [
        f"rank-sum permutation over {splits} of {counted}{left_out}",
        "a trial counts once, with the median of its arms",
        f"behind them stand {products[0]} and {products[1]} products; trials of one are not independent"
        if sum(products) < sum(trials)
        else "",
        f"{uncertain} of {len(together)} arms have a range or a conversion: in the middle for shift and "
        f"interval, for p with ranks averaged over {len(draws)} draws of their doses"
        if uncertain
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
