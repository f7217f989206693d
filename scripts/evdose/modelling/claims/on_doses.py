"""Claims on doses: which are effective when inhaled, and whether they are lower than others."""

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
