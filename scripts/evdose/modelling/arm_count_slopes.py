"""Slope over dose of event counts of arms: logistic regression on studies with several doses by one route.

An event is the better outcome of a participant, so that a slope above 0 is benefit. Studies without a control
count too; control arms have no log dose and don't enter.
"""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from evdose.modelling.dose_groups import number_of
from evdose.modelling.estimators.arm_counts import arm_slope
from evdose.modelling.estimators.dose_contrasts import DOSE_DECIMALS
from evdose.modelling.tables import ALL, ESTIMATED, MAIN, NOT_ESTIMABLE
from evdose.records.tables import OUTCOME_DOMAINS

_NEEDS = (
    "1 study with counts of a primary efficacy outcome in arms of 2 or more doses in particles by one route, "
    "with the better and the worse outcome both seen"
)


def arm_count_rows(effects: pd.DataFrame, strata: Iterable[str], confidence: float) -> list[dict]:
    """Rows of table DOSE_RESPONSE (basis ``arm_counts``) of table EFFECTS, for 'all' or route ``strata``."""
    arms = _arms(effects)
    rows = []
    for stratum in strata:
        here = arms if stratum == ALL else arms[arms["stratum"] == stratum]
        found = []
        for domain in OUTCOME_DOMAINS:
            wide = here[here["outcome_domain"] == domain]
            main = wide[~wide["derived"].astype(bool)]
            if len(main):
                found.append(_row(stratum, domain, MAIN, main, confidence))
            if len(wide) > len(main):
                found.append(_row(stratum, domain, "derived_counts", wide, confidence))
        if not any(row["sensitivity"] == MAIN for row in found):
            found.insert(0, _row(stratum, None, MAIN, here.iloc[:0], confidence))
        rows += found
    return rows


def _arms(effects: pd.DataFrame) -> pd.DataFrame:
    """Active arms with counts of their study's primary outcome and a dose, one row an arm."""
    counted = effects[["events_treated", "n_treated", "particles_log10"]].notna().all(axis=1)
    arms = effects[(effects["primary"] & counted).astype(bool)]
    return arms.sort_values(["study_id", "arm", "derived", "locator"]).drop_duplicates(["study_id", "arm"])


def _row(stratum: str, domain: str | None, sensitivity: str, arms: pd.DataFrame, confidence: float) -> dict:
    row = {
        "basis": "arm_counts",
        "stratum": stratum,
        "measure": None if domain is None else "log_odds_ratio",
        "outcome_domain": domain,
        "sensitivity": sensitivity,
        "shape": "linear",
        "studies": arms["study_id"].nunique(),
        "arms": len(arms),
        "dose_levels": arms["particles_log10"].round(DOSE_DECIMALS).nunique(),
        "outcomes": arms["outcome"].nunique(),
        "status": NOT_ESTIMABLE,
    }
    if arms.empty:
        why = "no study with counts of a primary efficacy outcome in an arm with a dose in particles"
        return row | {"why": why, "needs": _NEEDS}
    compared = pd.factorize(arms["study_id"] + "/" + arms["stratum"])[0]
    counts = (arms[name].to_numpy(float) for name in ("events_treated", "n_treated", "particles_log10"))
    counted = f"{number_of(row['studies'], 'study', 'studies')} with {number_of(row['arms'], 'arm')}"
    try:
        found = arm_slope(*counts, compared, confidence)
    except ValueError as error:
        return row | {"why": f"{counted}: {error}", "needs": _NEEDS}
    method = (
        "Firth's penalised likelihood, as doses separate the outcomes"
        if found.separated
        else "maximum likelihood"
    )
    compares = number_of(
        found.studies, "comparison of doses within a study", "comparisons of doses within studies"
    )
    return row | {
        "parameters": found.studies + 1,
        "coefficients": f"slope {found.slope:.4g} ({found.low:.4g} to {found.high:.4g})",
        "slope": found.slope,
        "low": found.low,
        "high": found.high,
        "p_value": found.p_value,
        "status": ESTIMATED,
        "why": f"{compares}, of {counted}: logistic regression with a level for each, {method}; interval by "
        "profile likelihood; one slope for all, no variance between studies",
    }
