"""Claims on dose and response: a narrow range of effective doses, and that the effect depends on the dose."""

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
from evdose.modelling.dose_groups import number_of
from evdose.modelling.tables import ALL, ESTIMATED, MAIN

_QUESTIONS = {
    "peak": "whether a peak is better supported than a flat or monotone curve",
    "width": "how wide a range around it would be",
    "concentration": "whether effective doses are more concentrated than tried ones",
}


def effective_range(claim: Claim, evidence: Evidence) -> Finding:
    """Is there a range of effective doses within a route, and is it narrow?

    Reproduced: in every route with a supported peak the width lies wholly within what config calls narrow. In
    part: a peak is supported but its width isn't settled, or over mixed routes only, or effective doses are
    only more concentrated than tried ones. Contradicted: every supported peak is wider. The estimate is the
    width, where one group of effects has it.
    """
    rows = evidence.effective_range[evidence.effective_range["sensitivity"] == MAIN]
    done = rows[rows["status"] == ESTIMATED]
    alpha, narrow = 1 - evidence.confidence, evidence.rules["narrow_width_log10"]
    peaks = done[(done["question"] == "peak") & (done["stratum"] != ALL)]
    shown = peaks[peaks["p_value"] <= alpha]
    rejected = done[done["p_value"] <= alpha]
    concentrated = rejected[rejected["question"] == "concentration"]
    could_reject = len(peaks) or (done["smallest_p"] <= alpha).any()
    if not could_reject:
        return Finding(NOT_TESTABLE, "; ".join(_unanswered(rows, question) for question in _QUESTIONS))
    widths = shown[["stratum", "measure", "outcome_domain"]].merge(done[done["question"] == "width"])
    within, beyond = (widths["high"] <= narrow).sum(), (widths["low"] > narrow).sum()
    if len(shown) and within == len(shown):
        verdict = REPRODUCED
    elif len(shown) and beyond == len(shown):
        verdict = CONTRADICTED
    else:
        verdict = IN_PART if len(rejected) else NOT_REPRODUCED
    why = (
        f"a peak is better supported than flat or monotone curves in {len(shown)} of {len(peaks)} groups of "
        f"effects by route that could show it; the range is within {narrow:g} log10 in {within} of these and "
        f"wider in {beyond}; effective doses are more concentrated than tried ones in {len(concentrated)} of "
        f"{(done['question'] == 'concentration').sum()} groups of trials"
    )
    only = widths.iloc[0] if len(widths) == 1 else dict.fromkeys(("estimate", "low", "high"), np.nan)
    return Finding(verdict, why, *(float(only[name]) for name in ("estimate", "low", "high")))


def dose_response(claim: Claim, evidence: Evidence) -> Finding:
    """Does the effect depend on the dose? Doses compared within trials tell; trials compared, in part."""
    alpha = 1 - evidence.confidence
    models = evidence.dose_response[evidence.dose_response["sensitivity"] == MAIN]
    slopes = models[(models["status"] == ESTIMATED) & models["p_value"].notna()]
    between = slopes[slopes["basis"] == "between_trials"]
    within = slopes[slopes["basis"] != "between_trials"]
    tests = evidence.mcp_mod[evidence.mcp_mod["status"] == ESTIMATED]
    trials = tests[tests["across"] == "trial"].groupby(["study_id", "outcome", "outcome_domain"])
    signal = (trials["statistic"].max() >= trials["critical_value"].first()).sum()
    of_doses = len(within) + trials.ngroups
    found = int((within["p_value"] <= alpha).sum() + signal)
    found_between = int((between["p_value"] <= alpha).sum())
    if of_doses + len(between) == 0:
        return Finding(NOT_TESTABLE, _no_response(models))
    verdict = REPRODUCED if found else IN_PART if found_between else NOT_REPRODUCED
    why = (
        f"the effect depends on dose in {found} of {of_doses} comparisons of doses within trials, and in "
        f"{found_between} of {len(between)} comparisons of trials, which are observational; not corrected "
        "for their number, and trials may allocate doses without randomisation"
    )
    return Finding(verdict, why)


def _unanswered(rows: pd.DataFrame, question: str) -> str:
    """Why a question can't be answered: by the group with most studies, all routes together before others."""
    asked = rows[rows["question"] == question]
    if asked.empty:
        return f"{_QUESTIONS[question]} can't be asked: no effects"
    ranked = asked.assign(apart=asked["stratum"] != ALL)
    best = ranked.sort_values(["studies", "apart"], ascending=[False, True], kind="stable").iloc[0]
    needs = f"; it needs {best['needs']}" if pd.notna(best["needs"]) else ""
    return f"{_QUESTIONS[question]} can't be told ({best['why']}{needs})"


def _no_response(models: pd.DataFrame) -> str:
    if models.empty:
        return "no study has a controlled effect at a dose known in particles"
    best = models.sort_values("studies", ascending=False, kind="stable").iloc[0]
    return (
        "no dose–response model can be estimated: at most "
        f"{number_of(best['studies'], 'study', 'studies')} with "
        f"{number_of(best['dose_levels'], 'dose')} in particles share a route, an outcome domain and a "
        f"measure; it needs {best['needs']}"
    )
