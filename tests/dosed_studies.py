"""Made-up controlled studies at known doses, for the tests of dose and response."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from evdose.modelling.effects import find_effects
from published_studies import MODELS, evidence, several

SCORE = {
    "outcome": "score",
    "outcome_domain": "function score",
    "kind": "continuous",
    "sd": 2.0,
    "direction": "higher is better",
}


def scored(
    study: str, doses: Sequence[float], means: Sequence[float], *, n: int = 30, route="respiratory", **row
) -> pd.DataFrame:
    """Evidence of a study with a placebo of mean 5 and an arm of ``n`` at each of ``doses`` (log10)."""
    rows = [{"arm": arm, "mean": mean, "n": n} for arm, mean in enumerate([*means, 5.0], 1)]
    arms = {"doses": doses, "stratum": route}
    return evidence(*rows, roles="e" * len(doses) + "p", study=study, arms=arms, **(SCORE | row))


def counted(
    study: str,
    doses: Sequence[float],
    events: Sequence[int],
    *,
    control=None,
    n: int = 20,
    route="intravenous",
    **row,
) -> pd.DataFrame:
    """Evidence of a study with deaths among ``n`` at each of ``doses`` (``control``: in a placebo arm)."""
    of_arms = [*events] if control is None else [*events, control]
    rows = [{"arm": arm, "events": number, "n": n} for arm, number in enumerate(of_arms, 1)]
    roles = "e" * len(doses) + ("" if control is None else "p")
    return evidence(*rows, roles=roles, study=study, arms={"doses": doses, "stratum": route}, **row)


def effects_of(*studies: pd.DataFrame) -> pd.DataFrame:
    """Table EFFECTS of such studies."""
    return find_effects(several(*studies), MODELS)
