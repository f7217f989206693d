"""What each conversion carries: who uses it, and how far the dose landscape moves without it.

A main conversion is left out of the landscape of the main analyses, one at a time. What is assumed in
sensitivity analysis only is left out, one at a time, of a wider landscape: all assumptions together, for the
arms that have no dose in particles otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import pandas as pd

from evdose.dosing.tables import STRATA
from evdose.modelling.landscape import KNOWN, arm_particles, tried_arms
from evdose.modelling.tables import CONVERSION_USE
from evdose.records.tables import PUBLICATION
from evdose.tables import frame_of

_ARM = ["trial_id", "arm"]
_GAINED = ["particles_log10", "particles_log10_sd"]


def conversion_use(
    conversions: pd.DataFrame,
    doses: pd.DataFrame,
    assumed: pd.DataFrame,
    scope: tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame],
    studies: pd.DataFrame,
) -> pd.DataFrame:
    """The table ``conversion_use``; ``assumed`` is the table dose_sensitivity.

    ``scope``: the included trials, and the tables arms and routes.
    """
    included, arms, routes = scope

    def landscape(of: pd.DataFrame) -> pd.DataFrame:
        return tried_arms(included, arms, of, routes)

    stated = doses.assign(rests_on=doses["conversion_id"])
    wider = with_assumptions(stated, assumed)
    main, sensitivity = ((some, landscape(some)) for some in (stated, wider))
    used = studies.loc[studies["used"], "study_id"]
    rows = [
        {"conversion_id": one.conversion_id, "use": one.use}
        | _moved(one.conversion_id, *(sensitivity if one.use == "sensitivity" else main), landscape, used)
        for one in conversions.itertuples(index=False)
    ]
    return frame_of(rows, CONVERSION_USE)


def with_assumptions(doses: pd.DataFrame, assumed: pd.DataFrame) -> pd.DataFrame:
    """``doses`` with what is assumed filled in, and named in ``rests_on``, where the arm lacks particles."""
    known = arm_particles(doses).dropna(subset="per_administration")[_ARM]
    lacking = assumed.merge(known.assign(known=True), on=_ARM, how="left").query("known.isna()")
    level = [*_ARM, "level"]
    gained = lacking[[*level, *_GAINED, "assumption_id"]]
    filled = doses.merge(gained, on=level, how="left", suffixes=("", "_assumed"))
    gains = filled["assumption_id"].notna()
    return filled.assign(
        **{name: filled[name].mask(gains, filled[f"{name}_assumed"]) for name in _GAINED},
        particles_via=filled["particles_via"].mask(gains, "converted"),
        rests_on=filled["rests_on"].mask(gains, filled["assumption_id"]),
    )


def _moved(
    conversion_id: str,
    doses: pd.DataFrame,
    before: pd.DataFrame,
    landscape: Callable[[pd.DataFrame], pd.DataFrame],
    used_studies: pd.Series,
) -> dict:
    """Who uses a conversion; the landscape of ``doses``, which is ``before``, with and without it."""
    resting = doses["rests_on"].fillna("").str.split("; ").map(lambda ids: conversion_id in ids)
    users = doses[resting & doses["status"].isin(KNOWN)]
    of_studies = users["record_kind"].eq(PUBLICATION) & users["trial_id"].isin(used_studies)
    moving = before.merge(users[_ARM].drop_duplicates(), on=_ARM)
    after = before if moving.empty else landscape(doses[~resting])
    strata = [stratum for stratum in STRATA if stratum in set(moving["stratum"])]
    shift, where = _largest_shift(before, after, strata)
    return {
        "trials": moving["trial_id"].nunique(),
        "arms": len(moving),
        "trial_ids": _listed(moving["trial_id"]),
        "study_ids": _listed(users.loc[of_studies, "trial_id"]),
        "arms_with": before["per_administration"].notna().sum(),
        "arms_without": after["per_administration"].notna().sum(),
        "medians_with": _medians_in_words(before, strata),
        "medians_without": _medians_in_words(after, strata),
        "largest_shift": shift,
        "largest_shift_stratum": where,
    }


def _largest_shift(before: pd.DataFrame, after: pd.DataFrame, strata: list[str]) -> tuple[float, str | None]:
    """Largest change of a stratum's median; NaN where no stratum that uses the conversion keeps an arm."""
    if not strata:
        return 0.0, None
    shifts = (_medians(before) - _medians(after)).reindex(strata).dropna()
    if shifts.empty:
        return math.nan, None
    where = shifts.abs().idxmax()
    return shifts[where], where


def _medians(arms: pd.DataFrame) -> pd.Series:
    return arms.groupby("stratum")["per_administration"].median()


def _medians_in_words(arms: pd.DataFrame, strata: list[str]) -> str | None:
    """``intravenous 11.75 (14 arms)`` for each of ``strata``, '; '-separated."""
    of_stratum = arms.groupby("stratum")["per_administration"].agg(["median", "count"])
    said = [
        f"{stratum} {median:.2f} ({count:.0f} {'arm' if count == 1 else 'arms'})"
        if count
        else f"{stratum} no arm"
        for stratum, median, count in of_stratum.reindex(strata).itertuples()
    ]
    return "; ".join(said) or None


def _listed(records: pd.Series) -> str | None:
    return "; ".join(sorted(set(records))) or None
