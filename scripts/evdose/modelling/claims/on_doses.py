"""Claims on doses: which are effective, by which route, and in how narrow a range."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evdose.modelling.claims.finding import (
    CONTRADICTED,
    IN_PART,
    NOT_REPRODUCED,
    NOT_TESTABLE,
    REPRODUCED,
    Claim,
    Evidence,
    Finding,
)
from evdose.modelling.effective_range import ALL
from evdose.modelling.route_shift import EVERY_PRODUCT
from evdose.modelling.tables import ESTIMATED

INHALED = "respiratory"


def inhaled_effective_dose(claim: Claim, evidence: Evidence) -> Finding:
    """Do the inhaled doses found effective lie at the dose that the review names? In log10 particles."""
    claimed, tolerance = np.log10(float(claim["value"])), evidence.rules["dose_tolerance_log10"]
    tried = _trial_doses(evidence.arms[evidence.arms["stratum"] == INHALED])
    inhaled = evidence.judged[evidence.judged["stratum"] == INHALED]
    effective = _trial_doses(inhaled[inhaled["effective"]])
    seen = f"{len(tried)} included trials tried an inhaled dose known in particles"
    if len(tried):
        lowest, middle, highest = tried.quantile([0, 0.5, 1])
        seen += f", median 10^{middle:.1f} an administration (10^{lowest:.1f} to 10^{highest:.1f})"
    if effective.empty:
        direction = evidence.effect_direction
        called = direction[(direction["stratum"] == INHALED) & (direction["authors_call"] == "yes")]
        why = (
            f"{seen}; no inhaled dose is shown to be effective by the rule (inhaled trials that it could "
            f"judge: {inhaled['trial_id'].nunique()}; studies whose authors call inhalation effective: "
            f"{called['study_id'].nunique()}); controlled trials of inhaled doses with counts or means for "
            "each arm are needed"
        )
        return Finding(NOT_TESTABLE, why)
    near = int(((effective - claimed).abs() <= tolerance).sum())
    verdict = REPRODUCED if near == len(effective) else IN_PART if near else NOT_REPRODUCED
    why = (
        f"{seen}; {near} of {len(effective)} trials with an effective inhaled dose lie within "
        f"{tolerance:g} log10 of 10^{claimed:g}, their median is 10^{effective.median():.1f}"
    )
    return Finding(verdict, why, effective.median())


def route_shift(claim: Claim, evidence: Evidence) -> Finding:
    """Is the effective inhaled dose below the effective intravenous one? Doses merely tried don't tell."""
    table = evidence.route_shift
    compared = (table["stratum_a"] == INHALED) & (table["stratum_b"] == "intravenous")
    rows = table[compared & (table["axis"] == "per_administration")]
    whole = rows[rows["without_product"] == EVERY_PRODUCT].set_index("arms")
    effective, tried = whole.loc["effective"], whole.loc["all"]
    seen = f"effective doses: {_shift_in_words(effective)}; doses tried: {_shift_in_words(tried)}"
    seen += _products_that_carry(rows[rows["arms"] == "all"])
    if effective["status"] != ESTIMATED:
        return Finding(NOT_TESTABLE, f"{seen}; doses tried say nothing of doses needed")
    if effective["smallest_p"] > 1 - evidence.confidence:
        return Finding(NOT_TESTABLE, f"{seen}; can't reject at this size")
    low, high = effective["low"], effective["high"]
    if high < 0:
        verdict = REPRODUCED
    elif low > 0:
        verdict = CONTRADICTED
    else:
        verdict = IN_PART if effective["shift"] < 0 else NOT_REPRODUCED
    return Finding(verdict, seen, effective["shift"], low, high)


def effective_range(claim: Claim, evidence: Evidence) -> Finding:
    """Are effective doses more concentrated than tried ones within routes? Routes together only in part."""
    table = evidence.effective_range.set_index("stratum")
    alpha = 1 - evidence.confidence
    can_reject = table[(table["status"] == ESTIMATED) & (table["smallest_p"] <= alpha)]
    together = table.loc[ALL]
    if can_reject.empty:
        return Finding(NOT_TESTABLE, f"all routes together: {together['why']}; no single route allows it")
    concentrated = can_reject[can_reject["p_value"] <= alpha]
    routes = [stratum for stratum in can_reject.index if stratum != ALL]
    found = [stratum for stratum in concentrated.index if stratum != ALL]
    if routes and len(found) == len(routes):
        verdict = REPRODUCED
    else:
        verdict = IN_PART if len(concentrated) else NOT_REPRODUCED
    why = (
        f"effective doses are more concentrated than tried ones in {len(found)} of {len(routes)} routes that "
        f"could show it; all routes together: spread {together['spread_effective']:.2f} of effective against "
        f"{together['spread_tried']:.2f} log10 of tried doses, p {together['p_value']:.2g}"
    )
    return Finding(verdict, why, together["spread_effective"])


def dose_response(claim: Claim, evidence: Evidence) -> Finding:
    """How many studies could show how the effect depends on dose; importance itself is no finding."""
    effects = evidence.effects
    dosed = effects[
        (effects["effect_table"] == "controlled") & effects["primary"] & effects["particles_log10"].notna()
    ]
    levels = dosed.groupby("study_id")["particles_log10"].nunique()
    why = (
        f"{len(levels)} studies have a controlled primary effect at a dose known in particles, "
        f"{int((levels > 1).sum())} of them at two doses or more; a dose–response relation needs several "
        "doses of one product by one route in one trial, and that it is critical is a judgement"
    )
    return Finding(NOT_TESTABLE, why)


def _trial_doses(arms: pd.DataFrame) -> pd.Series:
    return arms[arms["per_administration"].notna()].groupby("trial_id")["per_administration"].median()


def _products_that_carry(rows: pd.DataFrame) -> str:
    """Product lines without which a shift that differs from none can't be told from none, or not at all."""
    differs = (rows["low"] > 0) | (rows["high"] < 0)
    every = rows["without_product"] == EVERY_PRODUCT
    carriers = rows.loc[~differs & ~every, "without_product"]
    if not differs[every].any() or carriers.empty:
        return ""
    return f", a difference that is lost without {' or without '.join(carriers)}"


def _shift_in_words(row: pd.Series) -> str:
    if row["status"] != ESTIMATED:
        return row["why"]
    interval = (
        "no interval at this size" if np.isnan(row["low"]) else f"{row['low']:.2f} to {row['high']:.2f}"
    )
    return (
        f"inhaled minus intravenous {row['shift']:+.2f} log10 particles an administration ({interval}; "
        f"p {row['p_value']:.2g}, {row['trials_a']} and {row['trials_b']} trials)"
    )
