"""Efficacy effects of published studies, in three tables: controlled, change of an arm, share of an arm.

An outcome of an arm stands in one table only: against a concurrent control where the numbers allow it, else
alone. Medians are not turned into means: such rows give no effect.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from evdose.modelling.effect_size import (
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
from evdose.modelling.evidence import benefit_sign, treated_and_control
from evdose.modelling.exact import clopper_pearson
from evdose.modelling.tables import EFFECTS
from evdose.tables import empty, frame_of

_COUNT_EFFECTS = {
    "log_odds_ratio": log_odds_ratio,
    "log_risk_ratio": log_risk_ratio,
    "risk_difference": risk_difference,
}
# Both treatments on one person: formulas for independent arms don't hold, and no correlation is printed.
_PAIRED = r"split-face|within-patient|own control|cross-?over"


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
    if control is None or pd.Series([arm["design"]], dtype="string").str.contains(_PAIRED, case=False).any():
        return []
    if _known(arm, "events") and _known(control, "events"):
        arms = [Counts(row["events"], row["n"]) for row in (arm, control)]
        effects = {name: formula(*arms) for name, formula in _COUNT_EFFECTS.items()}
        numbers = " v ".join(_counts(row) for row in (arm, control))
    elif all(_known(row, "mean", "sd") and row["sd"] > 0 and row["n"] > 1 for row in (arm, control)):
        effects = {
            "hedges_g": hedges_g(*(Sample(row["mean"], row["sd"], row["n"]) for row in (arm, control)))
        }
        numbers = " v ".join(f"{row['mean']:g} (SD {row['sd']:g}, n {row['n']})" for row in (arm, control))
    else:
        return []
    on_change = "; on changes from baseline" if arm["change_from_baseline"] else ""
    informative = all(pd.notna(effect.estimate) for effect in effects.values())
    return [
        _normal_row(arm, measure, effect, models)
        | {
            "effect_table": "controlled",
            "control_variance": effect.control_variance,
            "comparator_arm": control["arm"],
            "comparator": control["label"],
            "n_control": control["n"],
            "numbers": numbers,
            "equation": EQUATIONS[measure] + on_change,
            "derived": arm["derived"] or control["derived"],
            "informative": informative,
        }
        for measure, effect in effects.items()
        if pd.notna(effect.estimate)
    ]


def _within_arm(arm: dict, models: dict) -> list[dict]:
    if _known(arm, "events"):
        n, better = int(arm["n"]), int(arm["events"] if benefit_sign(arm) == 1 else arm["n"] - arm["events"])
        low, high = clopper_pearson(better, n, models["confidence"])
        numbers = _counts(arm) if benefit_sign(arm) == 1 else f"{_counts(arm)}, so {better}/{n} without it"
        row = _row(arm, "proportion") | {"effect_table": "proportion", "numbers": numbers}
        return [row | {"estimate": better / n, "low": low, "high": high, "equation": EQUATIONS["proportion"]}]
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
        "informative": True,
    }


def _is_primary(found: pd.DataFrame, hierarchy: list[str]) -> np.ndarray:
    """Marks the one efficacy outcome of each study, chosen without looking at what it says of benefit.

    In this order: counts as printed before derived ones; against a control before alone; an outcome that
    somebody had before one that nobody had in either arm (it can't tell the arms apart); the hierarchy of
    domains; the latest time point; the first in the file.
    """
    choice = ["derived", "alone", "silent", "domain", "recency", "order"]
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


def _counts(row: dict) -> str:
    return f"{row['events']}/{row['n']}"
