"""Pooled odds ratios on the counts themselves: nothing is added to a study without events in one arm."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evdose.modelling.effect_groups import EffectGroup, counts, number_of_studies
from evdose.modelling.estimators.effect_size import Counts
from evdose.modelling.estimators.hypergeometric_normal import (
    Tables,
    common_odds_ratio,
    pool_odds_ratios,
    tables,
)
from evdose.modelling.tables import ESTIMATED, NOT_ESTIMABLE

# The measure that every 2 × 2 table has: the odds ratio is missing where nobody, or everybody, had the event.
COUNTED = "risk_difference"
_RARE = 0.2  # share of participants below which the rarer of event and no event counts as rare


def conditional_logistic_row(group: EffectGroup, needed: int, confidence: float) -> dict:
    """Row of table SYNTHESIS for a group of measure ``COUNTED``; ``needed``: informative studies.

    Arms of a study count as one treated group. Log odds ratio of the better outcome.
    """
    treated, control = _two_by_two(group.effects)
    seen = tables(*treated, *control)
    studies, informative = group.effects["study_id"].nunique(), len(seen.count)
    counted = number_of_studies(studies)
    if silent := studies - informative:
        counted += (
            f"; {number_of_studies(silent)} in which nobody or everybody had the event: no information "
            "on the odds ratio"
        )
    row = {
        **group.key,
        **counts(group.effects),
        "analysis": "conditional_logistic",
        "measure": "log_odds_ratio",
        "status": NOT_ESTIMABLE,
    }
    if informative < needed:
        return row | {
            "why": f"{counted}; pooling needs {needed} with an event in some but not all{group.left_out()}",
            "needs": f"{number_of_studies(needed - informative, 'more')} with counts in both arms, "
            "some with and some without the event",
        }
    try:
        pooled = pool_odds_ratios(seen, confidence)
    except ValueError as error:
        return row | {
            "why": f"{counted}; {error}{_common(seen, confidence)}",
            "needs": "a study with participants in the cells that are empty in all of these",
        }
    same = ("estimate", "low", "high", "prediction_low", "prediction_high", "tau2", "df", "p_value")
    return row | {
        **{name: getattr(pooled, name) for name in same},
        "status": ESTIMATED,
        "why": f"{counted}; conditional logistic model with a normal random effect (hypergeometric-normal), "
        f"maximum likelihood, nothing added to empty cells; t interval{_exactly(pooled.tau2)}; "
        + on_tau2(pooled.tau2)
        + (_LEANING if leans(pooled.tau2, treated, control) else ""),
    }


_LEANING = (
    "; a study's odds ratio and its number of events are tied where odds ratios differ and one outcome is "
    f"rarer than {_RARE:.0%}: the estimate is drawn towards studies in which more of the treated had it, and "
    "the interval may hold the truth less often than it says"
)


def leans(tau2: float, treated: Counts, control: Counts) -> bool:
    """Whether the mean log odds ratio is drawn to one side: τ² > 0 and one of the two outcomes is rare.

    Given its margins the model takes a study's total of events as telling nothing of its own odds ratio. But
    where the effect acts on the treated, a study in which they have more of the rare outcome has more events,
    and so more weight.
    """
    share = (np.sum(treated.events) + np.sum(control.events)) / (np.sum(treated.n) + np.sum(control.n))
    return bool(tau2 > 0 and min(share, 1 - share) < _RARE)


def on_tau2(tau2: float) -> str:
    """What to know of a τ² by maximum likelihood (``random_intercept``), in words."""
    if tau2 > 0:
        return "τ² is too small on average where studies are few, which the interval makes up for"
    return "τ² 0"


def _exactly(tau2: float) -> str:
    return "" if tau2 > 0 else ", at least as wide as the exact one of a common odds ratio"


def _common(seen: Tables, confidence: float) -> str:
    """What can still be said: one end of the exact interval, were there one common odds ratio."""
    common = common_odds_ratio(seen, confidence)
    if np.isfinite(common.estimate):
        return ""
    low, high = np.exp([common.low, common.high])
    end = f"begins at {low:.3g}" if common.estimate > 0 else f"ends at {high:.3g}"
    return f"; the exact interval of an odds ratio common to all {end}"


def _two_by_two(effects: pd.DataFrame) -> tuple[Counts, Counts]:
    """Both sides of each study, in order of study: its treated arms together, each control arm once."""
    treated = effects.groupby("study_id")[["events_treated", "n_treated"]].sum()
    controls = effects.drop_duplicates(["study_id", "comparator_arm"])
    control = controls.groupby("study_id")[["events_control", "n_control"]].sum()
    both = treated.join(control).sort_index().astype(float)
    values = [both[name].to_numpy() for name in both.columns]
    return Counts(*values[:2]), Counts(*values[2:])
