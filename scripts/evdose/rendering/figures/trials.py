"""What the landscape figures count: included trials, the arms that were given vesicles, and their doses."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evdose.records.tables import REGISTRATION
from evdose.rendering import scope
from evdose.rendering.figures.record import Tables

_NORMAL_95 = 1.959963984540054


def included_trials(tables: Tables) -> pd.DataFrame:
    """Rows of trials that the scenario includes."""
    trials = tables["trials"]
    included = trials["trial_id"].isin(scope.included_trials(tables["screening"]))
    return trials[included].sort_values("trial_id", ignore_index=True)


def given_arms(tables: Tables) -> pd.DataFrame:
    """One row an experimental arm of an included trial: trial_id, arm, label, stratum, enrollment."""
    arms, routes = tables["arms"], tables["routes"]
    given = arms[(arms["role"] == "experimental") & (arms["record_kind"] == REGISTRATION)]
    strata = routes.drop_duplicates(["trial_id", "arm"])[["trial_id", "arm", "arm_stratum"]]
    return (
        given[["trial_id", "arm", "label"]]
        .merge(included_trials(tables)[["trial_id", "enrollment"]], on="trial_id")
        .merge(strata.rename(columns={"arm_stratum": "stratum"}), on=["trial_id", "arm"])
        .sort_values(["trial_id", "arm"], ignore_index=True)
    )


def trial_strata(tables: Tables) -> pd.DataFrame:
    """One row an included trial that gives vesicles in an arm: trial_id, stratum, condition_group."""
    strata = tables["routes"].drop_duplicates("trial_id")[["trial_id", "record_stratum"]]
    trials = included_trials(tables)[["trial_id", "condition_group"]]
    return strata.rename(columns={"record_stratum": "stratum"}).merge(trials, on="trial_id")


def arm_doses(doses: pd.DataFrame) -> pd.DataFrame:
    """Dose of each arm in log10 particles per administration.

    Columns: trial_id, arm, low, high, middle, known, missing.

    ``middle`` is halfway between an arm's lowest and highest level; ``low`` and ``high`` span its levels, a
    stated range, and 95% of what a conversion leaves open. ``known`` says how the weakest of its levels is
    known: stated, converted or inferred. Where there is no dose in particles these are empty and ``missing``
    says what there is: nothing, an ambiguous text, or another unit.
    """
    stated = doses["unit"].eq("particle") & doses["per_administration_low"].gt(0)
    middle, spread = doses["particles_log10"], _NORMAL_95 * doses["particles_log10_sd"].fillna(0)
    low = np.log10(doses["per_administration_low"].where(stated)).fillna(middle - spread)
    high = np.log10(doses["per_administration_high"].where(stated)).fillna(middle + spread)
    usable = doses["status"].isin(["exact", "inferred"]) & doses["particles_via"].ne("none") & middle.notna()
    weakness = np.where(
        doses["status"] == "inferred", 2, np.where(doses["particles_via"] == "converted", 1, 0)
    )
    unusable = np.select([doses["status"] == "not_reported", doses["status"] == "ambiguous"], [0, 1], 2)
    levels = doses[["trial_id", "arm"]].assign(
        middle=middle.where(usable),
        low=np.minimum(low, middle).where(usable),
        high=np.maximum(high, middle).where(usable),
        weakness=np.where(usable, weakness, -1),
        unusable=unusable,
    )
    arms = levels.groupby(["trial_id", "arm"], as_index=False).agg(
        lowest=("middle", "min"),
        highest=("middle", "max"),
        low=("low", "min"),
        high=("high", "max"),
        weakness=("weakness", "max"),
        unusable=("unusable", "max"),
    )
    in_particles = arms["lowest"].notna()
    known = arms["weakness"].map({0: "stated", 1: "converted", 2: "inferred"})
    missing = arms["unusable"].map({0: "not reported", 1: "ambiguous", 2: "in another unit"})
    return arms[["trial_id", "arm", "low", "high"]].assign(
        middle=(arms["lowest"] + arms["highest"]) / 2, known=known, missing=missing.where(~in_particles)
    )
