"""Every claim of the review put to the analysis that it names."""

from __future__ import annotations

import difflib

import pandas as pd

from evdose.errors import InputError, Problem
from evdose.modelling.claims import on_doses, on_response, on_trials
from evdose.modelling.claims.finding import NOT_TESTABLE, Evidence, Finding
from evdose.modelling.tables import CLAIM_VERDICTS
from evdose.tables import frame_of

ANALYSES = {
    analysis.__name__: analysis
    for analysis in (
        on_trials.trials_included,
        on_trials.registries,
        on_trials.registration_window,
        on_trials.top_routes,
        on_trials.route_by_condition,
        on_doses.inhaled_effective_dose,
        on_doses.route_shift,
        on_response.effective_range,
        on_trials.unit_heterogeneity,
        on_trials.ev_standardisation,
        on_response.dose_response,
        on_trials.scope,
    )
}
NOTHING = Finding(NOT_TESTABLE, "the scenario includes no trial")


def judge(evidence: Evidence) -> pd.DataFrame:
    """One row a claim: estimate, interval, verdict and one sentence made from the run's numbers.

    Raises:
        InputError: a claim names an analysis that evdose doesn't have.
    """
    claims = evidence.claims.sort_values("claim_id").to_dict("records")
    problems = [_unknown(claim) for claim in claims if claim["analysis"] not in ANALYSES]
    if problems:
        raise InputError(*problems)
    rows = []
    for claim in claims:
        finding = NOTHING if evidence.trials.empty else ANALYSES[claim["analysis"]](claim, evidence)
        stated = {name: claim[name] for name in ("claim_id", "statement", "analysis")}
        rows.append(stated | vars(finding) | {"why": _sentence(finding.why)})
    return frame_of(rows, CLAIM_VERDICTS)


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}."


def _unknown(claim: dict) -> Problem:
    near = difflib.get_close_matches(claim["analysis"], ANALYSES, n=1, cutoff=0)[0]
    remedy = f"did you mean '{near}'? Known: {', '.join(ANALYSES)}"
    place = f"{claim['locator']}/analysis"
    return Problem(claim["source_id"], f"unknown analysis '{claim['analysis']}'", remedy, place=place)
