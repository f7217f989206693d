"""Direction of the effect in each treated arm and whether it is effective: by a rule, and by the authors.

The rule (``effective_rule`` in config.yaml): the primary efficacy effect against a concurrent control
excludes no effect; where the numbers for that are missing, a p-value that the source reports against the
control, with a stated direction. An arm without a concurrent control is never called effective.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pandas as pd

from evdose.modelling.evidence import benefit_sign, on_one_person, treated_and_control
from evdose.modelling.tables import EFFECT_DIRECTION
from evdose.tables import frame_of

# Of several measures of one outcome, the first of these judges.
_NAMES = {
    "hedges_g": "Hedges' g",
    "log_odds_ratio": "log odds ratio",
    "risk_difference": "risk difference",
    "standardised_mean_change": "standardised mean change",
    "proportion": "share",
}
DIRECTION_OF_AUTHORS = "direction as the authors state it"
_COPIED = (
    *("study_id", "trial_id", "arm", "label", "condition", "design", "stratum"),
    *("particles_log10", "particles_low", "particles_high", "outcome", "outcome_domain"),
    *("controlled", "n", "source_id", "locator"),
)


def effect_directions(
    evidence: pd.DataFrame, effects: pd.DataFrame, models: dict, rule: dict
) -> pd.DataFrame:
    """Table EFFECT_DIRECTION of efficacy rows and their effects; ``models`` and ``rule`` as in config."""
    domains = {domain: i for i, domain in enumerate(models["primary_outcome_hierarchy"])}
    ranked = evidence.assign(
        domain=evidence["outcome_domain"].map(domains), recency=-evidence["timepoint_days"].fillna(-1)
    ).sort_values(["study_id", "domain", "recency", "order"])
    of_arm = defaultdict(list)
    for row, control in treated_and_control(ranked):
        of_arm[row["study_id"], row["arm"]].append((row, control))
    primary = _primary_effects(effects)
    rows = [_judge(of_arm[arm], primary.get(arm), rule) for arm in sorted(of_arm)]
    return frame_of(rows, EFFECT_DIRECTION)


def _primary_effects(effects: pd.DataFrame) -> dict[tuple[str, int], dict]:
    """By study and arm, the effect on the primary outcome, unless it is for sensitivity analyses only."""
    main = effects["primary"] & ~effects["derived"] & ~effects["estimated_moments"]
    fit = effects[main & effects["measure"].isin(_NAMES)]
    order = fit["measure"].map({measure: i for i, measure in enumerate(_NAMES)})
    chosen = fit.assign(choice=order).sort_values("choice").drop_duplicates(["study_id", "arm"])
    return {(effect["study_id"], effect["arm"]): effect for effect in chosen.to_dict("records")}


def _judge(outcomes: list[tuple[dict, dict | None]], effect: dict | None, rule: dict) -> dict:
    """One row of the table, from the arm's outcomes in the order of the hierarchy, each with its control.

    Judged is the outcome with the primary effect against a control, else the first with a p-value against
    the control, else the one with the primary effect, else the first.
    """
    with_effect = [
        pair for pair in outcomes if effect is not None and pair[0]["locator"] == effect["locator"]
    ]
    with_p_value = [pair for pair in outcomes if _has_p_value(pair[0], rule)]
    if with_effect and effect["effect_table"] == "controlled":
        judged, control = with_effect[0]
        verdict = _by_effect(effect, rule) | {"p_value": effect["p_value"], "p_value_from": "computed"}
        verdict |= {"p_value_is_bound": False, "n_control": effect["n_control"]}
    else:
        judged, control = [*with_p_value, *with_effect, *outcomes][0]
        verdict = _by_p_value(judged, control, rule) | _reported_p_value(judged)
        verdict["n_control"] = None if control is None or on_one_person(judged) else control["n"]
    authors = _authors_call(judged, [row for row, _ in outcomes])
    return {name: judged[name] for name in _COPIED} | verdict | {"authors_call": authors}


def _reported_p_value(judged: dict) -> dict:
    """The p-value that the source prints for this outcome against the control, if it does."""
    if not judged["controlled"] or judged["p_value_against"] != "control" or pd.isna(judged["p_value"]):
        return {}
    same = ("p_value", "p_value_is_bound")
    return {name: judged[name] for name in same} | {"p_value_from": "reported"}


def _by_effect(effect: dict, rule: dict) -> dict:
    estimate = effect["estimate"]
    proven = effect["p_value"] < rule["alpha"]
    call = ("effective" if estimate > 0 else "harmful") if proven else "not shown"
    interval = f"{estimate:.2f} ({effect['low']:.2f} to {effect['high']:.2f}; benefit above 0)"
    why = f"{_NAMES[effect['measure']]} {interval} against {effect['comparator']}: {effect['numbers']}"
    return {"direction": _direction(estimate), "call": call, "why": why}


def _by_p_value(judged: dict, control: dict | None, rule: dict) -> dict:
    direction = _direction(_difference(judged, control))
    if not judged["controlled"]:
        return {"direction": direction, "call": "not testable", "why": "no concurrent control"}
    if not _has_p_value(judged, rule):
        why = "controlled, but neither numbers nor a p-value against the control are reported"
        return {"direction": direction, "call": "not testable", "why": why}
    p, bound = judged["p_value"], judged["p_value_is_bound"]
    why = f"reported p {'<' if bound else '='} {p:.4g} against the control"
    if not _significant(judged, rule):
        return {"direction": direction, "call": "not shown", "why": why}
    if direction == "unclear" and judged["authors_call_effective"] == "yes":
        direction, why = "benefit", f"{why}; {DIRECTION_OF_AUTHORS}"
    calls = {"benefit": "effective", "harm": "harmful"}
    if direction not in calls:
        why = f"{why}; neither numbers nor the authors say in whose favour"
    return {"direction": direction, "call": calls.get(direction, "not testable"), "why": why}


def _has_p_value(row: dict, rule: dict) -> bool:
    """Whether a reported p-value against the control decides: known, or a bound that is low enough."""
    reported = rule["reported_p_values"] and row["controlled"] and row["p_value_against"] == "control"
    return bool(
        reported and pd.notna(row["p_value"]) and (not row["p_value_is_bound"] or _significant(row, rule))
    )


def _significant(row: dict, rule: dict) -> bool:
    return row["p_value"] <= rule["alpha"] if row["p_value_is_bound"] else row["p_value"] < rule["alpha"]


def _difference(row: dict, control: dict | None) -> float:
    """How much better than the control, or than before where the study has none; NaN where not reported.

    Numbers that were worked back say nothing here.
    """
    if row["derived"] or (control is not None and control["derived"]):
        return np.nan
    if row["controlled"]:
        reference = np.nan if control is None else _level(control)
    else:
        reference = 0.0 if row["change_from_baseline"] else row["baseline_mean"]
    return benefit_sign(row) * (_level(row) - reference)


def _level(row: dict) -> float:
    if row["kind"] == "binary":
        return (
            row["events"] / row["n"]
            if pd.notna(row["events"]) and pd.notna(row["n"]) and row["n"]
            else np.nan
        )
    return row["median"] if pd.isna(row["mean"]) else row["mean"]


def _direction(difference: float) -> str:
    if pd.isna(difference):
        return "unclear"
    return "benefit" if difference > 0 else "harm" if difference < 0 else "none"


def _authors_call(judged: dict, outcomes: list[dict]) -> str:
    """What the authors say of the outcome judged, else of the arm's other outcomes where they agree."""
    if judged["authors_call_effective"] != "unknown":
        return judged["authors_call_effective"]
    others = {row["authors_call_effective"] for row in outcomes} - {"unknown"}
    return others.pop() if len(others) == 1 else "unknown"
