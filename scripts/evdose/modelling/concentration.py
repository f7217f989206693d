"""Are effective doses more concentrated than the doses that were tried? Permutation over trials.

If only one dose was ever tried, that it worked there says nothing of a range: the effective doses are
compared with the doses at which an effect was looked for, found or not.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from evdose.dosing.tables import STRATA
from evdose.modelling.dose_draws import draw_doses, in_order, is_uncertain, of_trials
from evdose.modelling.dose_groups import number_of
from evdose.modelling.estimators.permutation import null_distribution
from evdose.modelling.tables import ALL, ESTIMATED, MAIN, NOT_ESTIMABLE
from evdose.randomness import generator

_DECIMALS = 6  # doses (log10) that agree so far are one dose level
_AXIS = "per_administration"


def concentration_rows(judged: pd.DataFrame, models: dict, seed: int) -> list[dict]:
    """Rows of table EFFECTIVE_RANGE, question ``concentration``: all routes together, then each stratum.

    ``judged``: columns of ``landscape.JUDGED_ARMS``. A trial counts once, with the median of its arms, and is
    effective where an arm is.
    """
    with_dose = in_order(judged[judged[_AXIS].notna()])
    of_stratum = {ALL: with_dose} | {name: with_dose[with_dose["stratum"] == name] for name in STRATA}
    return [_row(name, arms, models, seed) for name, arms in of_stratum.items()]


def concentration_test(
    doses: np.ndarray, effective: np.ndarray, permutations: int, rng: np.random.Generator
) -> tuple[float, float, bool]:
    """One-sided p-value that the effective doses spread less than as many drawn from all tried doses.

    ``doses`` (draws, trials) in log10, one draw where they are certain; ``effective`` a flag a trial.
    Statistic: :func:`spread` of the effective doses. The draws don't know of the labels, so the level holds.
    Returns p, the smallest p that these doses allow, and whether every split was seen.
    """
    trials = np.stack([doses.mean(axis=0), doses.var(axis=0)])
    groups = trials[:, effective], trials[:, ~effective]
    null = null_distribution(*groups, _root_mean_variance, permutations, rng)
    observed = float(_root_mean_variance(groups[0]))
    return null.p_lower(observed), null.p_lower(min(observed, null.values.min())), null.exact


def spread(doses: np.ndarray) -> float:
    """Standard deviation between trials of ``doses`` (draws, trials), root of its mean square over the draws.

    The draws of different trials are taken as independent: the variance of what the trials have on average,
    and the mean of what each leaves open.
    """
    return float(_root_mean_variance(np.stack([doses.mean(axis=0), doses.var(axis=0)])))


def _root_mean_variance(trials: np.ndarray, axis: int = -1) -> np.ndarray:
    """Of (…, 2, trials): mean and variance of each trial over the draws."""
    mean, variance = trials[..., 0, :], trials[..., 1, :]
    return np.sqrt(mean.var(axis=axis, ddof=1) + variance.mean(axis=axis))


def _row(stratum: str, arms: pd.DataFrame, models: dict, seed: int) -> dict:
    rng = generator(seed, "concentration", stratum)
    uncertain = int(is_uncertain(arms).sum())
    doses = of_trials(draw_doses(arms, _AXIS, models["bootstrap_samples"] if uncertain else 1, rng), arms)
    effective = arms.groupby("trial_id")["effective"].any().to_numpy(bool)
    n, others = int(effective.sum()), int((~effective).sum())
    row = {
        "question": "concentration",
        "stratum": stratum,
        "measure": None,
        "outcome_domain": None,
        "sensitivity": MAIN,
        "studies": len(effective),
        "arms": len(arms),
        "dose_levels": len(np.unique(arms[_AXIS].to_numpy(float).round(_DECIMALS))),
        "outcomes": arms["outcome"].nunique(),
        "effective": n,
        "not_effective": others,
        "estimate": spread(doses[:, effective]) if n > 1 else np.nan,
        "spread_tried": spread(doses) if n + others > 1 else np.nan,
    }
    counted = f"{n} effective and {others} not shown to be, of trials with a dose in particles"
    needed = models["min_trials_effective_range"]
    if min(n, others) < needed:
        more, more_others = needed - n, needed - others
        parts = [
            number_of(more, "more effective trial") if more > 0 else "",
            f"{number_of(more_others, 'more trial')} not shown to be effective" if more_others > 0 else "",
        ]
        return row | {
            "status": NOT_ESTIMABLE,
            "why": f"{counted}; the test needs {needed} of each",
            "needs": " and ".join(part for part in parts if part)
            + ", with a dose in particles and an outcome that the rule can judge",
        }
    p_value, smallest, exact = concentration_test(doses, effective, models["permutations"], rng)
    splits = "every split" if exact else f"{models['permutations']} random splits"
    parts = [
        f"permutation of the labels over {splits} of {counted}, each by the median of its arms",
        f"{uncertain} of {len(arms)} arms have a range or a conversion: variances are averages over "
        f"{len(doses)} draws of their doses"
        if uncertain
        else "",
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
