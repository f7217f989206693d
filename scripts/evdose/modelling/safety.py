"""Safety by dose: participants with an event in each arm, with exact intervals, and trends within a study.

Events of different names count the same participants: they are never added up, and each is tested alone, with
no correction for their number. Dose-limiting toxicities are told by their name, as sources report them among
adverse or serious adverse events.
"""

from __future__ import annotations

import pandas as pd

from evdose.modelling.estimators.exact import clopper_pearson, exact_trend_is_feasible, trend_test
from evdose.modelling.evidence import SAFETY_DOMAINS
from evdose.modelling.tables import ESTIMATED, NOT_ESTIMABLE, SAFETY
from evdose.tables import frame_of

_SAME_OUTCOME = ["study_id", "outcome", "outcome_domain", "timepoint_days"]
_OF_ARM = (
    *("study_id", "trial_id", "arm", "label", "role", "stratum", "outcome", "outcome_domain"),
    *("dose_limiting", "timepoint_days", "particles_log10", "events", "n", "source_id", "locator"),
)
_OF_STUDY = (
    *("study_id", "trial_id", "outcome", "outcome_domain", "dose_limiting", "timepoint_days"),
    *("source_id", "locator"),
)
_DOSE_LIMITING = r"\bdose[- ‐‑–]limiting\b|\bDLTs?\b"
_NOT_PEOPLE = "more counted than participants, so not independent"


def safety_by_dose(evidence: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Table SAFETY of evidence rows (``evidence.with_arms``): every arm, control arms too, then the trends.

    Counts that were worked back are left out.
    """
    counted = evidence[
        evidence["outcome_domain"].isin(SAFETY_DOMAINS) & evidence["kind"].eq("binary") & ~evidence["derived"]
    ]
    by_name = counted["outcome"].str.contains(_DOSE_LIMITING, case=False, regex=True).astype(bool)
    # Lesions, eyes or occurrences: not independent, so that no binomial holds.
    more_than_people = counted["n"].gt(counted["arm_n"]).fillna(False).astype(bool)
    counted = counted.assign(dose_limiting=by_name, more_than_people=more_than_people)
    rows = [_arm_row(row, confidence) for row in counted.to_dict("records")]
    treated = counted[counted["role"] == "experimental"]
    several = treated[treated["treated_arms"] > 1]
    by_outcome = several.groupby(_SAME_OUTCOME, dropna=False, sort=False)
    rows += [_trend_row(arms, confidence) for _, arms in by_outcome]
    return frame_of(rows, SAFETY)


def _arm_row(arm: dict, confidence: float) -> dict:
    row = {name: arm[name] for name in _OF_ARM} | {"kind": "arm"}
    lacking = " and ".join(name for name in ("events", "n") if pd.isna(arm[name]))
    if lacking or arm["n"] == 0:
        why = f"{lacking} not reported" if lacking else "no participants"
        return row | {"status": NOT_ESTIMABLE, "why": why}
    if arm["more_than_people"]:
        return row | {"status": NOT_ESTIMABLE, "why": f"{_NOT_PEOPLE}; {arm['arm_n']} in the arm"}
    events, n = int(arm["events"]), int(arm["n"])
    low, high = clopper_pearson(events, n, confidence)
    return row | {"proportion": events / n, "low": low, "high": high, "status": ESTIMATED}


def _trend_row(arms: pd.DataFrame, confidence: float) -> dict:
    """Trend over the treated arms of one study; control arms have no place on a log dose."""
    levels = arms["particles_log10"].dropna().round(6).nunique()
    strata = arms["stratum"].unique()
    row = {name: arms[name].iloc[0] for name in _OF_STUDY} | {
        "kind": "trend",
        "stratum": strata[0] if len(strata) == 1 else "several",
        "levels": levels,
        "events": arms["events"].sum(min_count=len(arms)),
        "n": arms["n"].sum(min_count=len(arms)),
        "status": NOT_ESTIMABLE,
    }
    lack = _what_a_trend_lacks(arms, levels)
    if lack:
        return row | {"why": lack}
    test = trend_test(arms["events"].to_numpy(int), arms["n"].to_numpy(int), arms["particles_log10"])
    limit = "; can't reject at this size" if test.smallest_p > 1 - confidence else ""
    why = f"exact Cochran–Armitage trend over {levels} doses, scores log10 particles; {_lean(arms)}{limit}"
    return row | {"p_value": test.p_value, "smallest_p": test.smallest_p, "status": ESTIMATED, "why": why}


def _lean(arms: pd.DataFrame) -> str:
    """Which way the events lean, whether or not by more than chance."""
    expected = arms["n"] * (arms["events"].sum() / arms["n"].sum())
    lean = round(float(((arms["events"] - expected) * arms["particles_log10"]).sum()), 9)
    return f"events lean to {'higher' if lean > 0 else 'lower'} doses" if lean else "events lean to no side"


def _what_a_trend_lacks(arms: pd.DataFrame, levels: int) -> str | None:
    """The first thing that keeps these arms from showing a trend."""
    reporting, of_study = len(arms), arms["treated_arms"].iloc[0]
    lacks = {
        f"{reporting} of {of_study} treated arms report it; a trend needs all": reporting < of_study,
        "events or participants not reported in every arm": arms[["events", "n"]].isna().any(axis=None),
        _NOT_PEOPLE: arms["more_than_people"].any(),
        "the dose in particles isn't known in every arm": arms["particles_log10"].isna().any(),
        "the treated arms differ in route": arms["stratum"].nunique() > 1,
        "the treated arms have the same dose": levels < 2,
        "no events: no trend can be seen": arms["events"].eq(0).all(),
        "everyone had the event: no trend can be seen": arms["events"].eq(arms["n"]).all(),
    }
    if not any(lacks.values()) and not exact_trend_is_feasible(arms["n"], int(arms["events"].sum())):
        return "too many participants for the exact test"
    return next((lack for lack, holds in lacks.items() if holds), None)
