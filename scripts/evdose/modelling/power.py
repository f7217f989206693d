"""What chance was there to see an effective range with the arms at hand, and how many arms would it take?"""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd

from evdose.dosing.tables import STRATA
from evdose.modelling.dose_groups import number_of
from evdose.modelling.estimators.power import Power, Scene, arms_needed, simulated_power
from evdose.modelling.estimators.range_test import MIN_LEVELS, MIN_STUDIES, spread_of_width
from evdose.modelling.tables import ALL, ESTIMATED, NOT_ESTIMABLE, POWER
from evdose.randomness import generator
from evdose.tables import frame_of

_DECIMALS = 6  # doses (log10) that agree so far are one dose level


def power_table(tried: pd.DataFrame, models: dict, seed: int) -> pd.DataFrame:
    """Table POWER of tried arms (table TRIED_ARMS): all routes together, then each stratum with an arm.

    ``models``: confidence, range_share_of_peak and power of config.yaml.
    """
    doses = tried["per_administration"].round(_DECIMALS)
    rows = []
    for stratum in (ALL, *STRATA):
        here = doses if stratum == ALL else doses[tried["stratum"] == stratum]
        if len(here):
            known = np.sort(here.dropna().to_numpy(float))
            for width, height in product(models["power"]["widths"], models["power"]["heights"]):
                rows += _rows(stratum, known, width, height, models, seed)
    return frame_of(rows, POWER)


def _rows(
    stratum: str, tried: np.ndarray, width: float, height: float, models: dict, seed: int
) -> list[dict]:
    """Rows of one width and height: a number of arms each, or one that says why there is none."""
    setting = models["power"]
    key = {"stratum": stratum, "width": width, "height": height, "target": setting["target"]}
    levels = len(np.unique(tried))
    at_hand = f"{number_of(len(tried), 'arm')} at {number_of(levels, 'dose')} in particles"
    if len(tried) < MIN_STUDIES or levels < MIN_LEVELS:
        row = {
            "arms": len(tried),
            "at_hand": True,
            "simulations": 0,
            "status": NOT_ESTIMABLE,
            "why": f"{at_hand}; the range test needs {MIN_STUDIES} studies and {MIN_LEVELS} different doses",
            "needs": f"at least {MIN_STUDIES} arms at {MIN_LEVELS} different doses in particles",
        }
        return [key | row]
    scene = Scene(
        place=float(np.median(tried)),
        spread=spread_of_width(width, models["range_share_of_peak"]),
        height=height,
        participants=setting["participants_per_arm"],
        heterogeneity=setting["heterogeneity"],
    )
    numbers = sorted({*setting["arms"], len(tried)})
    found = [
        simulated_power(
            scene,
            tried,
            arms,
            setting["simulations"],
            models["confidence"],
            generator(seed, "power", stratum, f"{width:g}", f"{height:g}", str(arms)),
        )
        for arms in numbers
    ]
    return _described(key, numbers, found, tried, scene)


def _described(
    key: dict, numbers: list[int], found: list[Power], tried: np.ndarray, scene: Scene
) -> list[dict]:
    target = key["target"]
    needed = arms_needed(np.array(numbers), np.array([each.power for each in found]), target)
    why = (
        f"range test on arms with their own controls, {scene.participants} participants each, standard "
        f"deviation between studies {scene.heterogeneity:g}; doses drawn from the {len(tried)} arms at "
        f"{len(np.unique(tried))} doses that were tried (10^{tried[0]:.1f} to 10^{tried[-1]:.1f}), "
        f"peak at their median, 10^{scene.place:.1f}"
    )
    if needed is None:
        goal = f"no number simulated (up to {numbers[-1]} arms) has power {target:g} at such doses"
    elif needed == numbers[0]:
        goal = f"at most {needed} arms have power {target:g}"
    else:
        goal = f"about {needed} arms have power {target:g}"
    return [
        key
        | each._asdict()
        | {
            "arms": arms,
            "at_hand": arms == len(tried),
            "arms_needed": needed,
            "status": ESTIMATED,
            "why": f"{why}; {goal}",
        }
        for arms, each in zip(numbers, found, strict=True)
    ]
