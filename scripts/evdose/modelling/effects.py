"""Efficacy effects of published studies, in three tables: controlled, change of an arm, share of an arm.

An outcome of an arm stands in one table only: against a concurrent control where the numbers allow it, else
alone. Means and SDs are as :mod:`evdose.modelling.arm_moments` finds them. An effect that rests on estimated
ones is marked, and so is one that rests on counts worked back: both are for sensitivity analyses only.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from evdose.modelling.arm_moments import moments_of_arms
from evdose.modelling.estimators.effect_size import (
    EQUATIONS,
    Counts,
    EffectSize,
    Sample,
    hedges_g,
    log_odds_ratio,
    log_risk_ratio,
    risk_difference,
    standardised_mean_change,
)
from evdose.modelling.estimators.exact import clopper_pearson
from evdose.modelling.evidence import benefit_sign, on_one_person, treated_and_control
from evdose.modelling.tables import EFFECTS
from evdose.tables import empty, frame_of

# Unlike odds ratios and risk differences, risk ratios of an event and of its absence aren't mirror images.
SIGN_TURNED = "of the worse outcome, sign turned"
_COUNT_EFFECTS = {
    "log_odds_ratio": log_odds_ratio,
    "log_risk_ratio": log_risk_ratio,
    "risk_difference": risk_difference,
}


def find_effects(evidence: pd.DataFrame, models: dict) -> pd.DataFrame:
    """Table EFFECTS of efficacy rows (``evidence.efficacy_rows``); ``models`` as in config.yaml."""
    # More analysed than the arm has participants: tracts, joints or eyes, which aren't independent.
    participants = evidence[evidence["n"].gt(0) & ~evidence["n"].gt(evidence["arm_n"]).fillna(False)]
    rows = []
    for arm, control in treated_and_control(participants):
        rows += _against_control(arm, control, models) or _within_arm(arm, models)
    if not rows:
        return empty(EFFECTS)
    found = pd.DataFrame(rows)
    found["primary"] = _is_primary(found, models["primary_outcome_hierarchy"])
    found = found.sort_values(["study_id", "order", "measure"]).drop(columns=["order", "informative"])
    return frame_of(found.to_dict("records"), EFFECTS)


def _against_control(arm: dict, control: dict | None, models: dict) -> list[dict]:
    # On one person, formulas for independent arms don't hold, and no correlation is printed.
    if control is None or on_one_person(arm):
        return []
    how, estimated, better = [], False, {}
    if _known(arm, "events") and _known(control, "events"):
        arms = [Counts(row["events"], row["n"]) for row in (arm, control)]
        effects = {name: formula(*arms) for name, formula in _COUNT_EFFECTS.items()}
        numbers = " v ".join(_counts(row) for row in (arm, control))
        better = {
            "events_treated": _with_better_outcome(arm),
            "events_control": _with_better_outcome(control),
        }
    elif moments := moments_of_arms(arm, control):
        sizes = arm["n"], control["n"]
        samples = [Sample(of.mean, of.sd, n) for of, n in zip(moments, sizes, strict=True)]
        effects = {"hedges_g": hedges_g(*samples)}
        numbers = " v ".join(of.numbers for of in moments)
        how = list(dict.fromkeys(of.how for of in moments if of.how))
        estimated = any(of.estimated for of in moments)
    else:
        return []
    if arm["change_from_baseline"]:
        how = ["on changes from baseline", *how]
    informative = all(pd.notna(effect.estimate) for effect in effects.values())
    return [
        _normal_row(arm, measure, effect, models)
        | better
        | {
            "effect_table": "controlled",
            "control_variance": effect.control_variance,
            "comparator_arm": control["arm"],
            "comparator": control["label"],
            "n_control": control["n"],
            "numbers": numbers,
            "equation": "; ".join([EQUATIONS[measure], *_side(measure, arm), *how]),
            "derived": arm["derived"] or control["derived"],
            "estimated_moments": estimated,
            "informative": informative,
        }
        for measure, effect in effects.items()
        if pd.notna(effect.estimate)
    ]


def _side(measure: str, arm: dict) -> list[str]:
    """Which outcome a risk ratio is of, where it isn't the better one."""
    return [SIGN_TURNED] if measure == "log_risk_ratio" and benefit_sign(arm) == -1 else []


