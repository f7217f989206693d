"""A tiny made-up release, small enough to know every answer: two registrations, one study, two scenarios."""

from __future__ import annotations

import pandas as pd

from evdose.rendering.catalogue import MODELLED, SHARED
from evdose.rendering.report import Scenario
from evdose.rendering.scope import scoped
from evdose.tables import frame_of

HOSTILE = '<script>window.ran = 1</script><img src=x onerror="window.ran = 2">\'"&'
TRIAL, LEFT_OUT, STUDY = "NCT00000001", "NCT00000002", "Zhu2022"
_SEED, _STUDY_FILE = f"seeds/trials/{TRIAL}.yaml", f"seeds/outcomes/{STUDY}.yaml"
_PLACE = {"source_id": _STUDY_FILE, "locator": "/outcomes/0"}
_DOSE = {"administrations": 5.0, "administrations_status": "exact", "schedule_rule": "daily-for-days"}
_DOSE |= {"low": 2e8, "high": 2e8, "unit": "particle", "substance": "particles", "per": "administration"}
_DOSE |= {"particles_log10": 8.30103, "particles_log10_sd": 0.0, "cumulative_particles_log10": 9.0}
_DOSE |= {"level": 1, "curated": False}
_ROUTE = {"number": 1, "route": "inhalation", "ncit_code": "C38216", "stratum": "respiratory"}
_ROUTE |= {"arm_stratum": "respiratory", "record_stratum": "respiratory", "status": "mapped"}
DRAWING = """<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
 width="400pt" height="200pt" viewBox="0 0 400 200">
<defs><style>*{{fill: red}}</style><clipPath id="p1"><rect width="400" height="200"/></clipPath>
<path id="m1" d="M 0 -9 L 9 9 L -9 9 z"/></defs><g id="arm:{trial}:1" clip-path="url(#p1)">
<use xlink:href="#m1" x="200" y="100"/></g><text x="20" y="40">Doses</text></svg>"""


def shared_tables(words: str = "") -> dict[str, pd.DataFrame]:
    """The shared tables; ``words`` go into titles, labels, texts and notes."""
    trial = {"registered": True, "registry": "ClinicalTrials.gov", "first_posted_status": "inferred"}
    trial |= {"condition_group": "lung", "ev_class": "extracellular_vesicle", "cell_source_group": "adipose"}
    trial |= {"msc_derived": "yes", "first_posted": "2020-02-19", "enrollment": 24, "source_id": _SEED}
    rows = {
        "trials": [
            trial
            | {"trial_id": TRIAL, "title": f"Inhaled exosomes {words}", "enrollment_type": "ACTUAL"}
            | {"first_posted_low": "2020-02-17", "first_posted_high": "2020-02-21", "notes": words or None}
            | {"publications": "10.1186/s13287-022-02900-5; PMID 35619189; javascript:alert(1)"}
            | {"sources": f"record, 2020; status <https://clinicaltrials.gov/study/{TRIAL}>; letter"},
            trial | {"trial_id": LEFT_OUT, "title": "Platelets"},
        ],
        "arms": [
            _arm(TRIAL, 1, "registration", words)
            | {"dose_text": f"give 2.0*10E8 nano vesicles/3 ml {words}", "schedule_text": "5 times"}
            | {
                "route_text": "aerosol inhalation",
                "dose_flag": "inferred",
                "flag_note": "the power may be a slip",
            },
            _arm(TRIAL, 2, "registration", words) | {"role": "placebo"},
            _arm(TRIAL, 3, "registration", words) | {"dose_text": "one tube"},
            _arm(STUDY, 1, "publication", words) | {"dose_text": "2.0 x 10^8 nano vesicles"},
        ],
        "doses": [
            _of_arm(TRIAL, 1, "registration")
            | _DOSE
            | {"status": "inferred", "particles_via": "stated", "fragment": "2.0*10E8 nano vesicles"}
            | {"locator": "/arms/0/dose"},
            _of_arm(TRIAL, 3, "registration")
            | {"level": 1, "status": "ambiguous", "particles_via": "none", "curated": False}
            | {"administrations_status": "not_reported", "why": "no quantity", "locator": "/arms/2/dose"},
            _of_arm(STUDY, 1, "publication")
            | _DOSE
            | {"status": "exact", "particles_via": "stated", "fragment": "2.0 x 10^8 nano vesicles"}
            | {"locator": "/arms/0/dose"},
        ],
        "routes": [
            _of_arm(TRIAL, 1, "registration")
            | _ROUTE
            | {"locator": "/arms/0/route", "fragment": "inhalation"},
            _of_arm(TRIAL, 3, "registration") | _ROUTE | {"locator": "/arms/2/label"},
            _of_arm(STUDY, 1, "publication") | _ROUTE | {"locator": "/arms/0/route"},
        ],
        "outcomes": [
            _PLACE
            | {"study_id": STUDY, "trial_id": TRIAL, "condition": "pneumonia", "msc_derived": "yes", "arm": 1}
            | {"n": 7, "outcome": "adverse events", "outcome_domain": "adverse event", "kind": "binary"}
            | {"events": 0, "change_from_baseline": False, "direction": "lower is better", "derived": False}
            | {"authors_call_effective": "unknown", "source_url": "https://example.org/a?b=1&c=2"}
            | {"doi": "10.1186/s13287-022-02900-5", "notes": words or None}
        ],
        "conflicts": [
            {"trial_id": "NCT99999999", "field": "phase", "source_id": "elsewhere", "locator": "/"},
            {"trial_id": TRIAL, "field": "status", "value": "COMPLETED", "other_value": "UNKNOWN"}
            | {"other_source": "a mirror", "source_id": _SEED, "locator": "/conflicts/0"},
        ],
        "registration_date_check": [
            {"year": year, "n": n, "median_error_days": error, "covered": 0.97}
            for year, n, error in (
                ("2019", 40, 1.0),
                ("2020", 9, 12.0),
                ("2021", 200, 2.5),
                ("all", 249, None),
            )
        ],
    }
    return {name: frame_of(rows.get(name, []), schema) for name, schema in SHARED.items()}