def _within_arm(arm: dict, models: dict) -> list[dict]:
    if _known(arm, "events"):
        n, better = int(arm["n"]), _with_better_outcome(arm)
        low, high = clopper_pearson(better, n, models["confidence"])
        numbers = _counts(arm) if benefit_sign(arm) == 1 else f"{_counts(arm)}, so {better}/{n} without it"
        row = _row(arm, "proportion") | {"effect_table": "proportion", "numbers": numbers}
        row |= {"events_treated": better, "equation": EQUATIONS["proportion"]}
        return [row | {"estimate": better / n, "low": low, "high": high}]
    change = arm["mean"] if arm["change_from_baseline"] else arm["mean"] - arm["baseline_mean"]
    relative = arm["change_from_baseline"] and "%" in f"{arm['outcome']} {arm['unit']}"
    # The unbiased estimate from two participants is 0 whatever they show: J(1) = 0.
    if pd.isna(change) or not arm["baseline_sd"] > 0 or arm["n"] < 3 or relative:
        return []
    r = models["pre_post_correlation"]
    effect = standardised_mean_change(change, arm["baseline_sd"], arm["n"], r)
    equation = f"{EQUATIONS['standardised_mean_change']}; pre–post correlation {r:g} assumed"
    numbers = f"change {change:g}, SD at baseline {arm['baseline_sd']:g}, n {arm['n']}"
    row = _normal_row(arm, "standardised_mean_change", effect, models)
    return [row | {"effect_table": "change", "numbers": numbers, "equation": equation}]


def _normal_row(arm: dict, measure: str, effect: EffectSize, models: dict) -> dict:
    """A row with benefit above 0 and a normal interval."""
    estimate, se = benefit_sign(arm) * float(effect.estimate) + 0.0, float(effect.variance) ** 0.5
    half = -ndtri((1 - models["confidence"]) / 2) * se
    bound = 1.0 if measure == "risk_difference" else np.inf
    return _row(arm, measure) | {
        "estimate": estimate,
        "variance": float(effect.variance),
        "low": max(estimate - half, -bound),
        "high": min(estimate + half, bound),
        "p_value": 2 * ndtr(-abs(estimate) / se),
    }


def _row(arm: dict, measure: str) -> dict:
    same = ("study_id", "trial_id", "arm", "label", "outcome", "outcome_domain", "timepoint_days", "stratum")
    return {name: arm[name] for name in (*same, "particles_log10", "source_id", "locator", "order")} | {
        "effect_id": f"{arm['study_id']}{arm['locator']}/{measure}",
        "measure": measure,
        "n_treated": arm["n"],
        "derived": arm["derived"],
        "estimated_moments": False,
        "informative": True,
    }


def _is_primary(found: pd.DataFrame, hierarchy: list[str]) -> np.ndarray:
    """Marks the one efficacy outcome of each study, chosen without looking at what it says of benefit.

    In this order: numbers as printed, or worked back by exact algebra, before estimated means and SDs, and
    these before counts worked back; against a control before alone; an outcome that somebody had before one
    that nobody had in either arm (it can't tell the arms apart); the hierarchy of domains; the latest time
    point; the first in the file.
    """
    choice = ["derived", "estimated_moments", "alone", "silent", "domain", "recency", "order"]
    ranked = found.assign(
        alone=found["effect_table"] != "controlled",
        silent=~found["informative"],
        domain=found["outcome_domain"].map({domain: i for i, domain in enumerate(hierarchy)}),
        recency=-found["timepoint_days"].astype(float).fillna(-1),
    ).sort_values(["study_id", *choice])
    outcome = ["study_id", "outcome", "outcome_domain", "timepoint_days", "effect_table"]
    best = ranked.drop_duplicates("study_id")[outcome]
    return found[outcome].merge(best.assign(primary=True), how="left")["primary"].notna().to_numpy()


def _known(row: dict, *names: str) -> bool:
    return all(pd.notna(row[name]) for name in names)


def _with_better_outcome(arm: dict) -> int:
    return int(arm["events"] if benefit_sign(arm) == 1 else arm["n"] - arm["events"])


def _counts(row: dict) -> str:
    return f"{row['events']}/{row['n']}"