def scenario_tables(shared: dict[str, pd.DataFrame], words: str = "") -> dict[str, pd.DataFrame]:
    """The tables of a scenario that includes one of the two registrations."""
    reached = {"study_id": STUDY, "trial_id": TRIAL, "arm": 1, "stratum": "respiratory"} | _PLACE
    reached |= {"label": f"exosomes {words}", "particles_log10": 8.30103}
    rows = {
        "screening": [
            {"record_id": TRIAL, "decision": "included", "reason": "meets all criteria", "rule": "all"},
            {"record_id": LEFT_OUT, "decision": "excluded", "reason": "not from MSC", "rule": "msc"},
        ],
        "studies": [
            {"study_id": STUDY, "trial_id": TRIAL, "used": True, "reason": "trial included"}
            | {"source_id": _STUDY_FILE},
        ],
        "prisma": [
            {"box": box, "line": "total", "n": n}
            for box, n in (("identified", 2), ("screened", 2), ("assessed", 2), ("included", 1))
        ],
        "effect_direction": [
            reached
            | {"outcome": "oxygenation", "outcome_domain": "lab", "controlled": False, "direction": "benefit"}
            | {"call": "not testable", "authors_call": "yes", "why": "no concurrent control"}
        ],
        "effects": [
            reached
            | {"effect_id": "e1", "effect_table": "proportion", "measure": "proportion", "outcome": "safe"}
            | {"outcome_domain": "adverse event", "primary": False, "estimate": 0.0, "low": 0.0, "high": 0.41}
            | {"numbers": "0 of 7", "equation": "x/n", "n_treated": 7}
            | {"derived": False, "estimated_moments": False}
        ],
        "claims": [
            {"claim_id": "W01", "statement": "66 trials", "analysis": "trials_included", "estimate": 1.0}
            | {"verdict": "not reproduced", "why": f"1 trial is included {words}"},
            {
                "claim_id": "W06",
                "statement": "Inhaled doses near 10^8 work",
                "analysis": "inhaled_effective_dose",
            }
            | {"verdict": "not testable", "why": "no inhaled dose has a control"},
        ],
        "tried_arms": [
            {"trial_id": TRIAL, "arm": 1, "stratum": "respiratory", "per_administration": 8.30103},
            {"trial_id": TRIAL, "arm": 3, "stratum": "respiratory", "product_line": words or None},
        ],
        "effective_range": [
            range_row(question, stratum)
            for stratum in ("all", "respiratory")
            for question in ("peak", "width", "concentration")
        ],
        "power": [power_row("respiratory", status="not_estimable", arms=1, simulations=0, power=None)],
    }
    own = {name: frame_of(rows.get(name, []), schema) for name, schema in MODELLED.items()}
    return own | scoped(shared | own)


def range_row(question: str, stratum: str, **values: object) -> dict:
    """A row of effective_range that can't be estimated, or what ``values`` make of it."""
    row = {"question": question, "stratum": stratum, "sensitivity": "main", "status": "not_estimable"}
    row |= {"studies": 1, "arms": 1, "dose_levels": 1, "outcomes": 1}
    if question == "concentration":
        row |= {"effective": 0, "not_effective": 1, "needs": "5 more effective trials"}
        return row | {"why": "0 effective and 1 not shown to be; the test needs 5 of each"} | values
    row |= {"measure": "hedges_g", "outcome_domain": "pain", "needs": "5 more studies (pain, hedges_g)"}
    return row | {"why": "1 study with 1 arm at 1 dose (1 outcome); a peak needs 6 studies"} | values


def power_row(stratum: str, **values: object) -> dict:
    """A row of power as simulated, or what ``values`` make of it."""
    row = {"stratum": stratum, "width": 0.5, "height": 0.8, "arms": 17, "at_hand": True, "power": 0.52}
    row |= {"low": 0.48, "high": 0.56, "simulations": 600, "target": 0.8, "arms_needed": None}
    return row | {"status": "estimated", "why": "1 arm at 1 dose; doses 10^8.3 to 10^10"} | values


def scenarios(shared: dict[str, pd.DataFrame], words: str = "") -> list[Scenario]:
    """Two scenarios over the same tables, each with one figure."""
    figure = {"figure": "dose_landscape", "title": "Doses by route", "caption": f"1 arm {words}", "n": 1}
    figure |= {"alt": f"One dot at 2×10⁸ {words}", "question": "By which route and dose?"}
    drawings = {"dose_landscape": DRAWING.format(trial=TRIAL)}
    return [
        Scenario(name, title, scenario_tables(shared, words), [figure], drawings)
        for name, title in (("review_scope", "The review's scope"), ("update", f"Everything {words}".strip()))
    ]


def _of_arm(record: str, arm: int, kind: str) -> dict:
    return {"trial_id": record, "arm": arm, "record_kind": kind, "source_id": _SEED}


def _arm(record: str, arm: int, kind: str, words: str) -> dict:
    own = {"label": f"exosomes {words}", "role": "experimental", "n": 7, "locator": f"/arms/{arm - 1}"}
    return _of_arm(record, arm, kind) | own
